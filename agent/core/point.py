"""A point: one measurable or commandable quantity of the building."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Value = float | int | bool | str
"""What a point holds, in the unit of the point. Numbers are already scaled."""


class Access(StrEnum):
    """What the device lets us do with a point."""

    READ = "read"
    WRITE = "write"
    READ_WRITE = "read_write"


class ValueKind(StrEnum):
    """What sort of value a point carries; decides clamping, comparing and how it is shown."""

    NUMBER = "number"
    SWITCH = "switch"
    TEXT = "text"
    ENUM = "enum"


class DataClass(StrEnum):
    """Who may see a point outside the site (rides along on every exported sample)."""

    PERSONAL = "personal"
    PUBLIC = "public"
    ENTERPRISE = "enterprise"
    COMMERCIAL = "commercial"


class SafeEnd(StrEnum):
    """Which direction of a commanded value is the safe one: a lamp lit, a chiller off, a fan fast."""

    LOW = "low"
    HIGH = "high"


class OnLoss(StrEnum):
    """What a commanded point does when the policy that drove it falls silent."""

    HOLD = "hold"
    RELEASE = "release"
    DEFAULT = "default"


class Persistence(StrEnum):
    """Where the device keeps a written value; EEPROM wears out. Unknown is treated as EEPROM."""

    RAM = "ram"
    EEPROM = "eeprom"
    UNKNOWN = "unknown"


class ReleaseKind(StrEnum):
    """How a point is given back to local control."""

    PRIOR = "prior"  # the value found before our first write (set-points only)
    VALUE = "value"  # a declared value (every start/stop)
    MODE = "mode"  # a local/remote bit: written first, it hands over the whole machine
    NONE = "none"  # nothing to give back (the device reverts by its own time-out)


@dataclass(frozen=True, slots=True)
class Release:
    """The declared way back of one point."""

    kind: ReleaseKind
    value: Value | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Engineering limits in the unit of the point; `None` means no limit. Rates are per site second."""

    low: float | None = None
    high: float | None = None
    raise_rate: float | None = None
    lower_rate: float | None = None


@dataclass(frozen=True, slots=True)
class WriteRules:
    """How a point wants to be written: settle time (s), tolerance (unit), refresh (s), write budget."""

    settle: float = 5.0
    tolerance: float = 0.0
    refresh: float | None = None
    persistence: Persistence = Persistence.UNKNOWN
    minimum_interval: float = 0.0
    daily_budget: int | None = None
    feedback: str | None = None  # id of the point that shows what the device made of the write


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One measurable or commandable quantity.

    `id` is `<device>.<name>`, or `virtual.<name>` for values that exist only inside the agent.
    `unit` is the unit of every value of this point ("degC", "kW", "%", "" for none).
    """

    id: str
    unit: str = ""
    kind: ValueKind = ValueKind.NUMBER
    access: Access = Access.READ
    role: str | None = None
    label: str = ""
    data_class: DataClass = DataClass.ENTERPRISE
    limits: Limits = Limits()
    plausible: tuple[float, float] | None = None  # a reading outside is BAD, not a measurement
    relinquish_default: Value | None = None
    safe_end: SafeEnd | None = None
    on_loss: OnLoss = OnLoss.RELEASE
    release: Release = Release(ReleaseKind.PRIOR)
    writing: WriteRules = WriteRules()
    has_device_timeout: bool = False  # the device (or a change-over) reverts by itself when the box dies
    choices: tuple[str, ...] = ()  # the names of an enumeration

    @property
    def commandable(self) -> bool:
        return self.access is not Access.READ

    @property
    def device(self) -> str:
        return self.id.partition(".")[0]

    @property
    def name(self) -> str:
        return self.id.partition(".")[2]
