"""The shape of one line of a profile (or of a device in the site file): a point and where its raw value lies.

The same line works for a Modbus register (`address:`), an OPC UA node (`node:`) and a slot of the memory driver.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

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

from agent.config.quantities import quantity
from agent.core.point import Access, DataClass, OnLoss, Persistence, SafeEnd, ValueKind
from agent.core.register import Table, WordOrder, WriteFunction


def _seconds(value: object) -> float:
    return quantity(value, "s")


def _number(value: object) -> float:
    return quantity(value, "")


_WRITTEN = WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]})
"""For editors: a quantity may be written with its unit."""

Seconds = Annotated[float, BeforeValidator(_seconds), Field(ge=0, le=1e9), _WRITTEN]
Number = Annotated[float, BeforeValidator(_number), _WRITTEN]
Measure = StrictInt | float | StrictStr  # a quantity in the point's own unit
Plain = StrictBool | StrictInt | float | StrictStr

LARGEST_FACTOR = 1e12  # of scale and offset: beyond is no device, and a 64-bit number times it would leave what floats can hold
SMALLEST_SCALE = 1e-12

Report = Callable[[tuple[str | int, ...], str, str], None]
"""Notes a problem: place inside the line, what is wrong, the mend."""


class ReleaseLine(BaseModel):
    """`release: {value: 45}` or `release: {mode: false}`; bare words `prior` and `none` need no braces."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    value: Plain | None = None
    mode: Plain | None = None


class PointLine(BaseModel):
    """What may stand on a point's line."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_enum_values=False)

    # Modbus
    table: Table | None = None
    address: Annotated[StrictInt, Field(ge=0, le=65535)] | None = None
    type: StrictStr | None = None  # raw type, or the OPC UA built-in type
    order: WordOrder = WordOrder.ABCD
    bit: Annotated[StrictInt, Field(ge=0, le=15)] | None = None
    bits: Annotated[StrictInt, Field(ge=1, le=16)] = 1
    length: Annotated[StrictInt, Field(ge=1, le=125)] = 1
    write_codes: dict[StrictInt, StrictStr] | None = None
    write_with: WriteFunction = WriteFunction.AUTO
    # OPC UA
    node: Annotated[StrictStr, Field(min_length=1, max_length=500)] | None = None
    deadband: Annotated[Number, Field(ge=0)] = 0.0
    # memory driver
    initial: Plain | None = None
    # any of them
    scale: Annotated[Number, Field(ge=-LARGEST_FACTOR, le=LARGEST_FACTOR)] = 1.0
    offset: Annotated[Number, Field(ge=-LARGEST_FACTOR, le=LARGEST_FACTOR)] = 0.0
    sentinels: tuple[StrictInt | Number, ...] = ()  # whole numbers stay exact: 64-bit "not available"
    codes: dict[StrictInt, StrictStr] | None = None
    poll: Annotated[Seconds, Field(gt=0, le=1e6)] | None = None
    # the point
    unit: StrictStr = ""
    kind: ValueKind | None = None
    access: Access = Access.READ
    role: StrictStr | None = None
    label: Annotated[StrictStr, Field(max_length=200)] = ""
    data_class: DataClass = DataClass.ENTERPRISE
    low: Measure | None = None
    high: Measure | None = None
    raise_rate: Annotated[Number, Field(gt=0)] | None = None
    lower_rate: Annotated[Number, Field(gt=0)] | None = None
    plausible: tuple[Measure, Measure] | None = None
    default: Plain | None = None
    safe_end: SafeEnd | None = None
    on_loss: OnLoss = OnLoss.RELEASE
    release: Literal["prior", "none"] | ReleaseLine | None = None
    settle: Seconds = 5.0
    tolerance: Annotated[Number, Field(ge=0)] = 0.0
    refresh: Seconds | None = None
    persistence: Persistence = Persistence.UNKNOWN
    minimum_interval: Seconds = 0.0
    daily_budget: Annotated[StrictInt, Field(ge=1)] | None = None
    feedback: StrictStr | None = None
    device_timeout: StrictBool | None = None  # None: what the profile says of the whole device
    change_over: StrictBool = False


WRITE_CONFIDENCE = ("direct", "own")


def may_write(confidence: str) -> bool:
    """Whether a map so evidenced may carry writable points."""
    return confidence in WRITE_CONFIDENCE or confidence.startswith("repo-")
