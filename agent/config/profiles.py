"""Device profiles: the files of the device library, read, checked and built. The format is in drivers/profiles/README.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from agent.config.document import Document, Where, read_document
from agent.config.names import bad_name, nearest
from agent.config.point_line import PointLine, Report
from agent.config.points import build_point, may_write
from agent.config.profile_shape import HeartbeatShape, ProfileShape, RepeatShape
from agent.config.shapes import fit
from agent.config.sources import build_source
from agent.core.device_profile import BlockLimits, DeviceProfile, Heartbeat, Pacing
from agent.core.errors import ConfigurationError
from agent.core.point import Point
from agent.core.register import Source


@dataclass(slots=True)
class PointTable:
    """Points and sources of a profile or device while they are being built."""

    points: dict[str, Point] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    polls: dict[str, float] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    lines: dict[str, PointLine] = field(default_factory=dict)

    def add(self, name: str, line: PointLine, *, device_timeout: bool, report: Report) -> None:
        self.lines[name] = line
        self.sources[name] = build_source(line, report)
        self.points[name] = build_point(name, line, device_timeout=device_timeout, report=report)
        if line.poll is not None:
            self.polls[name] = line.poll


@dataclass(frozen=True, slots=True)
class LoadedProfile:
    """A profile and the lines it was built from, so that a site can override parts of a line."""

    profile: DeviceProfile
    lines: Mapping[str, PointLine]
    digest: str = ""  # of the file


def load_profile(path: Path) -> DeviceProfile:
    """One profile. Raises ConfigurationError with all its problems."""
    return load_lines(path).profile


def load_lines(path: Path) -> LoadedProfile:
    """Like `load_profile`, with the lines. An unchanged file is not parsed again."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return _load(path, 0, 0)  # says why it cannot be read
    return _load(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=256)
def _load(path: Path, _modified: int, _size: int) -> LoadedProfile:
    document = read_document(path)
    shape = None if document.problems else fit(ProfileShape, _filled(document.data, document), document)
    loaded = None if shape is None else _build(shape, path.stem, document)
    if loaded is None or document.problems:
        raise ConfigurationError(tuple(document.problems))
    return loaded


def find_profiles(folders: Iterable[str | Path]) -> dict[str, Path]:
    """Profile id to file, in the order of the folders: a later folder overrides an earlier one."""
    return {
        path.stem: path
        for folder in folders
        for path in sorted(Path(folder).glob("*.yaml"))
        if not path.name.startswith((".", "_"))
    }


def _filled(data: Any, document: Document) -> Any:
    """The data with `defaults:` filled into every point line."""
    if not isinstance(data, dict) or "defaults" not in data:
        return data
    defaults = data["defaults"]
    if not isinstance(defaults, dict):
        document.add(("defaults",), "defaults is a section", "write defaults: {table: input}")
        return data
    data = {key: value for key, value in data.items() if key != "defaults"}
    if isinstance(data.get("points"), dict):
        data["points"] = _fill(data["points"], defaults)
    if isinstance(data.get("repeat"), list):
        data["repeat"] = [
            part | {"points": _fill(part["points"], defaults)}
            if isinstance(part, dict) and isinstance(part.get("points"), dict)
            else part
            for part in data["repeat"]
        ]
    return data


def _fill(lines: Mapping[Any, Any], defaults: dict[Any, Any]) -> dict[Any, Any]:
    return {name: defaults | line if isinstance(line, dict) else line for name, line in lines.items()}


def _build(shape: ProfileShape, stem: str, document: Document) -> LoadedProfile:
    if shape.id != stem:
        document.add(("id",), f"the file is called {stem}, the profile {shape.id[:60]}", "make them the same")
    table = PointTable()
    for name, line in shape.points.items():
        _add(table, name, line, shape, document, ("points", name))
    for index, repeat in enumerate(shape.repeat):
        _repeat(table, repeat, shape, document, ("repeat", index))
    if not table.points:
        document.add((), "a profile needs at least one point", "add points: or repeat:")
    _check_names(table, shape, document)
    return LoadedProfile(_profile(shape, table), table.lines, document.digest)


def _add(
    table: PointTable, name: str, line: PointLine, shape: ProfileShape, document: Document, where: Where
) -> None:
    if (message := bad_name(name)) is not None:
        document.add(where, message, key=True)
    if name in table.points:
        document.add(where, f"point {name} stands here twice", "rename one of them", key=True)
    if line.access != "read" and not may_write(shape.confidence):
        message = f"a map of confidence '{shape.confidence}' may not be written to"
        document.add(
            (*where, "access"), message, "make it access: read, or evidence the map (direct, repo-*)"
        )
    table.add(
        name,
        line,
        device_timeout=shape.timeout_reverts,
        report=lambda at, message, mend: document.add((*where, *at), message, mend),
    )


def _repeat(
    table: PointTable, repeat: RepeatShape, shape: ProfileShape, document: Document, where: Where
) -> None:
    for template, line in repeat.points.items():
        place = (*where, "points", template)
        if "{n}" not in template:
            document.add(
                place, f"'{template[:60]}' needs {{n}} in its name", "write e.g. level_{n}", key=True
            )
            continue
        for channel in range(repeat.count):
            number = str(repeat.first + channel)
            name = template.replace("{n}", number)
            moved = _moved(line, repeat, template, channel, number)
            if (moved.address or 0) > 65535 or (moved.bit or 0) > 15:
                document.add(place, f"channel {number} lies beyond the device", "check count and step")
                break
            _add(table, name, moved, shape, document, place)
            table.groups[name] = number
    for template in repeat.steps:
        if template not in repeat.points:
            mend = nearest(template, repeat.points)
            document.add((*where, "steps", template), f"there is no point '{template[:60]}'", mend, key=True)


def _moved(line: PointLine, repeat: RepeatShape, template: str, channel: int, number: str) -> PointLine:
    """The line of one channel: address (or bit) moved on, `{n}` replaced in node, label and feedback."""
    step = repeat.steps.get(template, repeat.step) * channel
    changes: dict[str, Any] = {
        key: text.replace("{n}", number)
        for key, text in (("node", line.node), ("label", line.label), ("feedback", line.feedback))
        if text
    }
    if repeat.bits and line.bit is not None:
        changes["bit"] = line.bit + step
    elif line.address is not None:
        changes["address"] = line.address + step
    return line.model_copy(update=changes)


def _check_names(table: PointTable, shape: ProfileShape, document: Document) -> None:
    """Points that other lines name must exist."""
    for name, line in shape.points.items():
        if line.feedback is not None and line.feedback not in table.points:
            mend = nearest(line.feedback, table.points)
            place = ("points", name, "feedback")
            document.add(place, f"there is no point '{line.feedback[:60]}'", mend)
    if shape.heartbeat is None:
        return
    beat = table.points.get(shape.heartbeat.point)
    if beat is None:
        mend = nearest(shape.heartbeat.point, table.points)
        document.add(("heartbeat", "point"), f"there is no point '{shape.heartbeat.point[:60]}'", mend)
    elif not beat.commandable:
        document.add(("heartbeat", "point"), "a heartbeat must be written", "give it access: read_write")


def _profile(shape: ProfileShape, table: PointTable) -> DeviceProfile:
    return DeviceProfile(
        id=shape.id,
        vendor=shape.vendor,
        model=shape.model,
        kind=shape.kind,
        protocols=shape.protocols,
        document=shape.document,
        confidence=shape.confidence,
        points=table.points,
        sources=table.sources,
        polls=table.polls,
        groups=table.groups,
        limits=BlockLimits(**dict(shape.limits)),
        pacing=Pacing(**dict(shape.pacing)),
        heartbeat=_heartbeat(shape.heartbeat),
        timeout_reverts=shape.timeout_reverts,
        quirks=shape.quirks,
    )


def _heartbeat(shape: HeartbeatShape | None) -> Heartbeat | None:
    return None if shape is None else Heartbeat(point=shape.point, period=shape.period, values=shape.values)
