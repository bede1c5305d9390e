"""An open-plan office: desks in rows from the window, lamps a row, blinds that people pull when the sun blinds them.

People's habit with blinds: down when more than 50 W/m2 of sun falls through the window and reaches the first desks, up again
when they come in the morning (Reinhart 2004, Lightswitch-2002, Solar Energy 77: the "active" and the "passive" user
both pull at glare; nobody pulls them up before the next arrival).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hil.plant.daylight import Daylight, Glazing, RoomShape, sun_depth
from hil.plant.lamp import Lamp, Lamps
from hil.plant.load import Outdoors
from hil.plant.meter import EnergyRegister
from hil.plant.office_counts import BAND, Band, FadeWatch, OfficeCounts, least_levels
from hil.plant.people import OFFICE_PEOPLE, Use, Working, weekdays
from hil.plant.variables import Inputs, Outputs, number, outputs_of
from hil.plant.weather import Weather, local_time

_GLARE = 50.0  # W/m2
PANEL = Lamp(full=36.0, flux=3600.0, standby=0.5, fade=2.0)
"""LED panel 600 x 600 of 36 W and 100 lm/W with a dimmable driver."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeDesign:
    """One room. `full` lx of each row's lamps on its desks at full level, `spill` the share its neighbours get."""

    name: str
    glazing: Glazing
    room: RoomShape
    rows: tuple[float, ...] = (1.5, 4.0, 6.5)
    lamps: int = 8  # a row
    lamp: Lamp = PANEL
    full: float = 450.0
    spill: float = 0.12
    use: Use = OFFICE_PEOPLE
    band: Band = BAND


class Office:
    """One office. Local control: lamps full on from the first person to the last, as in a building without control."""

    def __init__(self, design: OfficeDesign, utc_offset: timedelta, working: Working = weekdays) -> None:
        self.design = design
        self.daylight = Daylight(design.glazing, design.room, design.rows)
        self.lamps = tuple(Lamps(design.lamp, design.lamps, 0.0) for _ in design.rows)
        self.energy = EnergyRegister()
        self.blind = 0.0
        self.occupied = False
        self.power = 0.0
        self._offset = utc_offset
        self._working = working
        self._day: tuple[float, ...] = (0.0,) * len(design.rows)
        self._levels = [0.0] * len(design.rows)
        self.counts = OfficeCounts(
            band=design.band,
            lamp=design.lamp,
            count=design.lamps,
            rows=tuple(FadeWatch() for _ in design.rows),
        )

    def step(self, dt: float, inputs: Inputs, outdoors: Outdoors) -> float:
        """Mean kW of the lamps."""
        design, weather = self.design, outdoors.weather
        local = local_time(outdoors.utc, self._offset)
        occupied = design.use.share(local, self._working) > 0.05
        self._blinds(inputs, weather, arrived=occupied and not self.occupied)
        self.occupied = occupied
        self._day = self.daylight.illuminance(weather, self.blind)
        used = 0.0
        for place, lamps in enumerate(self.lamps):
            wanted = number(inputs, f"{design.name}_row_{place + 1}.lamp_level", 100.0 if occupied else 0.0)
            self._levels[place] = wanted
            lamps.ask(wanted)
            before = lamps.light
            used += lamps.step(dt)
            self.counts.rows[place].see(dt, before, lamps.light, design.lamp.fade)
        self.power = used * 3600.0 / dt if dt > 0.0 else 0.0
        self.energy.count(dt, self.power)
        self._count(dt)
        return self.power

    def _count(self, dt: float) -> None:
        design = self.design
        if not self.occupied:
            self.counts.burn_exactly(dt, (0.0,) * len(self.lamps))
            return
        self.counts.see(dt, self.illuminances(), self.lamps)
        self.counts.burn_exactly(dt, least_levels(self._day, design.band.low, design.full, design.spill))

    def _blinds(self, inputs: Inputs, weather: Weather, *, arrived: bool) -> None:
        """People's own hands, unless something outside commands the blinds."""
        design = self.design
        if arrived:
            self.blind = 0.0
        direct, _ = design.glazing.plane.receives(weather.sky)
        blinding = direct * design.glazing.transmittance > _GLARE
        if self.occupied and blinding and sun_depth(design.glazing, weather) > design.rows[0]:
            self.blind = 100.0
        self.blind = number(inputs, f"{design.name}.blind_command", self.blind)

    def illuminances(self) -> tuple[float, ...]:
        """Lx on the desks of each row, daylight and lamps together: what people have."""
        return tuple(day + lamps for day, lamps in zip(self._day, self._lamplight(), strict=True))

    def _lamplight(self) -> tuple[float, ...]:
        light = [lamps.output * self.design.full for lamps in self.lamps]
        own = 1.0 - self.design.spill
        last = len(light) - 1
        return tuple(
            own * one + self.design.spill * (light[max(place - 1, 0)] + light[min(place + 1, last)]) / 2.0
            for place, one in enumerate(light)
        )

    def outputs(self) -> Outputs:
        design = self.design
        quantities = {
            "occupied": self.occupied,
            "blind": self.blind,
            "power": self.power,
            "energy": self.energy.value,
            "occupied_row_seconds": self.counts.occupied,
            "outside_band_seconds": self.counts.outside,
            "below_band_seconds": self.counts.dark,
            "visible_steps": sum(one.visible for one in self.counts.rows),
            "exact_energy": self.counts.exact,
        }
        result = outputs_of(design.name, quantities)
        for place, (lamps, lux) in enumerate(zip(self.lamps, self.illuminances(), strict=True)):
            row = {
                "lamp_level": self._levels[place],
                "lamp_level_status": 100.0 * lamps.light,
                "illuminance": lux,
                "daylight": self._day[place],
                "presence": self.occupied,
                "power": lamps.power,
            }
            result |= outputs_of(f"{design.name}_row_{place + 1}", row)
        return result

    def commands(self) -> list[str]:
        rows = [f"{self.design.name}_row_{place + 1}.lamp_level" for place in range(len(self.lamps))]
        return [f"{self.design.name}.blind_command", *rows]
