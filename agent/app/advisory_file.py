"""An advisory file (YAML, and tables of sites as CSV) to an Advisory: every problem at once, with its place and mend."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import time
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from agent.advisory.model import Advisory, AdvisorySite, Person
from agent.advisory.settings import (
    CHANNELS,
    ChannelSettings,
    PersonSettings,
    ServiceSettings,
    SiteSettings,
)
from agent.calc.lamp_hours import LampHours, late_spans
from agent.calc.lamp_year import LampPlace
from agent.calc.skyline import make_skyline
from agent.calc.sun_solver import Spot
from agent.config.document import Document, Mark, Where, read_document
from agent.config.names import nearest
from agent.config.parameters import Settings
from agent.config.references import References
from agent.core.errors import ConfigurationError

_ID = re.compile(r"[\w.-]{1,64}")
_SECTIONS = ("version", "service", "channels", "people", "defaults", "sites", "tables")
_LISTS = ("people",)  # written `a; b` in a table
_NUMBERS_ALLOWED = ("curfew_from", "curfew_to", "name", "channel", "timezone")


def load_advisory(path: Path) -> Advisory:
    """Raises ConfigurationError with all problems."""
    return _Reader(path).read()


class _Reader:
    """One file and its tables."""

    def __init__(self, path: Path) -> None:
        self._document = read_document(path)
        self._folder = path.resolve().parent
        self._settings = Settings(self._document, References(self._document, self._folder))
        self._problems = self._document.problems

    def read(self) -> Advisory:
        data = self._document.data
        if not isinstance(data, dict):
            self._document.add((), "an advisory file has sections", f"begin with {', '.join(_SECTIONS)}")
            data = {}
        for key in data:
            if key not in _SECTIONS:
                self._document.add(
                    (key,), f"'{str(key)[:40]}' is no section", nearest(key, _SECTIONS), key=True
                )
        if data.get("version") != 1:
            self._document.add(("version",), "version 1 is wanted", "write version: 1")
        service = self._service()
        channels = self._channels()
        people = self._people(channels)
        sites = {one.id: one for one in self._sites(channels, people)}
        if not sites and not self._problems:
            self._document.add(
                ("sites",), "there are no sites", "write sites: {id: {name: ...}} or tables: [file.csv]"
            )
        if self._problems or service is None:
            raise ConfigurationError(tuple(self._problems))
        return Advisory(service=service, channels=channels, people=people, sites=sites)

    def _section(self, name: str) -> Mapping[str, Any]:
        data = self._document.data if isinstance(self._document.data, dict) else {}
        found = data.get(name) or {}
        if isinstance(found, dict):
            return {str(key): value for key, value in found.items()}
        self._document.add((name,), f"{name} is a section", f"write {name}: {{...}}")
        return {}

    def _entries(self, name: str) -> Iterator[tuple[str, Mapping[str, Any], Where]]:
        for key, value in self._section(name).items():
            if isinstance(value, dict):
                yield key, value, (name, key)
            else:
                self._document.add((name, key), "a section is wanted", "write {key: value}")

    def _service(self) -> ServiceSettings | None:
        where: Where = ("service",)
        service = cast(
            "ServiceSettings | None", self._settings.build(ServiceSettings, self._section("service"), where)
        )
        if service is None:
            return None
        try:
            time.fromisoformat(service.push_at)
        except ValueError:
            self._document.add((*where, "push_at"), f"{service.push_at!r} is no time of day", "write HH:MM")
        if not service.public_url.startswith(("https://", "http://")):
            self._document.add((*where, "public_url"), "no address of the web", "write https://host")
        return service

    def _channels(self) -> dict[str, ChannelSettings]:
        channels: dict[str, ChannelSettings] = {}
        for name, data, where in self._entries("channels"):
            kind = str(data.get("kind", ""))
            if kind not in CHANNELS:
                self._document.add(
                    (*where, "kind"), f"there is no channel kind '{kind[:40]}'", nearest(kind, CHANNELS)
                )
                continue
            built = self._settings.build(CHANNELS[kind], data, where, shared=("kind",))
            url = getattr(built, "url", "https://")
            if built is not None and not str(url).startswith(("https://", "http://")):
                self._document.add(
                    (*where, "url"), "no address of the web", "https://..."
                )  # never quoted: it holds the key
            elif built is not None:
                channels[name] = built
        return channels

    def _people(self, channels: Mapping[str, Any]) -> dict[str, Person]:
        people: dict[str, Person] = {}
        for name, data, where in self._entries("people"):
            built = self._settings.build(PersonSettings, data, where)
            if built is None:
                continue
            self._known(built.channel, channels, "channel", (*where, "channel"), "channels")
            people[name] = Person(id=name, name=built.name, channel=built.channel, mention=built.mention)
        return people

    def _sites(self, channels: Mapping[str, Any], people: Mapping[str, Any]) -> Iterator[AdvisorySite]:
        defaults = dict(self._section("defaults"))
        seen: set[str] = set()
        for name, data, where in (*self._entries("sites"), *self._rows()):
            if name in seen:
                self._document.add(
                    where, f"site '{name[:40]}' stands here twice", "give each its own id", key=True
                )
                continue
            seen.add(name)
            if not _ID.fullmatch(name):
                self._document.add(
                    where, f"'{name[:40]}' cannot be an id", "letters, digits, _ . -", key=True
                )
                continue
            built = self._settings.build(SiteSettings, {**defaults, **data}, where)
            if built is None:
                continue
            self._known(built.channel, channels, "channel", (*where, "channel"), "channels")
            for one in built.people:
                self._known(one, people, "person", (*where, "people"), "people")
            try:
                yield _site(name, built)
            except (ValueError, KeyError, OSError) as error:
                self._document.add(where, str(error).strip("'\"")[:200], key=True)

    def _known(self, name: str, names: Mapping[str, Any], what: str, where: Where, section: str) -> None:
        if name not in names and name not in self._section(section):
            self._document.add(where, f"there is no {what} '{name[:40]}'", nearest(name, names))

    def _rows(self) -> Iterator[tuple[str, Mapping[str, Any], Where]]:
        """Sites of tables: the first line names the columns, `id` and those of a site."""
        data = self._document.data if isinstance(self._document.data, dict) else {}
        tables = data.get("tables") or []
        if not isinstance(tables, list):
            self._document.add(("tables",), "a list of files is wanted", "write tables: [communities.csv]")
            return
        for number, name in enumerate(tables):
            path, error = self._settings.references.file(str(name))
            if error is not None:
                self._document.add(("tables", number), *error)
                continue
            yield from _table(Path(path), self._document, ("tables", number))


def _table(path: Path, document: Document, where: Where) -> Iterator[tuple[str, Mapping[str, Any], Where]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                place = (*where, row.get("id") or "")
                line = f"line of {row.get('id')!r}"
                document.values.setdefault(place, document.values.get(where, Mark()))
                if not row.get("id") or None in row:
                    document.add(
                        where, f"{path.name}, {line}: no id, or more cells than columns", "id,name,..."
                    )
                    continue
                yield (
                    str(row["id"]),
                    {key: _cell(key, text) for key, text in row.items() if key != "id" and text},
                    place,
                )
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        document.add(where, f"{path.name}: {error}", "a table is CSV in UTF-8")


def _cell(key: str, text: str) -> Any:
    text = text.strip()
    if key in _LISTS:
        return [part.strip() for part in text.split(";") if part.strip()]
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if key in _NUMBERS_ALLOWED:
        return text
    try:
        return float(text)
    except ValueError:
        return text


def _site(id_: str, one: SiteSettings) -> AdvisorySite:
    ZoneInfo(one.timezone)
    rule = LampHours(
        on_at=one.on_at,
        off_at=one.off_at,
        on_offset=one.on_offset,
        off_offset=one.off_offset,
        skyline=make_skyline(one.horizon, one.ridge),
        late=late_spans((one.curfew_from, one.curfew_to, 0.0)),
    )
    place = LampPlace(
        name=one.name,
        spot=Spot(one.latitude, one.longitude),
        timezone=one.timezone,
        rule=rule,
    )
    return AdvisorySite(
        id=id_, place=place, channel=one.channel, people=one.people, meter=one.meter, on_power=one.on_power
    )
