"""`plantroom report`: papers made from what the store holds, with the agent running or not."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from agent.cli.exits import Exit, leave
from agent.cli.options import Config, Json
from agent.cli.output import print_json, print_table
from agent.core.errors import ConfigurationError, StoreError

app = typer.Typer(
    name="report", help="Make papers from what the store holds.", no_args_is_help=True, add_completion=False
)
NAME = "acceptance"


@app.callback()
def report() -> None:
    """Make papers from what the store holds."""


@app.command()
def acceptance(
    config: Config,
    file: Annotated[Path, typer.Option("--file", "-f", help="the acceptance file", dir_okay=False)],
    out: Annotated[Path, typer.Option("--out", "-o", help="folder the papers are put in", file_okay=False)],
    json: Json = False,
) -> None:
    """Judge a lighting retrofit: saving with its uncertainty, light in every group, communication of every group.

    Writes acceptance.html, acceptance.pdf and acceptance.csv, in which every figure leads back to its samples. Exit code 1 when it
    is no PASS.
    """
    from agent.cli.acceptance_file import read_acceptance
    from agent.cli.acceptance_found import find
    from agent.config.load import load_site
    from agent.plugins import find_catalogue

    try:
        site = load_site(config, find_catalogue())
        wanted = read_acceptance(file, site)
        if not Path(site.store.path).is_file():
            leave(Exit.BAD_INPUT, f"there is no store {site.store.path}: nothing has been recorded yet")
        found = find(site, wanted)
        written = _write(site, wanted, found, out)
    except ConfigurationError as error:
        leave(Exit.BAD_INPUT, str(error))
    except StoreError as error:
        leave(Exit.FAILED, str(error))
    except OSError as error:
        leave(Exit.FAILED, f"the report cannot be written: {error}")
    _show(found.acceptance, written, json)
    if not found.acceptance.passed:
        leave(Exit.FAILED, "not every limit was proved to hold")


def _write(site: Any, wanted: Any, found: Any, out: Path) -> list[str]:
    from agent.ledger.acceptance_pages import pages
    from agent.ledger.acceptance_trace import trace_text
    from agent.ledger.report_html import html
    from agent.ledger.report_pdf import paper

    blocks = pages(found.acceptance, found.before, found.after, _setting(site, wanted))
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{NAME}.html").write_text(html(blocks, wanted.title), encoding="utf-8")
    (out / f"{NAME}.pdf").write_bytes(paper(blocks, wanted.title))
    text = trace_text(found.acceptance, found.before, found.after)
    (out / f"{NAME}.csv").write_text(text, encoding="utf-8")
    return [str(out / f"{NAME}.{kind}") for kind in ("html", "pdf", "csv")]


def _setting(site: Any, wanted: Any) -> Any:
    from agent.cli.drill_record import kept
    from agent.cli.group_test import kept_tests
    from agent.ledger.acceptance_pages import Setting

    meters = (site.equipment[name] for name in wanted.meters)
    drills = [
        f"{when} drill {'passed' if record.get('passed') else 'NOT passed'}, watched by {record.get('watching', '?')}"
        for when, record in kept(site.store.path).items()
    ]
    return Setting(
        title=wanted.title,
        site=site.place.name,
        zone=ZoneInfo(site.place.timezone),
        meters={one.roles["energy"]: one.name or one.id for one in meters},
        baseline=wanted.baseline.days,
        monitoring=wanted.monitoring.days,
        lamps="" if wanted.lamps is None else wanted.lamps.words,
        drills=[*drills, *kept_tests(site.store.path)],
        made=time.time(),
        store=Path(site.store.path).name,
        configuration=site.digest,
        file=wanted.digest,
    )


def _show(found: Any, written: list[str], json: bool) -> None:
    if json:
        saving = found.saving
        print_json(
            {
                "passed": found.passed,
                "findings": [{"what": one.what, "found": one.found, "ok": one.ok} for one in found.findings],
                "saving": None if saving is None else 100.0 * saving.share,
                "saving_low": None if saving is None else 100.0 * saving.low,
                "saving_high": None if saving is None else 100.0 * saving.high,
                "files": written,
            }
        )
        return
    rows = [(one.what, one.wanted, one.found, "yes" if one.ok else "NO") for one in found.findings]
    print_table(("limit", "wanted", "found", "held"), rows)
    print("PASS" if found.passed else "FAIL")
    print(f"written: {', '.join(written)}")
