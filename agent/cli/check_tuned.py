"""What a running agent, or its last run, does otherwise than the site file says: modes and tuned parameters kept in its store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.config.load import load_site
from agent.control.tuning_book import as_now, kept_book
from agent.control.tunings import CALENDAR, TUNING
from agent.core.errors import StoreError
from agent.core.serial import to_plain
from agent.core.site import Catalogue, Site
from agent.core.tuning import Layer, Tuning, effective
from agent.telemetry.store import read_documents


def differing(config: Path, catalogue: Catalogue) -> list[dict[str, Any]]:
    """One row a parameter. Raises ConfigurationError; a store that cannot be read is a row with `error`."""
    site = load_site(config, catalogue)
    try:
        kept = read_documents(site.store.path, TUNING)
    except StoreError as error:
        return [{"error": f"what was tuned cannot be read: {error}"}]
    areas = {one.name: area for area, policies in site.policies.items() for one in policies}
    book = as_now(kept_book(kept, areas.get), site.modes, CALENDAR)
    return list(_rows(site, book.layers))


def sentence(row: dict[str, Any]) -> str:
    if "error" in row:
        return str(row["error"])
    return f"{row['policy']}.{row['parameter']} is {row['value']}, not {row['filed']}: {row['by']} by {row['owner'] or 'somebody'}"


def _rows(site: Site, layers: tuple[Tuning, ...]) -> Iterator[dict[str, Any]]:
    for policies in site.policies.values():
        for policy in policies:
            for name, source in effective(policy, layers).sources.items():
                if source.tuning is not None and source.value != source.filed:
                    yield {
                        "policy": policy.name,
                        "parameter": name,
                        "value": to_plain(source.value),
                        "filed": to_plain(source.filed),
                        "by": _word(source.tuning),
                        "owner": source.tuning.owner,
                        "reason": source.tuning.reason,
                    }


def _word(tuning: Tuning) -> str:
    if tuning.layer is Layer.MODE:
        return f"mode {tuning.name}"
    return "tuned on probation" if tuning.on_probation else "tuned"
