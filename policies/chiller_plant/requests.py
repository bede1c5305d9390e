"""5.20.1, 5.20.5: who asks for colder water, for more pressure, and for the plant to run.

Ready-made counts (roles `requests`, `plant_requests`) come first. Else coil valves make requests by the guideline's rule, and rooms
that are too warm or too damp make them where nothing else can speak.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.calc.timers import held
from agent.core.equipment import Equipment
from agent.core.frozen import quick
from agent.core.snapshot import Snapshot

ASK, RELEASE, STOP = 95.0, 85.0, 10.0  # % of coil valve: 5.6.8, 5.16.16 cooling requests and plant requests
WARM, HOT = 2.0, 3.0  # K above the wanted temperature: 2 and 3 requests
WARM_TIME = 120.0  # s
DAMP, DAMP_CLEAR = (
    65.0,
    60.0,
)  # % relative humidity, own choice: above ASHRAE 62.1's limit a room needs colder water
ROOM_ASKS, ROOM_STOPS = 0.5, -0.5  # K against the set-point: a room without a valve asks for the plant


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """What one consumer remembers."""

    reset: bool = False  # its valve asks for more
    plant: bool = False  # it needs the plant
    warm: float = 0.0  # s above WARM
    hot: float = 0.0
    damp: bool = False


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """Counts; None where nothing in this area can ask."""

    reset: float | None = None
    plant: float | None = None
    consumers: Mapping[str, Consumer] = field(default_factory=dict)


def requests(
    snapshot: Snapshot, consumers: tuple[Equipment, ...], before: Requests, seconds: float
) -> Requests:
    """A counter that cannot be read keeps its last count: a dead wire neither starts nor stops a plant."""
    reset, plant = 0.0, 0.0
    seen: dict[str, Consumer] = {}
    knows_reset = knows_plant = False
    for one in consumers:
        counted = {role: snapshot.number_of(one, role) for role in ("requests", "plant_requests")}
        was = before.consumers.get(one.id, Consumer())
        now = seen[one.id] = _consumer(snapshot, one, was, seconds)
        if "requests" in one.roles:
            told = counted["requests"]
            reset += (before.reset or 0.0) if told is None else told
            knows_reset = True
        elif "valve" in one.roles or "zone_temp" in one.roles:
            reset += _asked(now)
            knows_reset = True
        if "plant_requests" in one.roles:
            told = counted["plant_requests"]
            plant += (before.plant or 0.0) if told is None else told
            knows_plant = True
        elif "valve" in one.roles or "zone_temp" in one.roles:
            plant += now.plant
            knows_plant = True
    return Requests(
        reset=reset if knows_reset else None, plant=plant if knows_plant else None, consumers=seen
    )


def _asked(one: Consumer) -> float:
    """5.16.16.2: 3 requests when hot, 2 when warm, 1 by the valve; damp rooms count as warm."""
    if one.hot >= WARM_TIME:
        return 3.0
    return 2.0 if one.warm >= WARM_TIME or one.damp else float(one.reset)


def _consumer(snapshot: Snapshot, one: Equipment, was: Consumer, seconds: float) -> Consumer:
    valve = snapshot.number_of(one, "valve")
    zone, wanted = snapshot.number_of(one, "zone_temp"), snapshot.number_of(one, "zone_setpoint")
    humidity = snapshot.number_of(one, "zone_humidity")
    in_use = snapshot.value(one, "occupied") is not False and snapshot.value(one, "status") is not False
    above = zone - wanted if zone is not None and wanted is not None and in_use else None
    reset = was.reset if valve is None else valve > (RELEASE if was.reset else ASK)
    if valve is not None:
        plant = valve > (STOP if was.plant else ASK)
    elif above is not None:
        plant = above > (ROOM_STOPS if was.plant else ROOM_ASKS)
    else:
        plant = was.plant and in_use
    return Consumer(
        reset=reset,
        plant=plant,
        warm=held(was.warm, above is not None and above > WARM, seconds),
        hot=held(was.hot, above is not None and above > HOT, seconds),
        damp=in_use and humidity is not None and humidity > (DAMP_CLEAR if was.damp else DAMP),
    )
