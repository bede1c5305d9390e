"""The shape of a site file, entry by entry: what may stand where. Open sections keep their extra keys for later."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    WithJsonSchema,
)

from agent.config.point_line import Measure, Number, Plain, Seconds
from agent.core.equipment import Authority
from agent.core.point import DataClass, ValueKind

_CLOSED = ConfigDict(extra="forbid", frozen=True)
_OPEN = ConfigDict(extra="allow", frozen=True)
_Tick = Annotated[Seconds, Field(ge=0.02, le=3600)]


def _clock(value: object) -> float:
    """`7:30` as seconds after midnight; 24:00 is the end of the day."""
    found = re.fullmatch(r"(\d{1,2}):(\d\d)", value) if isinstance(value, str) else None
    if found is None or int(found[2]) > 59 or int(found[1]) * 60 + int(found[2]) > 1440:
        raise ValueError('a time of day is wanted, such as "7:30"')
    return int(found[1]) * 3600.0 + int(found[2]) * 60.0


Clock = Annotated[float, BeforeValidator(_clock), WithJsonSchema({"type": "string"})]

SECTIONS = (
    "version",
    "site",
    "buses",
    "devices",
    "areas",
    "equipment",
    "policies",
    "interlocks",
    "uplinks",
    "store",
    "web",
    "lease",
    "virtual",
    "twin",
)


class SiteShape(BaseModel):
    """Where it is."""

    model_config = _CLOSED
    name: Annotated[StrictStr, Field(min_length=1, max_length=100)]
    latitude: Annotated[Number, Field(ge=-90, le=90)]
    longitude: Annotated[Number, Field(ge=-180, le=180)]
    timezone: StrictStr
    currency: Annotated[StrictStr, Field(max_length=10)] = ""
    clock: Literal["auto", "always_trusted"] = "auto"


class KindShape(BaseModel):
    """A bus or uplink: its kind decides what else may stand there."""

    model_config = _OPEN
    kind: StrictStr


class DeviceShape(BaseModel):
    """A device on a bus; other keys are its driver's own settings."""

    model_config = _OPEN
    bus: StrictStr
    profile: StrictStr | None = None
    name: Annotated[StrictStr, Field(max_length=200)] = ""
    poll: Annotated[Seconds, Field(gt=0, le=86400)] | None = None
    points: dict[StrictStr, dict[StrictStr, Any]] = Field(default_factory=dict)


class SpanShape(BaseModel):
    """Hours of some days, in which the calendar chooses a mode."""

    model_config = _CLOSED
    days: Literal["all", "working", "off"] = "all"
    start: Clock = 0.0
    end: Clock = 86_400.0
    calendar: Annotated[StrictStr, Field(max_length=40)] = "weekly"


class ModeShape(BaseModel):
    """One way to run an area: other parameters for its policies."""

    model_config = _CLOSED
    help: Annotated[StrictStr, Field(max_length=200)] = ""
    policies: dict[StrictStr, Any] = Field(default_factory=dict)
    when: tuple[SpanShape, ...] = ()


class StartCapShape(BaseModel):
    """What the mains or a generator bears."""

    model_config = _CLOSED
    power: StrictStr
    limit: Measure
    when: StrictStr | None = None


class MainsShape(BaseModel):
    """What several areas are fed from."""

    model_config = _CLOSED
    name: Annotated[StrictStr, Field(min_length=1, max_length=60)]
    spacing: Annotated[Seconds, Field(ge=1, le=3600)] = 60.0


class AreaShape(BaseModel):
    """Equipment that is decided together."""

    model_config = _CLOSED
    tick: _Tick = 10.0
    authority: Authority = Authority.SHADOW
    wake_on: tuple[StrictStr, ...] = ()
    wake_spacing: Annotated[Seconds, Field(gt=0, le=60)] = 0.02
    minimum_running: dict[StrictStr, Annotated[StrictInt, Field(ge=0, le=1000)]] = Field(default_factory=dict)
    start_spacing: Annotated[Seconds, Field(ge=0, le=3600)] = 0.0
    mains: MainsShape | None = None
    start_cap: StartCapShape | None = None
    modes: dict[StrictStr, ModeShape] = Field(default_factory=dict)


class GuardsShape(BaseModel):
    """What one machine must be spared."""

    model_config = _CLOSED
    minimum_on: Seconds = 0.0
    minimum_off: Seconds = 0.0
    start_to_start: Seconds = 0.0
    starts_per_hour: Annotated[StrictInt, Field(ge=1, le=3600)] | None = None
    proof_of_flow: StrictStr | None = None
    flow_minimum: Measure = 0.0
    run_on: Seconds = 0.0
    serves: tuple[StrictStr, ...] = ()


class EquipmentShape(BaseModel):
    """A machine or lamp group; other keys are roles (`power: pm1.power`), nameplate numbers and settings."""

    model_config = _OPEN
    kind: Annotated[StrictStr, Field(min_length=1, max_length=60)]
    area: StrictStr
    device: StrictStr | None = None
    group: StrictInt | StrictStr | None = None
    name: Annotated[StrictStr, Field(max_length=200)] = ""
    change_over: StrictBool = False
    next_to: tuple[StrictStr, ...] = ()
    guards: GuardsShape = GuardsShape()


class PolicyShape(BaseModel):
    """A policy at work in an area; other keys are its parameters."""

    model_config = _OPEN
    kind: StrictStr
    area: StrictStr


class InterlockShape(BaseModel):
    """While `when` holds, `point` is held at `value`."""

    model_config = _CLOSED
    id: StrictStr
    point: StrictStr
    value: Plain
    when: StrictStr
    reason: Annotated[StrictStr, Field(min_length=3, max_length=300)]
    max_age: Annotated[Seconds, Field(gt=0)] = 60.0
    hold: Seconds = 0.0
    trip_on_loss: StrictBool = True
    beats_life_safety: StrictBool = False
    only_when: Plain | None = None


class VirtualShape(BaseModel):
    """A point that exists only inside the agent."""

    model_config = _CLOSED
    unit: StrictStr = ""
    kind: ValueKind | None = None
    role: StrictStr | None = None
    label: Annotated[StrictStr, Field(max_length=200)] = ""
    data_class: DataClass = DataClass.ENTERPRISE
    default: Plain | None = None
    low: Measure | None = None
    high: Measure | None = None
