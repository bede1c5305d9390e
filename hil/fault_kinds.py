"""Every fault the bench can throw: its layer, what it does, and what its amount means. The fault storm reads this list.

A path says where: `bus:plant`, `device:ch1`, `point:ch1.chilled_water_supply_temp`, `plant:chiller_1`; `bus:*` and
`device:*` mean all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hil.faults import Fault, FaultKind
from hil.servers.ailments import Ailment


class Place(StrEnum):
    """The first word of a path."""

    BUS = "bus"
    DEVICE = "device"
    POINT = "point"
    PLANT = "plant"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultInfo:
    """One kind. `amount` is what is taken where nobody gives one; `unit` is the amount's ("" where it has none)."""

    kind: str
    places: tuple[Place, ...]
    help: str
    amount: float | None = None
    unit: str = ""
    wire: FaultKind | None = None
    ailment: Ailment | None = None

    def wire_fault(self, amount: float | None) -> Fault:
        """The same as the wire knows it."""
        if self.wire is None:
            raise ValueError(f"{self.kind} is no fault of the wire")
        amount = self.amount if amount is None else amount
        if self.unit == "%":
            return Fault(kind=self.wire, share=_share(amount))
        if self.unit == "s":
            return Fault(kind=self.wire, seconds=amount or 0.0)
        return Fault(kind=self.wire, code=int(amount or 4))


def _share(amount: float | None) -> float:
    if amount is None or not 0.0 < amount <= 100.0:
        raise ValueError(f"{amount} %: more than 0 and at most 100 is possible")
    return amount / 100.0


_WIRE = (Place.BUS, Place.DEVICE)
_DEVICE = (Place.DEVICE,)
_SENSED = (Place.POINT, Place.DEVICE)


def _wire(kind: str, wire: FaultKind, text: str, amount: float | None = 100.0, unit: str = "%") -> FaultInfo:
    return FaultInfo(kind=kind, places=_WIRE, help=text, amount=amount, unit=unit, wire=wire)


def _ill(
    ailment: Ailment, places: tuple[Place, ...], text: str, amount: float | None = None, unit: str = ""
) -> FaultInfo:
    return FaultInfo(kind=ailment.value, places=places, help=text, amount=amount, unit=unit, ailment=ailment)


_ALL = (
    _wire("loss", FaultKind.LOSS, "requests or replies get lost", 10.0),
    _wire("delay", FaultKind.DELAY, "replies come late and the line waits for them (real seconds)", 0.3, "s"),
    _wire(
        "late", FaultKind.LATE, "replies come so late that others are on the line (real seconds)", 1.5, "s"
    ),
    _wire("wrong_unit", FaultKind.WRONG_UNIT, "replies bear somebody else's address", 20.0),
    _wire("exception", FaultKind.EXCEPTION, "exception replies; the amount is the code", 4.0, "code"),
    _wire("half_frame", FaultKind.HALF, "replies break off in the middle", 20.0),
    _wire("crc", FaultKind.CHECKSUM, "a bit is wrong: bad CRC on a line, a wrong length on TCP", 20.0),
    _wire("garbage", FaultKind.GARBAGE, "bytes that are no frame in place of replies", 20.0),
    _wire("repeat", FaultKind.REPEAT, "replies come twice", 20.0),
    _wire("cut", FaultKind.CUT, "the connection is closed in place of a reply", 10.0),
    _wire("stall", FaultKind.STALL, "nothing is heard and nothing answered; the connection stays open"),
    FaultInfo(kind="babble", places=(Place.BUS,), help="bytes nobody asked for", amount=1.0, unit="s"),
    FaultInfo(
        kind="network_down", places=(Place.BUS,), help="connections are cut and no new one can be made"
    ),
    FaultInfo(
        kind="certificate_expired",
        places=_WIRE,
        help="the OPC UA server starts again with a certificate that is no longer valid",
    ),
    FaultInfo(
        kind="certificate_expiring",
        places=_WIRE,
        help="the OPC UA server starts again with a certificate that ends in so many days",
        amount=7.0,
        unit="d",
    ),
    FaultInfo(
        kind="second_master",
        places=(Place.BUS, Place.DEVICE, Place.POINT),
        help="somebody else writes: a point the given value, else every set-point what it was; every 5 s",
    ),
    FaultInfo(
        kind="reboot",
        places=(Place.DEVICE, Place.BUS),
        help="power off and on: commands are forgotten, silence for so long",
        amount=10.0,
        unit="s",
    ),
    FaultInfo(
        kind="power_dip", places=(Place.BUS,), help="all devices restart at once", amount=10.0, unit="s"
    ),
    _ill(Ailment.OFF, _DEVICE, "no power: silent, its machine in local control"),
    _ill(Ailment.FREEZE, _DEVICE, "its processor hangs: always the same answers, commands do nothing"),
    _ill(Ailment.SENTINEL, _SENSED, "values say 'not available', where their registers have a word for it"),
    _ill(Ailment.STUCK, _SENSED, "stays where it is, or at the given value", None, "unit"),
    _ill(Ailment.BIAS, _SENSED, "reads too high (low: below zero) by so much", 2.0, "unit"),
    _ill(Ailment.DRIFT, _SENSED, "reads more wrong by so much every hour", 1.0, "unit/h"),
    _ill(Ailment.NOISE, _SENSED, "is noisy with this standard deviation", 1.0, "unit"),
    _ill(Ailment.STUCK_ACTUATOR, _SENSED, "takes commands, shows them, and does not move"),
    _ill(Ailment.LOCAL_OVERRIDE, _DEVICE, "somebody turned the key at the panel: commands do nothing"),
    _ill(Ailment.WRITES_REFUSED, _SENSED, "refuses every write"),
    _ill(Ailment.CLOCK_WRONG, _DEVICE, "its time stamps are off by so much", 3600.0, "s"),
)

KINDS: Mapping[str, FaultInfo] = {one.kind: one for one in _ALL}
"""By kind; faults of the plant are the plant's own and come on top."""
