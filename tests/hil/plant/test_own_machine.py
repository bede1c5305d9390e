"""Machines that are not in the repository: stated in a plant file or read from an EnergyPlus file, and sane or refused.

Coefficients: EnergyPlus 25.2, data set Chillers.idf (manufacturers' data of 1991-2001), which the repository's 17 are also from.
"""

import shutil
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from agent.core.errors import ConfigurationError
from hil.climates import located
from hil.idf_chiller import read_chiller
from hil.library import chiller_names, load_chiller
from hil.plant.chiller_check import problems
from hil.plant.chiller_curves import ChillerCurves, operating_point
from hil.ready_site.factory import make_plant
from hil.ready_site.own_machine import own_machine
from hil.ready_site.ready_site import SITES, load_ready_site
from hil.ready_site.sizes import Sizes

Machine = dict[str, Any]


def stated(of: str, numbers: str, capacity: str, power: str, part: str, temperatures: str) -> Machine:
    """A machine as a plant file has it, from lines of numbers."""
    size, cop, chilled, condenser, flow, least, most = numbers.split()
    cold, warm, cool, hot = (float(one) for one in temperatures.split())
    ranges = {"chilled": [cold, warm], "condenser": [cool, hot]}
    return {
        "about": of, "capacity": f"{size} kW", "cop": float(cop), "chilled_leaving": f"{chilled} degC",
        "condenser_entering": f"{condenser} degC", "condenser_flow": f"{flow} l/s", "minimum_load": f"{least} %",
        "maximum_load": f"{most} %", "variable_speed": "VSD" in of, "compressor": "screw" if "Valve" in of else "centrifugal",
        "capacity_curve": {"c": [float(one) for one in capacity.split()], **ranges},
        "input_curve": {"c": [float(one) for one in power.split()], **ranges},
        "part_load_curve": {"c": [float(one) for one in part.split()], "load": [float(least) / 100, float(most) / 100]},
    }  # fmt: skip


CARRIER = stated(
    "Carrier 19XR 742kW/5.42COP/VSD", "742.0 5.42 5.56 21.11 19.56 19 102",
    "0.9797101 -0.002895701 -0.0008970718 0.0103144 -0.0007431651 0.001453508",
    "0.9946139 -0.04829399 0.0004674277 -0.001158726 0.0005762583 0.0002148192",
    "0.1202277 0.1396384 0.7394038", "5.56 10.0 11.25 23.89",
)  # fmt: skip
TRANE = stated(
    "Trane CVHF 1758kW/5.96COP/Vanes", "1758.3 5.96 5.56 24.44 63.09 20 102",
    "1.074211 0.007710761 -0.00316677 -0.01868765 0.0001273866 0.002744586",
    "0.4910329 -0.09895115 0.004257871 0.05433817 -0.0008184909 0.000617881",
    "0.3694797 0.09551656 0.5347291", "5.56 10.0 12.78 24.44",
)  # fmt: skip
MCQUAY = stated(
    "McQuay WSC 471kW/5.89COP/Vanes", "471.2 5.89 8.89 26.67 19.24 10 115",
    "0.252113 0.01324053 -0.008637329 0.08581056 -0.004261176 0.008661899",
    "0.4475238 -0.0258821 -0.001459053 0.04342595 -0.001000651 0.001920106",
    "0.2778889 0.2338363 0.4883748", "7.22 12.78 12.78 26.67",
)  # fmt: skip
SCREW = stated(
    "Trane RTHC 707kW/7.77COP/Valve", "706.8 7.77 5.56 15.56 32.68 28 101",
    "0.9362925 0.02940722 0.0005726999 -0.005696483 -5.569609e-05 -0.0001708132",
    "0.6497944 0.006883157 -0.0005277681 0.01725788 0.0006779317 -0.001244055",
    "0.1997099 0.6754676 0.1243767", "5.56 11.11 15.56 23.89",
)  # fmt: skip
IDF = """
  Chiller:Electric:ReformulatedEIR,
    ReformEIRChiller McQuay WSC 471kW/5.89COP/Vanes, 471200, 5.89, 8.89, 33.52, 0.01035, 0.01924,
    WSC CAPFT, WSC EIRFT, LeavingCondenserWaterTemperature, WSC EIRFPLR,
    0.10, 1.08, 1.0, 0.10,   !- part load ratios
    A, B, C, D, 1.0, 2.0, ConstantFlow, 0.0;
  Chiller:Electric:EIR, Sized VSD, 742000, 5.42, 5.56, 21.11, autosize, Autosize, Own CAPFT, own eirft, Own EIRFPLR,
    0.19, 1.02, 1.0, 0.19, A, B, C, D, WaterCooled, , 1.0, 2.0, ConstantFlow, 0.0;
  Chiller:Electric:EIR, Roof, 742000, 3.1, 6.67, 35.0, autosize, autosize, Own CAPFT, own eirft, Own EIRFPLR,
    0.19, 1.02, 1.0, 0.19, A, B, C, D, AirCooled, 0.0, 1.0, 2.0, ConstantFlow, 0.0;
  Curve:Biquadratic, WSC CAPFT, -4.862465E-01, -7.293218E-02, -8.514849E-03, 1.463106E-01, -4.474066E-03, 9.813408E-03,
    7.22, 12.78, 18.81, 35.09;
  Curve:Biquadratic, WSC EIRFT, 3.522647E-01, -3.311790E-02, -1.374491E-04, 3.469525E-02, -3.624458E-04, 6.749423E-04,
    7.22, 12.78, 18.81, 35.09;
  Curve:Bicubic, WSC EIRFPLR, 8.215998E-01, -2.209969E-02, -1.725652E-05, -3.831448E-02, 1.896948E-01, 2.308518E-02, 0.0,
    1.349969E-02, 0.0, 0.0, 17.52, 33.32, 0.10, 1.08;
  Curve:Biquadratic, Own CAPFT, 0.9797101, -0.002895701, -0.0008970718, 0.0103144, -0.0007431651, 0.001453508,
    5.56, 10.0, 11.25, 23.89;
  Curve:Biquadratic, Own EIRFT, 0.9946139, -0.04829399, 0.0004674277, -0.001158726, 0.0005762583, 0.0002148192,
    5.56, 10.0, 11.25, 23.89;
  Curve:Quadratic, Own EIRFPLR, 0.1202277, 0.1396384, 0.7394038, 0.19, 1.02;
"""
STATED = {"carrier": CARRIER, "trane": TRANE, "mcquay": MCQUAY, "screw": SCREW}


def curves_of(name: str) -> ChillerCurves:
    if name == "reformulated":
        return read_chiller(IDF, "WSC")
    return own_machine(Sizes(STATED[name], f"machines.{name}"))


@pytest.mark.parametrize("name", [*STATED, "reformulated"])
def test_an_own_machine_is_sane_over_all_that_a_plant_can_ask_of_it(name: str) -> None:
    curves = curves_of(name)
    for supply in (3.0, 5.0, 6.67, 9.0, 13.0, 20.0):
        for condenser in range(5, 46, 5):
            before = 0.0
            for part in (0.02, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.0, 1.3):
                point = operating_point(curves, part * curves.capacity, supply, float(condenser))
                assert isfinite(point.power)
                assert point.power >= 0.999 * before, "more cooling never draws less"
                before = point.power
                assert 0.3 < point.available / curves.capacity < 1.4
                lift = point.condenser_leaving - supply
                assert point.cooling * max(lift, 0.0) <= 0.9 * point.power * (supply + 273.15)
                if part >= 0.3 and lift > 15.0:
                    assert 1.0 < point.cooling / point.power < 14.0
    assert operating_point(curves, 300.0, 7.0, 33.0).extrapolated, (
        "none of them was measured in a southern summer"
    )


@pytest.mark.parametrize("name", [*STATED, "reformulated"])
def test_inside_its_range_capacity_falls_with_the_lift_and_power_rises(name: str) -> None:
    curves = curves_of(name)
    (cold, warm), (cool, hot) = curves.eir_curve.x_range, curves.eir_curve.y_range
    middle = 0.5 * (cool + hot)
    assert curves.capacity_curve.at(cold, hot) < curves.capacity_curve.at(warm, middle)
    assert curves.eir_curve.at(cold, hot) > curves.eir_curve.at(warm, middle) > 0.0


def test_the_file_of_another_program_says_what_the_numbers_say() -> None:
    mine = own_machine(Sizes(CARRIER, "carrier"))
    read = read_chiller(IDF, "sized vsd")
    assert (read.variable_speed, read.centrifugal, read.leaving) == (True, True, False)
    assert read.chilled_flow == pytest.approx(742.0 / 4.187 / 5.0)
    same = replace(read, name="carrier", chilled_flow=mine.chilled_flow, condenser_flow=mine.condenser_flow)
    assert same == mine
    # worked out by hand from the coefficients at 8 / 20 degC: 1.0025 * 742 kW; input share 0.84387
    point = operating_point(mine, 742.0, 8.0, 20.0)
    shape = (
        0.9797101
        - 0.002895701 * 8
        - 0.0008970718 * 64
        + 0.0103144 * 20
        - 0.0007431651 * 400
        + 0.001453508 * 160
    )
    assert point.available == pytest.approx(742.0 * shape, rel=1e-9)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"condenser_leaving": "30 degC"}, "either entering or leaving"),
        ({"cop": 0}, "cop must be more than nothing"),
        ({"cop": 40.0}, "of what Carnot's machine would"),
        ({"chilled_leaving": "44 degF", "capacity_curve": {**CARRIER["capacity_curve"], "c": [9.8, 0, 0, 0, 0, 0]}}, "capacity_curve is 9.8"),
        ({"input_curve": {**CARRIER["input_curve"], "c": [1.0, 0.0]}}, "has 2 coefficients, not 6"),
        ({"input_curve": {**CARRIER["input_curve"], "c": [-1.11, 0, 0, 0.1, 0, 0], "condenser": [5, 24]}}, "input_curve is -"),
        ({"input_curve": {**CARRIER["input_curve"], "condenser": [24, 11]}}, "is a range"),
        ({"part_load_curve": {"c": [1, 2, 3, 4, 5], "load": [0.1, 1.0]}}, "has 5 coefficients"),
        ({"part_load_curve": {"c": [-0.5, 1.5, 0.0], "load": [0.19, 1.0]}}, "part_load_curve is not above nothing"),
        ({"compressor": "steam"}, "'steam' is none of"),
        ({"capcity_curve": {}}, "did you mean 'capacity_curve'"),
        ({"minimum_load": "120 %"}, "maximum_load lies between"),
    ],
)  # fmt: skip
def test_what_can_be_no_machine_is_refused_with_its_place(changes: Machine, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        own_machine(Sizes({**CARRIER, **changes}, "machines.mine"))
    assert said in str(caught.value)
    assert "machines.mine" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("roof", IDF, "cooled by air"),
        ("nothing", IDF, "no machine is called 'nothing'"),
        ("", IDF, "3 machines are called ''"),
        ("wsc", IDF.replace("WSC EIRFT, 3.5", "GONE, 3.5"), "there is no curve 'WSC EIRFT'"),
        ("wsc", IDF.replace("Curve:Bicubic", "Curve:Quintic"), "Curve:Quintic, which is not known"),
        ("wsc", IDF.replace("LeavingCondenserWaterTemperature", "Lift"), "over the lift"),
        ("wsc", IDF.replace("471200", "autosize"), "capacity is 'autosize'"),
        ("wsc", "Version, 25.2;", "holds no Chiller:Electric:EIR"),
    ],
)
def test_what_is_wrong_in_the_file_of_another_program_is_told(name: str, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_chiller(text, name)


@pytest.mark.parametrize("reformulated", [False, True])
def test_the_machines_that_come_along_pass_the_same_check(reformulated: bool) -> None:
    for name in chiller_names():
        assert problems(load_chiller(name, reformulated=reformulated)) == []


def plant_file(**changes: Any) -> dict[str, Any]:
    return {
        "climate": "beijing", "machines": {"mine": TRANE, "small": SCREW},
        "chillers": [{"machine": "mine"}, {"machine": "mine", "capacity": "1500 kW"}, {"machine": "small"}],
        "chilled": {"rise": "5 K", "curve": [[0, 40], [60, 36.4], [100, 30]]},
        "condenser": {"rise": "5 K", "head": "25 m"},
        "towers": {
            "cells": 3, "fan": "30 kW", "cell_flow": "95 l/s", "model": "merkel", "wet_bulb": "27 degC", "approach": "3 K", "rise": "5 K",
        },
        "halls": {
            "count": 2, "load": "3000 kW", "low": "60 %", "high": "70 %", "cold": "23 degC", "warm": "35 degC",
            "entering": "7 degC", "leaving": "12 degC",
        },
    } | changes  # fmt: skip


def test_a_plant_of_own_machines_own_pumps_and_own_towers_runs() -> None:
    plant = make_plant(plant_file(), 1_784_000_000.0, 1)
    for _ in range(240):
        row = plant.step(60.0, {})
    design = plant.plant.design
    assert [round(unit.curves.capacity) for unit in design.chillers] == [1758, 1500, 707]
    assert design.chilled.pumps[0].head(60.0, 1.0) == pytest.approx(36.4, abs=0.2)
    assert design.towers.cell.fan_power == 30.0
    duty = design.towers.cell.point(35.0, 95.0, 27.0, 1.0)
    assert duty.leaving == pytest.approx(30.0, abs=0.01)
    assert float(row["loop.chilled_water_supply_temp"]) == pytest.approx(7.0, abs=0.3)
    assert 2.0 < float(row["loop.cooling"]) / float(row["loop.power"]) < 6.0
    assert all(isfinite(value) for value in row.values())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"chillers": [{"machine": "York YT 1055kW"}]}, "did you mean 'York YT 1055kW/5.96COP/Vanes'"),
        ({"chillers": [{"machine": "mine", "reformulated": True}]}, "which water its curves see"),
        ({"chilled": {"rise": "5 K", "curve": [[0, 10], [50, 30]]}}, "does not fall"),
        ({"chilled": {"rise": "5 K", "curve": [[0, 30], [10, 20], [100, 19]]}}, "no parabola"),
        ({"chilled": {"rise": "5 K", "curve": [[0, 30], [40, 20]]}}, "ends before"),
        ({"chilled": {"rise": "5 K", "curve": [[0, 30], ["a", 20]]}}, "at least two points"),
        ({"chilled": {"rise": "5 K", "curve": [[0, 40], [90, 25]], "head": "20 m"}}, "is said by the curve"),
        ({"towers": {"cells": 2, "fan": "30 kW", "model": "magic"}}, "no model of a tower"),
    ],
)
def test_a_plant_file_that_cannot_be_built_says_where(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make_plant(plant_file(**changes), 1_784_000_000.0, 1)
    assert said in str(caught.value)


def test_a_machine_s_file_lies_beside_the_plant_file(tmp_path: Path) -> None:
    (tmp_path / "mine.idf").write_text(IDF, encoding="utf-8")
    sizes = plant_file(
        machines={"mine": {"idf": "mine.idf", "object": "WSC"}}, chillers=[{"machine": "mine"}]
    )
    found = located(sizes, tmp_path)
    curves = own_machine(Sizes(found["machines"]["mine"], "machines.mine"))
    assert (curves.capacity, curves.leaving) == (471.2, True)
    with pytest.raises(ConfigurationError, match="No such file"):
        own_machine(Sizes({"idf": str(tmp_path / "none.idf")}, "machines.mine"))


def test_the_other_model_of_a_machine_is_to_be_had() -> None:
    plain, leaving = (load_chiller("York YT 1055kW/5.96COP/Vanes", reformulated=one) for one in (False, True))
    assert (plain.leaving, leaving.leaving) == (False, True)
    york = {"machine": "York YT 1055kW/5.96COP/Vanes", "capacity": "1055 kW", "reformulated": True}
    plant = make_plant(plant_file(chillers=[york]), 1_784_000_000.0, 1)
    assert plant.plant.design.chillers[0].curves.leaving


def test_an_own_machine_may_be_held_out(tmp_path: Path) -> None:
    shutil.copytree(SITES / "yofc_headquarters", tmp_path / "mine")
    path = tmp_path / "mine" / "plant.yaml"
    written = YAML(typ="safe", pure=True).load(path)
    written["machines"] = dict.fromkeys(written["machines"], CARRIER)
    (tmp_path / "mine" / "own.idf").write_text(IDF, encoding="utf-8")
    written["hold_out"] = {role: {"idf": "own.idf", "object": "WSC"} for role in written["machines"]}
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump(written, file)
    names = []
    for hold_out in (False, True):
        ready = load_ready_site(tmp_path / "mine", hold_out=hold_out)
        plant: Any = ready.make_plant("weak", 1_784_000_000.0, 1)
        names.append({unit.curves.name for unit in plant.plant.design.chillers})
    assert names == [set(written["machines"]), {"ReformEIRChiller McQuay WSC 471kW/5.89COP/Vanes"}]
