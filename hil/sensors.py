"""What measuring adds to the truth: tolerance, noise, lag and resolution of every sensor. Policies see only this.

The error of a sensor depends on seed, point and time alone: neither on the size of a step nor on its neighbours. All
points of a bench are measured at once, in arrays, because the bench on virtual time does it half a million times a year.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np

from agent.core.point import Value, ValueKind
from hil.plant.variables import Variable
from hil.servers.device import SimulatedDevice
from hil.servers.looks import MeasuredLook, VariableLook

SLOT = 1.0  # site seconds a noise value stands, as a converter that samples once a second
AHEAD = 64  # slots of noise worked out at once
_GOLDEN, _MASK = 0x9E3779B97F4A7C15, (1 << 64) - 1
_MIX = (
    np.uint64(30),
    np.uint64(0xBF58476D1CE4E5B9),
    np.uint64(27),
    np.uint64(0x94D049BB133111EB),
    np.uint64(31),
)
_FIELDS = tuple(np.uint64(shift) for shift in (0, 16, 32, 48))
_WORD = np.uint64(0xFFFF)
_WIDEST = 2.0 * 3.0**0.5  # the bell of four uniform numbers ends here, in deviations


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """One kind of sensor. `tolerance` is what the data sheet guarantees; each piece draws its own bias within it."""

    tolerance: float = 0.0  # in the unit of the point
    tolerance_relative: float = 0.0  # of the reading, 0.01 is 1 %
    sigma: float = 0.0  # standard deviation of the noise, in the unit
    sigma_relative: float = 0.0  # of the reading
    lag: float = 0.0  # s, first order
    resolution: float = 0.0  # in the unit; 0: as fine as its register
    bias: float | None = None  # in the unit, in place of a drawn one


# Lags and noise without a source are of the size met on site (pocket in moving water 15 s, box on a wall 5 min).
BY_UNIT: Mapping[str, Sensor] = {
    # Pt1000 class B: 0.3 K + 0.005 |t| (IEC 60751:2022, table 3)
    "degC": Sensor(tolerance=0.3, tolerance_relative=0.005, sigma=0.02, lag=15.0),
    # magnetic flow meter 0.5 % of reading (maximum permissible error stated by its makers, ISO 20456 terms)
    "l/s": Sensor(tolerance_relative=0.005, sigma_relative=0.003, lag=3.0),
    # pressure transmitter 0.5 % of a span of 400 kPa
    "kPa": Sensor(tolerance=2.0, sigma=0.3, lag=0.5),
    # active energy meter class 1 (IEC 62053-21)
    "kW": Sensor(tolerance_relative=0.01, sigma_relative=0.001),
    # class 0.5 measuring instruments (IEC 61557-12)
    "V": Sensor(tolerance_relative=0.005, sigma_relative=0.001),
    "A": Sensor(tolerance_relative=0.005, sigma_relative=0.002),
    # photocell for building control, 10 % (V-lambda and cosine error of class C, DIN 5032-7)
    "lx": Sensor(tolerance_relative=0.1, sigma_relative=0.01, lag=1.0),
}
BY_ROLE: Mapping[str, Sensor] = {
    "zone_temp": Sensor(tolerance=0.3, tolerance_relative=0.005, sigma=0.02, lag=300.0),
    "outdoor_dry_bulb": Sensor(tolerance=0.3, tolerance_relative=0.005, sigma=0.05, lag=120.0),
    # capacitive humidity element, 3 % r.h.
    "outdoor_humidity": Sensor(tolerance=3.0, sigma=0.3, lag=60.0),
    "zone_humidity": Sensor(tolerance=3.0, sigma=0.3, lag=300.0),
}
_FIELD_NAMES = tuple(one.name for one in dataclasses.fields(Sensor))


class SensorKinds:
    """Which sensor sits at a point: by point id, role or unit, the nearest name first; the site's words before ours."""

    def __init__(self, given: Mapping[str, Any] | None = None) -> None:
        """`given`: name -> fields of a Sensor to change, or none for an ideal one. Raises ValueError."""
        self._given = dict(given or {})
        for name, fields in self._given.items():
            if fields is not None:
                self._changed(Sensor(), name, fields)

    def of(self, point: str, role: str | None, unit: str) -> Sensor | None:
        """None: an ideal one."""
        found = BY_ROLE.get(role or "") or BY_UNIT.get(unit)
        for name in (unit, role, point):
            if name and name in self._given:
                fields = self._given[name]
                found = None if fields is None else self._changed(found or Sensor(), name, fields)
        return found

    @staticmethod
    def _changed(sensor: Sensor, name: str, fields: Any) -> Sensor:
        if not isinstance(fields, Mapping) or not set(fields) <= set(_FIELD_NAMES):
            raise ValueError(f"sensors: {name}: write some of {', '.join(_FIELD_NAMES)}, or null")
        return dataclasses.replace(sensor, **{key: float(value) for key, value in fields.items()})


class SensorBank:
    """All sensors of a bench. `refresh` measures; the devices show what was measured last."""

    def __init__(
        self, devices: Iterable[SimulatedDevice], kinds: SensorKinds | None = None, seed: int = 1
    ) -> None:
        kinds = kinds or SensorKinds()
        found = tuple(_sensed(tuple(devices), kinds))
        self.points = tuple(f"{device.id}.{name}" for device, name, _, _ in found)
        self.values: list[Value | None] = [None] * len(found)
        self._variables = tuple(look.name for _, _, look, _ in found)
        self._pick = _picker(self._variables)
        sensors = [sensor for *_, sensor in found]
        self._factor = np.array([look.factor for _, _, look, _ in found])
        drawn, gains = (_pieces(seed + place, self.points) for place in (1, 2))
        fixed = np.array([np.nan if one.bias is None else one.bias for one in sensors])
        tolerance = np.array([one.tolerance for one in sensors])
        relative = np.array([one.tolerance_relative for one in sensors])
        self._bias = np.where(np.isnan(fixed), drawn * tolerance, fixed)
        self._gain = np.where(np.isnan(fixed), 1.0 + gains * relative, 1.0)
        self._sigma = np.array([one.sigma for one in sensors])
        self._sigma_relative = np.array([one.sigma_relative for one in sensors])
        self._lag = np.array([max(one.lag, 1e-9) for one in sensors])
        self._resolution = np.array([one.resolution for one in sensors])
        self._coarse = np.flatnonzero(self._resolution > 0.0)
        self._state = np.zeros(len(found))
        self._hiss = _Hiss(_keys(seed, self.points))
        self._last: float | None = None
        self._step = -1.0
        self._share = np.ones(len(found))
        for place, (device, name, look, _) in enumerate(found):
            device.show(name, MeasuredLook(self.values, place, look))

    def refresh(self, truth: Mapping[str, Variable], elapsed: float) -> None:
        """Measure everything as it is now. Points whose variable is missing are not available."""
        if not self.points:
            return
        try:
            found = np.array(self._pick(truth), dtype=np.float64)
        except KeyError:
            found = np.array([truth.get(name, np.nan) for name in self._variables], dtype=np.float64)
        whole = self._settle(found * self._factor, elapsed)
        state = self._state
        shown = state * self._gain + self._bias
        shown += (self._sigma + self._sigma_relative * np.abs(state)) * self._hiss.at(
            int(elapsed / SLOT + 1e-6)
        )
        if self._coarse.size:
            coarse, steps = self._coarse, self._resolution
            shown[coarse] = np.rint(shown[coarse] / steps[coarse]) * steps[coarse]
        values: list[Value | None] = shown.tolist()
        if not whole:
            values = [None if value != value else value for value in values]  # noqa: PLR0124 - NaN
        self.values[:] = values

    def _settle(self, target: Any, elapsed: float) -> bool:
        """First-order lag, exact for a target that moved at the start of the step. Whether all are numbers."""
        if self._last is None:
            self._state = target
        else:
            step = elapsed - self._last
            if step != self._step:
                self._step = step
                self._share = 1.0 - np.exp(-step / self._lag)
            self._state = self._state + (target - self._state) * self._share
        self._last = elapsed
        if math.isfinite(np.add.reduce(self._state)):
            return True
        self._state = np.where(np.isnan(self._state), target, self._state)
        return False


class _Hiss:
    """The noise of all sensors; worked out ahead where the times come evenly."""

    def __init__(self, keys: Any) -> None:
        self._keys = keys
        self._ahead: dict[int, Any] = {}
        self._slot, self._stride = -1, 0
        self._noise = np.zeros(len(keys))

    def at(self, slot: int) -> Any:
        """Of this slot of time."""
        if slot == self._slot:
            return self._noise
        even, self._stride, self._slot = slot - self._slot == self._stride, slot - self._slot, slot
        noise = self._ahead.get(slot)
        if noise is None:
            slots = range(slot, slot + self._stride * AHEAD, self._stride) if even else (slot,)
            self._ahead = dict(zip(slots, bell(self._keys, slots), strict=True))
            noise = self._ahead[slot]
        self._noise = noise
        return noise


def bell(keys: Any, slots: Sequence[int]) -> Any:
    """About normal numbers of deviation 1, a row a time, a column a key (splitmix64; Irwin-Hall of four)."""
    moments = np.array([slot * _GOLDEN & _MASK for slot in slots], dtype=np.uint64)
    mixed = moments[:, np.newaxis] + keys
    mixed = (mixed ^ mixed >> _MIX[0]) * _MIX[1]
    mixed = (mixed ^ mixed >> _MIX[2]) * _MIX[3]
    mixed ^= mixed >> _MIX[4]
    total = sum((mixed >> shift & _WORD for shift in _FIELDS), start=np.zeros_like(mixed))
    return (total.astype(np.float64) / 65_535.0 - 2.0) * 3.0**0.5


def _sensed(
    devices: tuple[SimulatedDevice, ...], kinds: SensorKinds
) -> Iterable[tuple[SimulatedDevice, str, VariableLook, Sensor]]:
    """Points that sense a quantity of the plant. What repeats a command is a register, not a sensor."""
    commanded = {variable for device in devices for variable in device.commands.values()}
    for device in devices:
        for name, point in device.profile.points.items():
            look = device.looks[name]
            if not isinstance(look, VariableLook) or look.name in commanded:
                continue
            if not device.measures(name) or point.kind is not ValueKind.NUMBER:
                continue
            role = point.role or look.name.rpartition(".")[2]
            if (sensor := kinds.of(f"{device.id}.{name}", role, point.unit)) is not None:
                yield device, name, look, sensor


def _picker(names: tuple[str, ...]) -> Callable[[Mapping[str, Variable]], Any]:
    if len(names) == 1:
        return lambda truth: (truth[names[0]],)
    return itemgetter(*names) if names else lambda _: ()


def _pieces(seed: int, points: Sequence[str]) -> Any:
    """Where each sensor lies within its tolerance, -1 to 1."""
    return bell(_keys(seed, points), (0,))[0] / _WIDEST


def _keys(seed: int, points: Sequence[str]) -> Any:
    return np.array([_key(seed, point) for point in points], dtype=np.uint64)


def _key(seed: int, point: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"{seed}:{point}".encode(), digest_size=8).digest(), "big")
