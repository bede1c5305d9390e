"""`plantroom preview`: recorded days under today's parameters and under others, and the simulated twin; side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from agent.cli.client import ask_long, part
from agent.cli.options import Json, Reason, Socket, read_long_duration
from agent.cli.output import clock_time, mean_shown, print_json, print_table, shown
from agent.cli.preview_chart import strip
from agent.cli.preview_page import NAMES, page
from agent.cli.tune import ENDS_ON, apply, print_tuning, read_values

MOST = 8  # segments a point that are printed


def preview(
    policy: Annotated[str, typer.Option("--policy", "-p", help="the policy")],
    values: Annotated[list[str], typer.Option("--set", help="parameter=value; may be repeated")],
    *,
    days: Annotated[float, typer.Option(min=0.04, max=92, help="of the recorded past")] = 14.0,
    step: Annotated[
        str | None, typer.Option(help="between two decisions of the replay: 60 s, or the area's own tick")
    ] = None,
    twin: Annotated[bool, typer.Option(help="run the simulated twin, where the site has one")] = True,
    html: Annotated[Path | None, typer.Option(help="write a page with the plots", dir_okay=False)] = None,
    apply_it: Annotated[bool, typer.Option("--apply", help="apply it afterwards")] = False,
    probation: Annotated[
        str, typer.Option(help="with --apply: goes back by itself unless confirmed; 'none' for good")
    ] = "48h",
    back_on: Annotated[str, typer.Option(help="alarms that end the probation at once")] = ENDS_ON,
    reason: Reason = "after a preview",
    json: Json = False,
    socket: Socket = None,
) -> None:
    """Replay recorded days under other parameters, and run the twin. Nothing is applied without --apply."""
    wanted = read_values(values)
    body: dict[str, Any] = {"values": wanted, "days": days, "twin": twin}
    if step is not None:
        body["step"] = read_long_duration(step)
    found = ask_long(socket, f"/api/policies/{part(policy)}/preview", body)
    if html is not None:
        html.write_text(page(found, policy, wanted), encoding="utf-8")
    trial = None if probation == "none" else probation
    made = apply(socket, policy, wanted, trial, back_on, reason) if apply_it else None
    if json:
        print_json(found if made is None else {**found, "applied": made})
        return
    _print(found)
    print("" if html is None else f"\nplots: {html}\n")
    if made is None:
        print("nothing was applied; `plantroom tune` or --apply does")
    else:
        print_tuning(made, "holds now")


def _print(found: dict[str, Any]) -> None:
    span = f"{clock_time(found['since'])} to {clock_time(found['until'])}"
    print(f"{span}: {found['hours']:.1f} h replayed every {found['step']:g} s", end="")
    print(f", {found['hours_missing']:.1f} h not recorded" if found["hours_missing"] else "")
    if found["agreement"] is not None:
        print(
            f"today's parameters give what was decided then for {100.0 * found['agreement']:.0f} % of the time"
        )
    for fault in found["faults"]:
        print(f"FAULT: {fault}")
    print()
    _print_points(found)
    for note in found["notes"]:
        print(f"note: {note}")
    if found["twin"] is not None:
        print()
        _print_twin(found["twin"])


def _print_points(found: dict[str, Any]) -> None:
    if not found["points"]:
        print("no commanded point would have been set otherwise")
        return
    rows = [
        (
            one["point"],
            f"{one['hours_differing']:.1f} h",
            f"{one['changes_old']} -> {one['changes_new']}",
            f"{mean_shown(one, 'mean_old')} -> {mean_shown(one, 'mean_new')}",
            one["label"],
        )
        for one in found["points"]
    ]
    print_table(("point", "differs", "changes", "mean", "name"), rows)
    for one in found["points"]:
        print(f"\n{one['point']}  {one['label']}")
        old, new = one["line_old"], one["line_new"]
        for word, line, other in (("now ", old, new), ("then", new, old)):
            print(f"  {word} {strip(line, found['since'], found['until'], beside=other)}")
        for begin, end, was, then in one["segments"][:MOST]:
            unit = one["unit"]
            print(
                f"  {clock_time(begin)} for {(end - begin) / 60:.0f} min: {shown(was, unit)} -> {shown(then, unit)}"
            )
        if one["segments_total"] > MOST:
            print(f"  and {one['segments_total'] - MOST} times more (--json, --html)")


def _print_twin(twin: dict[str, Any]) -> None:
    if not twin["arms"]:
        print(f"twin: {twin['note']}")
        return
    now, then = (arm["figures"] for arm in twin["arms"])
    rows = []
    for key, (name, unit) in NAMES.items():
        old, new = now.get(key), then.get(key)
        if old is None or new is None:
            continue
        said = f"{name}, {twin['currency'] if key == 'cost' else unit}".removesuffix(", ")
        change = f"{100.0 * (new / old - 1.0):+.1f} %" if old else ""
        rows.append((said, f"{old:,.1f}", f"{new:,.1f}", change))
    print_table((f"twin, {twin['days']} days", "now", "then", "change"), rows)
    if (saving := twin["saving"]) is not None:
        print(
            f"saves {saving['mean']:.0f} kWh a day ({saving['low']:.0f} to {saving['high']:.0f}, 90 % interval by "
            f"bootstrap over {saving['days']} days)"
        )
    print(f"note: {twin['note']}")
