"""A garage: people and cars on a map, lamp groups that light it, radars that see them, and the truth about the dark.

Crossings, radar edges and the ends of fades are computed, not sampled: a step of any length gives the same counters, and
`next_event` tells a bench how long nothing will change by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from hil.plant.garage_days import Event, GarageDays, Happening
from hil.plant.garage_lights import GarageLights
from hil.plant.garage_map import GarageMap
from hil.plant.garage_radars import GarageRadars
from hil.plant.garage_timeline import NOW, Timeline
from hil.plant.garage_watch import DarkWatch
from hil.plant.lamp import LED_16W, TUBE_18W, Lamp
from hil.plant.lighting_map import Surroundings
from hil.plant.meter import EnergyRegister
from hil.plant.radar import RadarDesign
from hil.plant.traffic import Traffic, TrafficDesign
from hil.plant.variables import Inputs, Outputs, VariableInfo, describe, within

LOCAL = 100.0  # % of a lamp that nobody commands: full light
_SHOWN = ("presence", "occupied", "lamp_level", "lamp_level_status", "illuminance", "power")
_FAULTS = {
    "radar_dead": "all sensors of the group see nobody any more",
    "radar_stuck": "the sensors see somebody for ever",
    "lamps_out": "this share of the lamps is out, 0-1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GarageDesign:
    """All that a garage is made of.

    `limit` lx is what people need; `worst_place` judges it at the darkest point of a group's line instead of its mean,
    which is what an acceptance measurement reports.
    """

    plan: GarageMap
    lamp: Lamp = LED_16W
    traffic: TrafficDesign = field(default_factory=TrafficDesign)
    radar: RadarDesign = field(default_factory=RadarDesign)
    around: Surroundings = field(default_factory=Surroundings)
    limit: float = 65.0
    worst_place: bool = False
    allowance: float = 1.0  # s in which the light must be there
    floor: float = 5.0  # % level of the lamps that follow people exactly, see `exact_energy`
    every_crossing: bool = False  # crossings are events too: for lamps that follow people exactly


class Garage:
    """Everything in the garage, stepped together. Local control of the lamps is full light."""

    def __init__(self, design: GarageDesign, start: float, *, utc_offset: timedelta, seed: int) -> None:
        plan = design.plan
        self.design = design
        self.energy = EnergyRegister(8_400.0)
        self.exact_energy = 0.0  # kWh of lamps at full exactly where somebody is and at the floor elsewhere
        self.before_energy = 0.0  # kWh of tubes in the same places that always burn
        self.lights = GarageLights(plan, design.lamp, design.around, worst_place=design.worst_place)
        self.watch = DarkWatch(len(plan.groups), design.limit, design.allowance)
        self._names = tuple(group.name for group in plan.groups)
        self._keys = tuple(f"{name}.lamp_level" for name in self._names)
        self._shown = tuple(tuple(f"{name}.{what}" for what in _SHOWN) for name in self._names)
        self._asked: list[float | bool | None] = [None] * len(plan.groups)
        self.radars = GarageRadars(len(plan.groups))
        lamp, joule = design.lamp, 1.0 / 3.6e6  # kWh
        self._count = plan.lamp_count
        self._full, self._tube = lamp.power(1.0) * joule, TUBE_18W.full * joule  # kWh a lamp and second
        self._floor = lamp.power(lamp.light(design.floor)) * joule
        days = GarageDays(plan, Traffic(design.traffic, plan, seed), design.radar, seed)
        self._time = Timeline(days, start, utc_offset)
        self._out: Outputs = {}
        for event in self._time.visits():
            self._happen(event, counted=False)
        self.radars.say(self._time.edges())
        self._tell(range(len(plan.groups)))

    @property
    def power(self) -> float:
        """KW."""
        return self.lights.power

    def step(self, dt: float, inputs: Inputs) -> Outputs:
        get = inputs.get
        asked = [get(key) for key in self._keys]
        if asked != self._asked:
            for group, value in enumerate(asked):
                if value != self._asked[group]:
                    self.command(group, value)
        self.run(dt)
        return self.outputs()

    def command(self, group: int, level: float | bool | None) -> None:
        """Tell the lamps of one group their level in %: with `run` the quick way for whoever needs no outputs."""
        self._asked[group] = level
        self.lights.ask(group, within(level, LOCAL))
        self.lights.stirred.add(group)

    def run(self, dt: float) -> Sequence[int]:
        """Go on for `dt` s under the levels told last. The groups whose radars spoke meanwhile, see `radars`.

        In pieces in which nobody crosses and every light moves in a straight line.
        """
        time, end = self._time, self._time.now + dt
        while True:
            left = end - time.now
            self._advance(min(left, max(time.until_visit(), 0.0), self.lights.settling()))
            for event in time.visits():
                self._happen(event)
            if end - time.now <= NOW / 10.0:
                time.now = end
                spoke = self.radars.say(time.edges())
                self.lights.stirred.update(spoke)
                return spoke

    def next_event(self) -> float:
        """Seconds until a radar changes, a fade ends (or, with `every_crossing`, somebody crosses); midnight at the latest."""
        edge = min(self._time.until_edge(), self.lights.settling())
        return min(edge, self._time.until_visit()) if self.design.every_crossing else edge

    def variables(self) -> Mapping[str, VariableInfo]:
        return describe(tuple(self.outputs()), ("lamp_level",))

    def failures(self) -> Mapping[str, str]:
        """Names of what can be broken, and what it means."""
        return {f"{name}.{what}": text for name in self._names for what, text in _FAULTS.items()}

    def fail(self, name: str, amount: float = 1.0) -> None:
        """Break something. Raises KeyError for a name that `failures` does not know."""
        if name not in self.failures():
            raise KeyError(name)
        owner, _, what = name.rpartition(".")
        group = self._names.index(owner)
        if what == "lamps_out":
            self.lights.break_lamps(group, amount)
        else:
            broken = self.radars.dead if what == "radar_dead" else self.radars.stuck
            (broken.add if amount > 0.0 else broken.discard)(group)
        self._tell((group,))

    def mend(self, name: str) -> None:
        self.fail(name, 0.0)

    def survey(self) -> Mapping[str, tuple[float, float]]:
        """Mean and least lx along each group's line, as the lamps are now: what a luxmeter on the floor would find."""
        return {name: self.lights.survey(group) for group, name in enumerate(self._names)}

    def outputs(self) -> Outputs:
        """Every variable, as of the last step."""
        self._tell(self.lights.stirred_by_now())
        result = dict(self._out)
        result["garage.power"] = self.power
        result["garage.energy"] = self.energy.value
        result["garage.exact_energy"] = self.exact_energy
        result["garage.before_energy"] = self.before_energy
        result["garage.people"] = float(sum(self.watch.people))
        for what, value in self.watch.count.items():
            result["garage." + what] = float(value)
        return result

    def _advance(self, dt: float) -> None:
        if dt <= 0.0:
            return
        occupied, lights, start = self.watch.occupied, self.lights, self._time.now
        before = [(group, lights.lux(group)) for group in occupied]
        self.energy.count(dt, lights.step(dt) * 3600.0 / dt)
        self._time.now = end = start + dt
        for group, lux in before:
            self.watch.passes(group, start, end, lux, lights.lux(group))
        self._account(dt)

    def _account(self, dt: float) -> None:
        """What tubes, and lamps that know everything, would have taken in the same time."""
        lamps = self.lights.lamps
        full = sum([lamps[group].count for group in self.watch.occupied])
        self.exact_energy += (full * self._full + (self._count - full) * self._floor) * dt
        self.before_energy += self._count * self._tube * dt

    def _happen(self, event: Event, *, counted: bool = True) -> None:
        _, what, group = event
        now, watch = self._time.now, self.watch
        if what is Happening.LEAVES:
            watch.leaves(group, now)
        elif what is Happening.GOES_ON or not counted:
            watch.comes(group)
        elif what is Happening.APPEARS:
            watch.appears(group, now, self.lights.lux(group))
        else:
            watch.crosses(group, now, self.lights.lux(group))
        self.lights.stirred.add(group)

    def _tell(self, groups: Iterable[int]) -> None:
        """Renew the variables of these groups."""
        out, lights, occupied = self._out, self.lights, self.watch.occupied
        for group in groups:
            lamps, asked, keys = lights.lamps[group], self._asked[group], self._shown[group]
            out[keys[0]] = self.radars.sees(group)
            out[keys[1]] = group in occupied
            out[keys[2]] = within(asked, LOCAL)
            out[keys[3]] = 100.0 * lamps.light
            out[keys[4]] = lights.mean(group)
            out[keys[5]] = lamps.power
