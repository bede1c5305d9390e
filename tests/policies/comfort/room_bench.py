"""A computer room for tests: what is wished is decided, a sound unit runs a tick after it is told to, the room is set by hand."""

from __future__ import annotations

from typing import Any

from agent.core.decision import Decision
from agent.core.reading import Reading
from policies.comfort.computer_room import ComputerRoom
from tests.policies.snapshots import Bench, machine, model

ROLES = ("enable", "status", "alarm", "zone_setpoint")
ALARM = "room.alarm"


class RoomBench:
    """Two units `a` and `b`, sensors `s1` and `s2` (or as many as asked for); cold and not cooled, once started."""

    def __init__(self, sensors: int = 2, *, started: bool = True, **parameters: Any) -> None:
        self.sensors = [f"s{n + 1}" for n in range(sensors)]
        units = [machine(one, "split_unit", ROLES) for one in ("a", "b")]
        seen = [machine(one, "room_sensor", ("zone_temp",)) for one in self.sensors]
        area = model(machine("room", "computer_room", ("alarm",)), *units, *seen)
        values: dict[str, Any] = {f"{one}.alarm": False for one in ("a", "b")}
        self.bench = Bench(ComputerRoom(name="cooling", **parameters), area, values)
        self.dead: set[str] = set()  # units that do not run whatever they are told
        self.show(23.5)
        if started:
            self.go()

    def show(self, *readings: Any) -> None:
        """What the sensors read; one value for all of them, or one each."""
        each = readings if len(readings) > 1 else readings * len(self.sensors)
        for sensor, reading in zip(self.sensors, each, strict=True):
            self.bench.values[f"{sensor}.zone_temp"] = reading

    def go(self, seconds: float = 10.0, **more: Any) -> tuple[bool, bool]:
        """Lets time pass; which of both units is told to run."""
        for _ in range(max(1, round(seconds / 10.0))):
            wished = self.bench.wishes
            self.bench.decisions = {
                point: Decision(point=point, value=one.value, winner=one) for point, one in wished.items()
            }
            for unit in ("a", "b"):
                told = wished.get(f"{unit}.enable")
                runs = told is not None and told.value is True and unit not in self.dead
                if not isinstance(self.bench.values.get(f"{unit}.status"), Reading):  # one set by hand stays
                    self.bench.values[f"{unit}.status"] = runs
            self.bench.elapsed += 10.0
            self.bench.tick(**more)
        return self.told

    @property
    def told(self) -> tuple[bool, bool]:
        values = [self.bench.wishes[f"{unit}.enable"].value for unit in ("a", "b")]
        return values[0] is True, values[1] is True

    def ramp(self, first: float, last: float, minutes: float, **fixed: float) -> tuple[bool, bool]:
        """All sensors move evenly, but for those named with a value of their own."""
        steps = round(minutes * 6)
        for n in range(1, steps + 1):
            now = first + (last - first) * n / steps
            self.show(*(fixed.get(sensor, now) for sensor in self.sensors))
            self.go()
        return self.told

    def alarm(self) -> str:
        """Why it is up; empty: it is not."""
        return self.bench.reason(ALARM) if self.bench.wishes[ALARM].value else ""

    def priority(self, unit: str) -> int:
        return int(self.bench.wishes[f"{unit}.enable"].priority)
