"""What a running agent, or its last run, does otherwise than the site file says: modes and tuned parameters kept in its store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agent.config.load import load_site
from agent.console.wording import differing
from agent.control.tuning_book import as_now, kept_book
from agent.control.tunings import CALENDAR, TUNING
from agent.core.errors import StoreError
from agent.core.site import Catalogue
from agent.core.tuning import effective
from agent.telemetry.store import read_documents


def tuned_rows(config: Path, catalogue: Catalogue) -> list[dict[str, Any]]:
    """One row a parameter. Raises ConfigurationError; a store that cannot be read is a row with `error`."""
    site = load_site(config, catalogue)
    try:
        kept = read_documents(site.store.path, TUNING)
    except StoreError as error:
        return [{"error": f"what was tuned cannot be read: {error}"}]
    area_of = {one.name: area for area, policies in site.policies.items() for one in policies}
    book = as_now(kept_book(kept, area_of.get), site.modes, CALENDAR)
    policies = (one for policies in site.policies.values() for one in policies)
    return [row for one in policies for row in differing(effective(one, book.layers))]


def sentence(row: dict[str, Any]) -> str:
    if "error" in row:
        return str(row["error"])
    return f"{row['policy']}.{row['parameter']} is {row['value']}, not {row['filed']}: {row['by']} by {row['owner'] or 'somebody'}"
