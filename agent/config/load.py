"""A site file to a Site: every problem at once, each with file, line, column, what is wrong and the mend."""

from __future__ import annotations

import hashlib
import zoneinfo
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent.config.devices import DeviceBuilder
from agent.config.document import Document, read_document
from agent.config.draft import Draft
from agent.config.equipment import EquipmentBuilder, area_models
from agent.config.heartbeats import check_heartbeats
from agent.config.inner_points import join_policies
from agent.config.interlocks import build_interlocks
from agent.config.modes import build_modes
from agent.config.names import nearest
from agent.config.parameters import Settings
from agent.config.policies import PolicyBuilder
from agent.config.profiles import find_profiles
from agent.config.references import References
from agent.config.schema import SECTIONS, SiteShape
from agent.config.services import build_lease, build_store, build_twin, build_uplinks, build_web
from agent.config.shapes import fit
from agent.core.equipment import Place
from agent.core.errors import ConfigurationError
from agent.core.site import Catalogue, Site, StoreSettings, WebSettings

_NO_NAMES = ("version", "interlocks", "twin")  # all other sections are mappings


def load_site(path: Path, catalogue: Catalogue, *, beside: Path | None = None) -> Site:
    """The site this file describes. Raises ConfigurationError with all problems.

    `beside`: it will take the place of that file, so what it names lies there.
    """
    site, draft = draft_site(path, catalogue, beside=beside)
    if site is None or draft.document.problems:
        raise ConfigurationError(sorted_problems(draft.document))
    return site


def draft_site(path: Path, catalogue: Catalogue, *, beside: Path | None = None) -> tuple[Site | None, Draft]:
    """As much of the site as can be built, and the draft with its problems and warnings."""
    document = read_document(path)
    folder = (beside or path).absolute().parent
    draft = Draft(
        document, catalogue, folder, find_profiles((*catalogue.profile_folders, folder / "profiles"))
    )
    if document.problems and document.data is None:
        return None, draft
    if not isinstance(document.data, dict):
        document.add((), "a site file is made of sections", "begin with version: 1")
        return None, draft
    _check_sections(document)
    place = _place(document)
    settings = Settings(document, References(document, folder))
    DeviceBuilder(draft, settings).build()
    EquipmentBuilder(draft).build()
    join_policies(draft)
    PolicyBuilder(draft, settings).build()
    modes = build_modes(draft, settings)
    build_interlocks(draft)
    check_heartbeats(draft)
    build_uplinks(draft, settings)
    store, web = build_store(draft, settings), build_web(draft, settings)
    twin, lease = build_twin(draft, settings), build_lease(draft, settings)
    if place is None or document.problems:
        return None, draft
    site = _assemble(draft, place, store, web)
    return replace(site, modes=modes, twin=twin, lease=lease, file=str(path.absolute())), draft


def _assemble(draft: Draft, place: Place, store: StoreSettings, web: WebSettings) -> Site:
    models = area_models(draft, place)
    return Site(
        place=place,
        buses=draft.buses,
        devices=draft.devices,
        points=draft.points,
        equipment=draft.equipment,
        areas=models,
        policies={
            area: tuple(policy for where, policy in draft.policies.values() if where == area)
            for area in models
        },
        interlocks=tuple(draft.interlocks),
        uplinks=draft.uplinks,
        store=store,
        web=web,
        digest=_digest(draft),
    )


def sorted_problems(document: Document) -> tuple[Any, ...]:
    """The problems in the order a person meets them in the file."""
    return tuple(
        sorted(document.problems, key=lambda one: (one.file != document.file, one.file, one.line, one.column))
    )


def _check_sections(document: Document) -> None:
    for key, value in document.data.items():
        if key not in SECTIONS:
            message = f"'{str(key)[:60]}' is not a section known here"
            document.add((key,), message, nearest(key, SECTIONS), key=True)
        elif key not in _NO_NAMES and value is not None and not isinstance(value, dict):
            document.add((key,), f"{key} is a section of names", f"write {key}: {{name: ...}}")
    for key in ("version", "site"):
        if document.data.get(key) is None:
            document.add((), f"'{key}' is missing", f"add {key}: {'1' if key == 'version' else '...'}")
    version = document.data.get("version")
    if version is not None and (version != 1 or isinstance(version, bool)):
        document.add(("version",), f"version {str(version)[:20]} is not known here", "write version: 1")


def _place(document: Document) -> Place | None:
    data = document.data.get("site")
    if not isinstance(data, dict):
        return None
    shape = fit(SiteShape, data, document, ("site",))
    known = _known_zone(document, data.get("timezone"))
    return Place(**shape.model_dump()) if shape is not None and known else None


def _known_zone(document: Document, zone: Any) -> bool:
    """Judged by itself, so that another mistake in the section does not hide this one."""
    zones = zoneinfo.available_timezones()
    if not isinstance(zone, str):
        return False  # missing or no text: that has been said
    if zone not in zones:
        document.add(("site", "timezone"), f"there is no time zone '{zone[:60]}'", nearest(zone, zones))
        return False
    return True


def _digest(draft: Draft) -> str:
    """Of the site file and of every profile it uses: what decides how the site is run."""
    used = [f"{name}:{one.digest}" for name, one in sorted(draft.profiles.items()) if one is not None]
    return hashlib.sha256("\n".join([draft.document.digest, *used]).encode()).hexdigest()
