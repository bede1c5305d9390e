"""From a point's line to the point, and the rules a point must keep whatever its device."""

from __future__ import annotations

from collections.abc import Callable

from agent.config.names import nearest
from agent.config.point_line import Measure, PointLine, ReleaseLine, Report
from agent.config.quantities import UNITS, QuantityError, quantity
from agent.core.point import Access, Limits, Point, Release, ReleaseKind, Value, ValueKind, WriteRules
from agent.core.register import RawType, Table
from agent.core.role import ROLES

WRITE_CONFIDENCE = ("direct", "own")


def may_write(confidence: str) -> bool:
    """Whether a map so evidenced may carry writable points."""
    return confidence in WRITE_CONFIDENCE or confidence.startswith("repo-")


def value_kind(line: PointLine) -> ValueKind:
    """The kind of value, from the line's own word or from how the raw value lies."""
    if line.kind is not None:
        return line.kind
    if line.codes:
        return ValueKind.SWITCH if set(line.codes.values()) <= {"on", "off"} else ValueKind.ENUM
    if line.table in (Table.COIL, Table.DISCRETE) or (line.bit is not None and line.bits == 1):
        return ValueKind.SWITCH
    if line.type in (RawType.STRING, "String") or isinstance(line.initial, str):
        return ValueKind.TEXT
    if line.type in (RawType.BIT, "Boolean") or isinstance(line.initial, bool):
        return ValueKind.SWITCH
    return ValueKind.NUMBER


def build_point(name: str, line: PointLine, *, device_timeout: bool, report: Report) -> Point:
    """The point as a template: its id is the bare name."""
    if line.unit not in UNITS:
        report(("unit",), f"'{line.unit[:20]}' is not a unit known here", nearest(line.unit, UNITS - {""}))
    kind = value_kind(line)
    codes = line.write_codes or line.codes or {}
    guarded = device_timeout if line.device_timeout is None else line.device_timeout
    point = Point(
        id=name,
        unit=line.unit,
        kind=kind,
        access=line.access,
        role=line.role,
        label=line.label or name.replace("_", " "),
        data_class=line.data_class,
        limits=_limits(line, report),
        plausible=_plausible(line, report),
        relinquish_default=_value(line.default, line, kind, ("default",), report),
        safe_end=line.safe_end,
        on_loss=line.on_loss,
        release=_release(line, kind, report),
        writing=_write_rules(line),
        has_device_timeout=line.access is not Access.READ and (guarded or line.change_over),
        choices=tuple(dict.fromkeys(codes.values())) if kind is ValueKind.ENUM else (),
    )
    _check_role(point, report)
    _check_writing(point, line, report)
    _check_choices(point, line, report)
    return point


def role_mismatch(point: Point, role: str) -> tuple[str, str] | None:
    """Message and mend when this point cannot play that role."""
    wanted = ROLES[role]
    if point.kind is not wanted.kind:
        message = f"role {role} is a {wanted.kind.value}, this point a {point.kind.value}"
        return message, "check the point's kind, type, bit and codes"
    if point.unit != wanted.unit:
        message = (
            f"role {role} is kept in {wanted.unit or 'no unit'}, this point in {point.unit or 'no unit'}"
        )
        mend = f"give the point unit: {wanted.unit} and the scale that makes it so" if wanted.unit else ""
        return message, mend or "leave the unit out"
    return None


def typed_value(
    value: object, kind: ValueKind, unit: str, report: Callable[[str, str], None]
) -> Value | None:
    """A written value in the kind and unit of a point; None (and a report) when it is neither."""
    if kind is ValueKind.SWITCH:
        if isinstance(value, bool) or value in ("on", "off"):
            return value in (True, "on")
        report(f"'{str(value)[:40]}' is not a switch position", "write true or false")
        return None
    if kind in (ValueKind.TEXT, ValueKind.ENUM):
        if isinstance(value, str):
            return value
        report(f"'{str(value)[:40]}' is not a name", "write the name of the choice")
        return None
    try:
        return quantity(value, unit)
    except QuantityError as error:
        report(str(error), error.mend)
        return None


def _check_role(point: Point, report: Report) -> None:
    if point.role is None:
        return
    if point.role not in ROLES:
        report(("role",), f"'{point.role[:60]}' is not a role", nearest(point.role, ROLES))
    elif mismatch := role_mismatch(point, point.role):
        report(("role",), *mismatch)


def _check_writing(point: Point, line: PointLine, report: Report) -> None:
    if not point.commandable:
        return
    if line.table in (Table.DISCRETE, Table.INPUT):
        report(("access",), f"a point in table {line.table.value} cannot be written", "make it access: read")
    given_back = point.release.kind
    if point.kind is ValueKind.SWITCH and given_back is ReleaseKind.PRIOR:
        mend = "add release: {value: true} or {value: false}, whichever local control expects"
        report(("release",), "a start/stop needs a declared release value, never the prior one", mend)
    if point.access is Access.WRITE and given_back is ReleaseKind.PRIOR:
        report(
            ("release",), "a write-only point has no prior value to give back", "add release: {value: ...}"
        )


def _check_choices(point: Point, line: PointLine, report: Report) -> None:
    if point.kind is not ValueKind.ENUM:
        return
    if not point.choices:
        report(("kind",), "an enumeration needs its names", "add codes: {0: ..., 1: ...}")
    for where, value in ((("default",), line.default), (("release",), point.release.value)):
        if value is not None and value not in point.choices:
            report(where, f"'{str(value)[:40]}' is none of its choices", nearest(value, point.choices))


def _limits(line: PointLine, report: Report) -> Limits:
    low = None if line.low is None else _convert(line.low, line.unit, ("low",), report)
    high = None if line.high is None else _convert(line.high, line.unit, ("high",), report)
    if low is not None and high is not None and low > high:
        report(("low",), "the lower limit is above the upper one", "swap low and high")
    return Limits(low, high, line.raise_rate, line.lower_rate)


def _convert(value: Measure, unit: str, where: tuple[str | int, ...], report: Report) -> float:
    try:
        return quantity(value, unit)
    except QuantityError as error:
        report(where, str(error), error.mend)
        return 0.0


def _plausible(line: PointLine, report: Report) -> tuple[float, float] | None:
    if line.plausible is None:
        return None
    low = _convert(line.plausible[0], line.unit, ("plausible", 0), report)
    high = _convert(line.plausible[1], line.unit, ("plausible", 1), report)
    if low >= high:
        report(("plausible",), "the lower end is not below the upper one", "write [lowest, highest]")
    return low, high


def _value(
    value: Value | None, line: PointLine, kind: ValueKind, where: tuple[str | int, ...], report: Report
) -> Value | None:
    if value is None:
        return None
    return typed_value(value, kind, line.unit, lambda message, mend: report(where, message, mend))


def _release(line: PointLine, kind: ValueKind, report: Report) -> Release:
    written = line.release
    if written is None:
        return Release(ReleaseKind.NONE if line.access is Access.READ else ReleaseKind.PRIOR)
    if not isinstance(written, ReleaseLine):
        return Release(ReleaseKind(written))
    if (written.value is None) == (written.mode is None):
        report(("release",), "needs either a value or a mode", "prior, none, {value: ...} or {mode: ...}")
        return Release(ReleaseKind.NONE)
    if written.mode is not None:
        return Release(ReleaseKind.MODE, _value(written.mode, line, kind, ("release", "mode"), report))
    return Release(ReleaseKind.VALUE, _value(written.value, line, kind, ("release", "value"), report))


def _write_rules(line: PointLine) -> WriteRules:
    return WriteRules(
        settle=line.settle,
        tolerance=line.tolerance,
        refresh=line.refresh,
        persistence=line.persistence,
        minimum_interval=line.minimum_interval,
        daily_budget=line.daily_budget,
        feedback=line.feedback,
    )
