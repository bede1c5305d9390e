"""Co-simulation units (FMI 2.0 and 3.0) as plants, through FMPy, with a file that says which variable is which.

step: 10 s
inputs:
  chiller_1.chilled_water_setpoint: {variable: TSet, unit: K, local: 280.15}
outputs:
  chiller_1.chilled_water_supply_temp: {variable: TSup, unit: K}
  chiller_1.power: P

`unit` is the unit's own, where its description does not say; `local` is what it gets while nobody commands.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.config.document import Document, read_document
from agent.config.quantities import QuantityError, convertible, quantity
from agent.core.errors import ConfigurationError, PlantroomError
from hil.plant.variables import UNITS, Inputs, Outputs, Variable, VariableInfo

# (theirs, ours) -> ours = theirs * factor + offset; what the table of quantities does not hold
_SI: Mapping[tuple[str, str], tuple[float, float]] = {
    ("K", "degC"): (1.0, -273.15),
    ("J", "kWh"): (1.0 / 3.6e6, 0.0),
    ("kg/s", "l/s"): (1.0, 0.0),  # water
    ("1", "%"): (100.0, 0.0),
}
DEFAULT_STEP = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One variable of the unit under our name."""

    ours: str
    theirs: str
    unit: str | None = None
    local: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitMap:
    """What the mapping file says. `start` are the unit's own parameters by its own names."""

    step: float = DEFAULT_STEP
    start: Mapping[str, float] = field(default_factory=dict)
    inputs: tuple[Link, ...] = ()
    outputs: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class _Wire:
    """A link that has been found in the unit: how to reach it and how to turn its values."""

    link: Link
    reference: int
    type: str
    unit: str  # ours
    factor: float
    offset: float
    rest: float  # theirs, while nobody commands


def read_map(path: Path) -> UnitMap:
    """Raises ConfigurationError."""
    document = read_document(path)
    data = document.data if isinstance(document.data, dict) else {}
    for name in set(data) - {"step", "start", "inputs", "outputs"}:
        document.add((name,), f"there is no section {name!r}", "write step, start, inputs, outputs", key=True)
    inputs = tuple(_link(document, "inputs", ours, data) for ours in data.get("inputs") or {})
    outputs = tuple(_link(document, "outputs", ours, data) for ours in data.get("outputs") or {})
    step = DEFAULT_STEP
    try:
        step = quantity(data.get("step", DEFAULT_STEP), "s")
    except QuantityError as error:
        document.add(("step",), str(error), error.mend)
    if not outputs and not document.problems:
        document.add((), "maps no output", "write outputs: {chiller_1.power: P}")
    if document.problems:
        raise ConfigurationError(tuple(document.problems))
    return UnitMap(step=step, start=dict(data.get("start") or {}), inputs=inputs, outputs=outputs)


def _link(document: Document, section: str, ours: str, data: Mapping[str, Any]) -> Link:
    line = data[section][ours]
    if isinstance(line, str):
        return Link(ours=ours, theirs=line)
    where = (section, ours)
    if not isinstance(line, dict) or not isinstance(line.get("variable"), str):
        document.add(where, "says no variable of the unit", "write {variable: name, unit: K}")
        return Link(ours=ours, theirs="")
    for name in set(line) - {"variable", "unit", "local"}:
        document.add((*where, name), f"there is no {name!r} here", "write variable, unit, local", key=True)
    local = line.get("local")
    return Link(
        ours=ours,
        theirs=line["variable"],
        unit=line.get("unit"),
        local=None if local is None else float(local),
    )


class UnitPlant:
    """A running co-simulation unit. Fulfils `hil.plant.variables.Plant`; `close` ends it."""

    def __init__(self, unit: Any, wires: tuple[_Wire, ...], outputs: tuple[_Wire, ...], step: float) -> None:
        self.communication_step = step
        self._unit = unit
        self._inputs = wires
        self._outputs = outputs
        self._time = 0.0

    def variables(self) -> Mapping[str, VariableInfo]:
        found = {wire.link.ours: VariableInfo(wire.unit) for wire in self._outputs}
        return found | {wire.link.ours: VariableInfo(wire.unit, input=True) for wire in self._inputs}

    def step(self, dt: float, inputs: Inputs) -> Outputs:
        """Exactly one communication step of `dt` seconds. Raises PlantroomError where the unit fails."""
        try:
            for wire in self._inputs:
                value = inputs.get(wire.link.ours)
                raw = wire.rest if value is None else (float(value) - wire.offset) / wire.factor
                _set(self._unit, wire.reference, wire.type, raw)
            self._unit.doStep(currentCommunicationPoint=self._time, communicationStepSize=dt)
            self._time += dt
            outputs = {wire.link.ours: self._get(wire) for wire in self._outputs}
        except Exception as error:
            raise PlantroomError(f"the co-simulation unit failed at {self._time:g} s: {error}") from error
        return {**{wire.link.ours: self._commanded(wire, inputs) for wire in self._inputs}, **outputs}

    def close(self) -> None:
        self._unit.terminate()
        self._unit.freeInstance()
        shutil.rmtree(self._unit.unzipDirectory, ignore_errors=True)

    def _get(self, wire: _Wire) -> Variable:
        if wire.type == "Boolean":
            return bool(self._unit.getBoolean([wire.reference])[0])
        reader = getattr(self._unit, f"get{wire.type}")
        return float(reader([wire.reference])[0]) * wire.factor + wire.offset

    @staticmethod
    def _commanded(wire: _Wire, inputs: Inputs) -> Variable:
        """What the machine is told, as it is shown: ours, or its own local value."""
        value = inputs.get(wire.link.ours)
        if value is not None:
            return value
        return bool(wire.rest) if wire.type == "Boolean" else wire.rest * wire.factor + wire.offset


def open_unit(path: Path, mapping: Path) -> UnitPlant:
    """The unit, set up and initialised. Raises ConfigurationError for the map and PlantroomError for the unit."""
    wanted = read_map(mapping)
    try:
        import fmpy
        from fmpy import simulation
    except ImportError as error:
        raise PlantroomError("co-simulation units need FMPy: pip install 'plantroom[fmu]'") from error
    folder = ""
    try:
        description = fmpy.read_model_description(str(path))
        known = {one.name: one for one in description.modelVariables}
        inputs = tuple(_found(path, known, link) for link in wanted.inputs)
        outputs = tuple(_found(path, known, link) for link in wanted.outputs)
        folder = fmpy.extract(str(path))
        make: Any = simulation.instantiate_fmu
        unit = make(folder, description, "CoSimulation", require_functions=False)
        _initialise(unit, description.fmiVersion or "2.0", known, wanted.start)
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, PlantroomError):
            raise
        raise PlantroomError(f"{path}: {type(error).__name__}: {error}") from error
    return UnitPlant(unit, inputs, outputs, wanted.step)


def _initialise(unit: Any, version: str, known: Mapping[str, Any], start: Mapping[str, float]) -> None:
    for name, value in start.items():
        if name not in known:
            raise PlantroomError(f"start: the unit has no variable {name}")
        _set(unit, known[name].valueReference, known[name].type, float(value))
    if version.startswith("2"):
        unit.setupExperiment(startTime=0.0)
        unit.enterInitializationMode()
    else:
        unit.enterInitializationMode(startTime=0.0)
    unit.exitInitializationMode()


def _found(path: Path, known: Mapping[str, Any], link: Link) -> _Wire:
    variable = known.get(link.theirs)
    if variable is None:
        raise PlantroomError(f"{path}: the unit has no variable {link.theirs!r} (for {link.ours})")
    declared = variable.unit or getattr(variable.declaredType, "unit", None)
    theirs = link.unit or declared or ""
    ours = UNITS.get(link.ours.rpartition(".")[2], theirs)
    factor, offset = _turning(link.ours, theirs, ours)
    rest = link.local if link.local is not None else _start_of(variable.start)
    return _Wire(link, variable.valueReference, variable.type, ours, factor, offset, rest)


def _turning(name: str, theirs: str, ours: str) -> tuple[float, float]:
    if theirs in ("", ours) or not ours:
        return 1.0, 0.0
    if (theirs, ours) in _SI:
        return _SI[theirs, ours]
    if convertible(theirs, ours):
        zero, one = quantity(f"0 {theirs}", ours), quantity(f"1 {theirs}", ours)
        return one - zero, zero
    raise PlantroomError(f"{name}: {theirs} cannot be turned into {ours}")


def _start_of(text: Any) -> float:
    """The value the unit starts with, from its description."""
    if text in (None, ""):
        return 0.0
    word = str(text).lower()
    return float(word == "true") if word in ("true", "false") else float(word.split()[0])


def _set(unit: Any, reference: int, kind: str, raw: float) -> None:
    if kind == "Boolean":
        unit.setBoolean([reference], [bool(raw)])
    elif kind.startswith(("Int", "UInt", "Enum")):
        getattr(unit, f"set{kind}")([reference], [round(raw)])
    else:
        getattr(unit, f"set{kind}")([reference], [raw])
