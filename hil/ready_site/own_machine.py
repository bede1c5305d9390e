"""A chiller of the user's own: the coefficients a plant file states, or those of an EnergyPlus file beside it.

machines:
  mine: {idf: chillers.idf, object: Trane CVHE 1442kW}   # a file beside plant.yaml; a part of the name will do
  other:
    {capacity: 1407 kW, cop: 6.04, chilled_leaving: 6.67 degC, condenser_entering: 29.44 degC, condenser_flow: 60 l/s, ...}
"""

from __future__ import annotations

from pathlib import Path

from hil.idf_chiller import read_chiller
from hil.plant.chiller_check import problems
from hil.plant.chiller_curves import ChillerCurves, PartLoad, Surface, heat_rate
from hil.ready_site.sizes import Sizes, wrong

KEYS = (
    "about", "capacity", "cop", "chilled_leaving", "condenser_entering", "condenser_leaving", "chilled_flow", "condenser_flow",
    "minimum_load", "maximum_load", "unloading", "compressor", "variable_speed", "capacity_curve", "input_curve",
    "part_load_curve",
)  # fmt: skip
IDF_KEYS = ("about", "idf", "object", "compressor", "variable_speed")
COMPRESSORS = ("centrifugal", "screw", "scroll", "reciprocating")
MEND = "degC, shares of the reference point, ranges as measured; of a published pair of models take the other (Chiller:Electric:EIR)"
USUAL_RISE = 5.0  # K of the chilled water where no flow is given: 7/12 degC


def own_machine(one: Sizes) -> ChillerCurves:
    """Raises ConfigurationError with what is wrong and where."""
    curves = _from_file(one) if one.has("idf") else _from_numbers(one)
    if found := problems(curves):
        raise wrong(one.where, f"{curves.name}: {'; '.join(found)}", MEND)
    return curves


def _from_file(one: Sizes) -> ChillerCurves:
    one.allow(IDF_KEYS)
    path = Path(one.text("idf"))
    try:
        text = path.read_text(encoding="latin-1")
        return read_chiller(
            text,
            one.text("object"),
            centrifugal=_centrifugal(one) if one.has("compressor") else None,
            variable_speed=one.flag("variable_speed", default=False) if one.has("variable_speed") else None,
        )
    except OSError as error:
        raise wrong(f"{one.where}.idf", f"{path}: {error.strerror or error}") from None
    except ValueError as error:
        raise wrong(f"{one.where}.idf", f"{path}: {error}") from None


def _from_numbers(one: Sizes) -> ChillerCurves:
    one.allow(KEYS)
    leaving = one.has("condenser_leaving")
    if leaving == one.has("condenser_entering"):
        raise wrong(
            one.where, "its curves see the condenser water either entering or leaving",
            "write one of condenser_entering (EIR model) and condenser_leaving (reformulated EIR), degC at the reference point",
        )  # fmt: skip
    capacity, cop = one.number("capacity", "kW"), one.number("cop")
    return ChillerCurves(
        name=one.where.rpartition(".")[2],
        capacity=capacity,
        cop=cop,
        reference_supply=one.number("chilled_leaving", "degC"),
        reference_condenser=one.number("condenser_leaving" if leaving else "condenser_entering", "degC"),
        chilled_flow=one.number("chilled_flow", "l/s", capacity / heat_rate(USUAL_RISE)),
        condenser_flow=one.number("condenser_flow", "l/s"),
        minimum_part_load=one.number("minimum_load", "%") / 100.0,
        maximum_part_load=one.number("maximum_load", "%", 100.0) / 100.0,
        minimum_unloading=one.number("unloading", "%", one.number("minimum_load", "%")) / 100.0,
        capacity_curve=_surface(one.part("capacity_curve")),
        eir_curve=_surface(one.part("input_curve")),
        part_load_curve=_part_load(one.part("part_load_curve"), leaving=leaving),
        leaving=leaving,
        variable_speed=one.flag("variable_speed", default=False),
        centrifugal=_centrifugal(one),
    )


def _centrifugal(one: Sizes) -> bool:
    word = one.text("compressor", COMPRESSORS[0])
    if word not in COMPRESSORS:
        raise wrong(f"{one.where}.compressor", f"'{word}' is none of {', '.join(COMPRESSORS)}")
    return word == COMPRESSORS[0]


def _surface(part: Sizes) -> Surface:
    part.allow(("c", "chilled", "condenser"))
    c1, c2, c3, c4, c5, c6 = _coefficients(part, 6)
    return Surface((c1, c2, c3, c4, c5, c6), _range(part, "chilled"), _range(part, "condenser"))


def _part_load(part: Sizes, *, leaving: bool) -> PartLoad:
    """Ten coefficients over leaving water and load, or three or four over the load alone."""
    part.allow(("c", "condenser", "load"))
    load = tuple(share / 100.0 if share > 2.0 else share for share in _range(part, "load"))
    if leaving and len(part.numbers("c", ())) == 10:
        return PartLoad(_coefficients(part, 10), _range(part, "condenser"), (load[0], load[1]))
    c = part.numbers("c", ())
    if len(c) not in (3, 4):
        ten = ", or ten over leaving water and load" if leaving else ""
        raise wrong(
            f"{part.where}.c", f"has {len(c)} coefficients", f"write three or four over the load{ten}"
        )
    return PartLoad.over_load(c, (load[0], load[1]))


def _coefficients(part: Sizes, count: int) -> tuple[float, ...]:
    c = part.numbers("c", ())
    if len(c) != count:
        mend = (
            "constant, x, x2, y, y2, xy; x chilled water leaving, y condenser water, degC"
            if count == 6
            else ""
        )
        raise wrong(f"{part.where}.c", f"has {len(c)} coefficients, not {count}", mend)
    return c


def _range(part: Sizes, key: str) -> tuple[float, float]:
    ends = part.numbers(key, ())
    if len(ends) != 2 or not ends[0] <= ends[1]:
        raise wrong(f"{part.where}.{key}", "is a range", f"write {key}: [lowest, highest]")
    return ends[0], ends[1]
