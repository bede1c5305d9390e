"""From the sizes of a plant file to the design of its central plant.

Flows follow from capacities and temperature differences, pumps from flows and heads, towers from condenser water: a plant
file states what an engineer would state, and nothing can be said twice and differ.
"""

from __future__ import annotations

from collections.abc import Mapping

from agent.config.names import nearest
from hil.library import chiller_names, load_chiller, load_tower_curve
from hil.plant.central_design import (
    CentralDesign,
    ChillerUnit,
    EconomiserDesign,
    FanControl,
    LocalControl,
    StorageDesign,
    TowerGroup,
)
from hil.plant.chiller_curves import ChillerCurves, heat_rate
from hil.plant.exchanger import Exchanger
from hil.plant.pump import PumpCurve
from hil.plant.tank import TankDesign
from hil.plant.tower import Merkel, Tower, TowerModel
from hil.ready_site.own_machine import own_machine
from hil.ready_site.pumps import pump_group
from hil.ready_site.sizes import Sizes, wrong

REJECTION = (
    1.2  # heat rejected over cooling at design: a COP of 5 (GB 19577 grade 2 machines have 5.3 and more)
)
KEYS = (
    "factory", "about", "climate", "utc_offset", "calendar", "machines", "chillers", "chilled", "condenser", "towers", "tank",
    "economiser", "local", "building", "halls", "variants", "hold_out", "header_volume", "branch_drop",
)  # fmt: skip


TOWER_KEYS = (
    "cells", "fan_power", "fan", "spare", "cell_flow", "variable", "lift", "nozzle_drop", "model", "wet_bulb", "approach",
    "rise", "ratio",
)  # fmt: skip


def central_design(sizes: Sizes, branch_flow: float) -> CentralDesign:
    """`branch_flow`: l/s of all coils at design. Raises ConfigurationError."""
    sizes.allow(KEYS)
    chilled, condenser = sizes.part("chilled"), sizes.part("condenser")
    units = tuple(_chiller(sizes, one, chilled, condenser) for _, one in sizes.parts("chillers"))
    if not units:
        raise wrong("chillers", "are missing", "write chillers: [{machine: main, capacity: 1055 kW}]")
    curves = [unit.curves for unit in units]
    try:
        return CentralDesign(
            chillers=units,
            chilled=pump_group(chilled, [one.chilled_flow for one in curves]),
            condenser=pump_group(condenser, [one.condenser_flow for one in curves]),
            towers=_towers(sizes.part("towers"), sum(one.condenser_flow for one in curves)),
            economiser=_economiser(sizes, curves) if sizes.has("economiser") else None,
            storage=_storage(sizes.part("tank")) if sizes.has("tank") else None,
            local=_local(sizes.part("local")),
            branch_flow=branch_flow,
            branch_drop=sizes.number("branch_drop", "kPa", 60.0),
            header_volume=sizes.number("header_volume", "m3", 0.0) * 1e3 or None,
        )
    except ValueError as error:
        raise wrong("plant", str(error)) from error


def _chiller(sizes: Sizes, one: Sizes, chilled: Sizes, condenser: Sizes) -> ChillerUnit:
    one.allow(("machine", "capacity", "reformulated", "evaporator_drop", "condenser_drop", "minimum_flow"))
    curves = _curves(sizes.part("machines"), one)
    capacity = one.number("capacity", "kW", curves.capacity)
    return ChillerUnit(
        curves=curves.sized(
            capacity=capacity,
            chilled_flow=capacity / heat_rate(chilled.number("rise", "K")),
            condenser_flow=REJECTION * capacity / heat_rate(condenser.number("rise", "K")),
        ),
        evaporator_drop=one.number("evaporator_drop", "kPa", 60.0),
        condenser_drop=one.number("condenser_drop", "kPa", 60.0),
        minimum_flow=one.number("minimum_flow", "%", 50.0) / 100.0,
    )


def _curves(machines: Sizes, one: Sizes) -> ChillerCurves:
    """Of a machine of the data set, or the user's own."""
    role = one.text("machine")
    if isinstance(machines.data.get(role), Mapping):
        if one.has("reformulated"):
            raise wrong(
                f"{one.where}.reformulated",
                "an own machine says by itself which water its curves see",
                "leave it out",
            )
        return own_machine(machines.part(role))
    machine = machines.text(role, role)
    try:
        return load_chiller(machine, reformulated=one.flag("reformulated", default=False))
    except KeyError:
        mend = (
            f"{nearest(machine, chiller_names())}, or coefficients of your own under machines: (docs/hil.md)"
        )
        raise wrong(f"{one.where}.machine", f"there is no machine {machine!r}", mend) from None


def _towers(part: Sizes, flow: float) -> TowerGroup:
    part.allow(TOWER_KEYS)
    cells = int(part.number("cells"))
    own = part.number("cell_flow", "l/s", flow * part.number("spare", "%", 100.0) / 100.0 / cells)
    fan = part.number("fan", "kW") if part.has("fan") else own * 3.6 * part.number("fan_power")
    return TowerGroup(
        cell=Tower(model=_tower_model(part, own), design_flow=own, fan_power=fan),
        count=cells,
        variable=part.flag("variable", default=True),
        lift=part.number("lift", "m", 4.0),
        nozzle_drop=part.number("nozzle_drop", "kPa", 25.0),
    )


def _tower_model(part: Sizes, flow: float) -> TowerModel:
    """York's correlation, or the cell that does the maker's duty: `wet_bulb`, `approach` and `rise` at `flow`."""
    word = part.text("model", "york")
    if word == "york":
        return load_tower_curve()
    if word != "merkel":
        raise wrong(f"{part.where}.model", f"'{word}' is no model of a tower", "write york or merkel")
    wet = part.number("wet_bulb", "degC")
    leaving = wet + part.number("approach", "K", 4.0)
    try:
        return Merkel.for_design(
            flow=flow,
            entering=leaving + part.number("rise", "K", 5.0),
            leaving=leaving,
            wet_bulb=wet,
            ratio=part.number("ratio", "", 1.2),
        )
    except ValueError as error:
        raise wrong(part.where, str(error)) from None


def _economiser(sizes: Sizes, curves: list[ChillerCurves]) -> EconomiserDesign:
    part = sizes.part("economiser")
    part.allow(("share", "approach", "head"))
    share = part.number("share", "%") / 100.0
    warm = share * sum(one.chilled_flow for one in curves)
    cold = share * sum(one.condenser_flow for one in curves)
    return EconomiserDesign(
        exchanger=Exchanger(warm_flow=warm, cold_flow=cold, approach=part.number("approach", "K")),
        pump=PumpCurve(design_flow=cold, design_head=part.number("head", "m")),
    )


def _storage(part: Sizes) -> StorageDesign:
    part.allow(("volume", "height", "cold", "warm", "flow", "head", "charged"))
    return StorageDesign(
        tank=TankDesign(
            volume=part.number("volume", "m3"),
            height=part.number("height", "m"),
            cold=part.number("cold", "degC"),
            warm=part.number("warm", "degC"),
        ),
        pump=PumpCurve(design_flow=part.number("flow", "l/s"), design_head=part.number("head", "m")),
        charged=part.number("charged", "%", 0.0) / 100.0,
    )


def _local(part: Sizes) -> LocalControl:
    part.allow(("setpoint", "fans", "basin", "band"))
    fans, known = part.text("fans", "fixed"), [str(one.value) for one in FanControl]
    if fans not in known:
        raise wrong(f"{part.where}.fans", f"'{fans}' is none of {', '.join(known)}", nearest(fans, known))
    return LocalControl(
        setpoint=part.number("setpoint", "degC", 7.0),
        fans=FanControl(fans),
        basin=part.number("basin", "degC", 26.0),
        band=part.number("band", "K", 3.0),
    )
