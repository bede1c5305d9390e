"""The shape of a device profile file."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from agent.config.point_line import Plain, PointLine, Seconds

_Count = Annotated[StrictInt, Field(ge=1, le=512)]


class LimitsShape(BaseModel):
    """What one exchange with the device may hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    max_registers: Annotated[StrictInt, Field(ge=1, le=125)] = 125
    max_bits: Annotated[StrictInt, Field(ge=1, le=2000)] = 2000
    max_hole: Annotated[StrictInt, Field(ge=0, le=125)] = 16
    refused: tuple[tuple[StrictInt, StrictInt], ...] = ()


class PacingShape(BaseModel):
    """How gently the device wants to be asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    timeout: Annotated[Seconds, Field(gt=0, le=60)] = 1.0
    turnaround: Annotated[Seconds, Field(le=10)] = 0.0
    poll: Annotated[Seconds, Field(gt=0, le=86400)] = 1.0


class HeartbeatShape(BaseModel):
    """The device's own watchdog register."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    point: StrictStr
    period: Annotated[Seconds, Field(gt=0, le=3600)]
    values: tuple[StrictInt, ...] = (0, 1)


class RepeatShape(BaseModel):
    """Channels: the same points again and again, `{n}` in a name replaced by first, first + 1 ...

    An address moves on by `step` with each channel, or by the point's own entry in `steps`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    count: _Count
    first: Annotated[StrictInt, Field(ge=0, le=10000)] = 1
    step: Annotated[StrictInt, Field(ge=0, le=10000)] = 1
    steps: dict[StrictStr, Annotated[StrictInt, Field(ge=0, le=10000)]] = Field(default_factory=dict)
    bits: StrictBool = False  # channels are neighbouring bits of one register: the bit moves, not the address
    points: dict[StrictStr, PointLine]


class ProfileShape(BaseModel):
    """A device profile: make and model turned into points."""

    model_config = ConfigDict(extra="forbid", frozen=True, title="Plantroom device profile")
    id: StrictStr
    vendor: Annotated[StrictStr, Field(min_length=1)]
    model: Annotated[StrictStr, Field(min_length=1)]
    kind: Annotated[StrictStr, Field(min_length=1)]
    protocols: Annotated[tuple[StrictStr, ...], Field(min_length=1)]
    document: Annotated[StrictStr, Field(min_length=5)]
    confidence: Annotated[StrictStr, Field(min_length=3)]
    notes: tuple[StrictStr, ...] = ()
    limits: LimitsShape = LimitsShape()
    pacing: PacingShape = PacingShape()
    heartbeat: HeartbeatShape | None = None
    timeout_reverts: StrictBool = False
    quirks: dict[StrictStr, Plain | tuple[Plain, ...]] = Field(default_factory=dict)
    points: dict[StrictStr, PointLine] = Field(default_factory=dict)
    repeat: tuple[RepeatShape, ...] = ()
