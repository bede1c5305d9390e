"""A chiller out of an EnergyPlus input file: Chiller:Electric:EIR or :ReformulatedEIR with its three curves.

Fields and their order: EnergyPlus Input Output Reference, group "Plant Equipment" and group "Performance Curves". Older files
lack the field that names the kind of part-load curve.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hil.plant.chiller_curves import ChillerCurves, PartLoad, Surface, heat_rate

EIR, REFORMULATED = "chiller:electric:eir", "chiller:electric:reformulatedeir"
RISE = 5.0  # K on both sides where the file leaves a flow to be sized
REJECTED = 1.2  # heat into the condenser over cooling, then
TABLES = {"curve:biquadratic": 6, "curve:quadratic": 3, "curve:cubic": 4, "curve:bicubic": 10}

Fields = Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """One curve: its coefficients and the range of x, and of y where it has one."""

    c: tuple[float, ...]
    x: tuple[float, float]
    y: tuple[float, float]


def read_chiller(
    text: str, name: str = "", *, centrifugal: bool | None = None, variable_speed: bool | None = None
) -> ChillerCurves:
    """The one machine of that name, or whose name holds it. None: as the name says (VSD; Valve of a screw).

    Raises ValueError with what is wrong.
    """
    objects = _objects(text)
    machine = _chosen([one for one in objects if one[0].lower() in (EIR, REFORMULATED)], name)
    try:
        return _curves(machine, objects, centrifugal, variable_speed)
    except IndexError:
        raise ValueError(f"{machine[1]} has too few fields") from None


def _curves(
    machine: Fields, objects: Sequence[Fields], centrifugal: bool | None, variable_speed: bool | None
) -> ChillerCurves:
    leaving = machine[0].lower() == REFORMULATED
    fields = list(machine)
    if leaving and not _is_number(fields[11]):  # the kind of part-load curve; an older file has none
        if fields[10].lower() == "lift":
            raise ValueError(
                f"{fields[1]}: a part-load curve over the lift is not known here, only one over leaving water"
            )
        if fields[10].lower() == "leavingcondenserwatertemperature":
            del fields[10]
    if not leaving and len(fields) > 19 and fields[19].lower() not in ("", "watercooled"):
        raise ValueError(
            f"{fields[1]} is cooled by air or evaporation; the plant has condenser water: choose a water-cooled one"
        )
    capacity = _number(fields, 2, "capacity") / 1e3
    carried = capacity / heat_rate(RISE)
    return ChillerCurves(
        name=fields[1],
        capacity=capacity,
        cop=_number(fields, 3, "COP"),
        reference_supply=_number(fields, 4, "reference leaving chilled water temperature"),
        reference_condenser=_number(fields, 5, "reference condenser water temperature"),
        chilled_flow=_flow(fields[6], carried),
        condenser_flow=_flow(fields[7], REJECTED * carried),
        minimum_part_load=_number(fields, 11, "minimum part load ratio"),
        maximum_part_load=_number(fields, 12, "maximum part load ratio"),
        minimum_unloading=_number(fields, 14, "minimum unloading ratio"),
        capacity_curve=_surface(_table(objects, fields[8])),
        eir_curve=_surface(_table(objects, fields[9])),
        part_load_curve=_part_load(_table(objects, fields[10])),
        leaving=leaving,
        variable_speed="vsd" in fields[1].lower() if variable_speed is None else variable_speed,
        centrifugal=not fields[1].lower().endswith("valve") if centrifugal is None else centrifugal,
    )


def _objects(text: str) -> list[Fields]:
    bare = re.sub(r"!.*", "", text)
    return [[field.strip() for field in one.split(",")] for one in bare.split(";") if one.strip()]


def _chosen(machines: Sequence[Fields], name: str) -> Fields:
    wanted = name.lower()
    exact = [one for one in machines if one[1].lower() == wanted]
    found = exact or [one for one in machines if wanted in one[1].lower()]
    if len(found) == 1:
        return found[0]
    if not machines:
        raise ValueError("holds no Chiller:Electric:EIR and no Chiller:Electric:ReformulatedEIR")
    some = ", ".join(repr(one[1]) for one in (found or machines)[:5])
    many = f"{len(found)} machines are" if found else "no machine is"
    raise ValueError(
        f"{many} called {name!r}: write object: with one name; there are {some}"
        + (" ..." if len(found or machines) > 5 else "")
    )


def _table(objects: Sequence[Fields], name: str) -> Table:
    for one in objects:
        if one[0].lower().startswith("curve:") and len(one) > 1 and one[1].lower() == name.lower():
            return _read_table(one)
    raise ValueError(f"there is no curve {name!r}")


def _read_table(fields: Fields) -> Table:
    kind, name = fields[0], fields[1]
    count = TABLES.get(kind.lower())
    if count is None:
        raise ValueError(f"curve {name!r} is a {kind}, which is not known here; known: {', '.join(TABLES)}")
    ends = 4 if count in (6, 10) else 2
    if len(fields) < 2 + count + ends:
        raise ValueError(f"curve {name!r} has too few fields")
    values = tuple(
        _number(fields, place, f"field {place} of curve {name!r}") for place in range(2, 2 + count + ends)
    )
    x = (values[count], values[count + 1])
    return Table(values[:count], x, (values[count + 2], values[count + 3]) if ends == 4 else (0.0, 0.0))


def _surface(table: Table) -> Surface:
    if len(table.c) != 6:
        raise ValueError("capacity and input over temperatures are Curve:Biquadratic")
    c1, c2, c3, c4, c5, c6 = table.c
    return Surface((c1, c2, c3, c4, c5, c6), table.x, table.y)


def _part_load(table: Table) -> PartLoad:
    if len(table.c) == 10:
        return PartLoad(table.c, table.x, table.y)
    if len(table.c) == 6:
        raise ValueError("input over part load is Curve:Quadratic, Curve:Cubic or Curve:Bicubic")
    return PartLoad.over_load(table.c, table.x)


def _number(fields: Fields, place: int, what: str) -> float:
    try:
        return float(fields[place])
    except ValueError:
        raise ValueError(f"{fields[1]}: {what} is {fields[place]!r}, not a number") from None


def _flow(written: str, usual: float) -> float:
    return float(written) * 1e3 if _is_number(written) else usual


def _is_number(written: str) -> bool:
    try:
        float(written)
    except ValueError:
        return False
    return True
