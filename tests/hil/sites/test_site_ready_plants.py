"""The ready chiller plants: sizes that fit together, arms that load, machines that can be swapped, folders anywhere."""

import shutil

import pytest

from agent.core.errors import ConfigurationError
from hil.plant.served_plant import ServedPlant
from hil.ready_site.hold_out import HELD_OUT
from hil.ready_site.ready_site import SITES, load_ready_site, merged
from hil.wiring import automatic_wiring

PLANTS = ("vanke_cloud_city", "yofc_headquarters", "nanshan_storage", "data_centre")
JULY = 1_752_595_200.0  # 2025-07-16 00:00 in China


def plant_of(name: str, **more: object) -> ServedPlant:
    made = load_ready_site(name, **more).make_plant("policy", JULY, 1)
    assert isinstance(made, ServedPlant)
    return made


@pytest.mark.parametrize("name", PLANTS)
def test_every_arm_loads_and_every_role_finds_its_variable(name):
    ready = load_ready_site(name)
    variables = ready.make_plant("policy", JULY, 1).variables()
    for arm in ("policy", *ready.arms):
        site = ready.site(arm)
        assert any(site.policies.values()), arm
        wired = automatic_wiring(site, variables)
        assert not wired.missing, arm
    assert {"weak", "competent"} <= set(ready.arms)


@pytest.mark.parametrize("name", PLANTS)
def test_the_installed_capacity_is_what_the_load_needs(name):
    """GB 50736-2012 8.2.2 allows 1.1 of the design load; coils are sized for the load of each zone or hall."""
    plant = plant_of(name).plant
    coils = sum(branch.flow for branch in plant.load.branches)
    machines = plant.design.chilled.flow
    spare = 1.35 if name == "data_centre" else 1.1  # N+1 there, on both sides
    assert 0.75 < machines / coils < spare
    names = [unit.curves.name for unit in plant.design.chillers]
    assert not set(names) & set(HELD_OUT)


@pytest.mark.parametrize("name", PLANTS)
def test_the_held_out_machines_have_the_same_capacities_and_other_curves(name):
    usual, other = plant_of(name).plant.design, plant_of(name, hold_out=True).plant.design
    assert {unit.curves.name for unit in other.chillers} <= set(HELD_OUT)
    assert [unit.curves.capacity for unit in other.chillers] == [
        unit.curves.capacity for unit in usual.chillers
    ]
    assert [unit.curves.chilled_flow for unit in other.chillers] == [
        unit.curves.chilled_flow for unit in usual.chillers
    ]


def test_the_variant_has_machines_with_converters_and_a_hold_out_of_its_own():
    assert all(
        unit.curves.variable_speed
        for unit in plant_of("vanke_cloud_city", variant="variable_speed").plant.design.chillers
    )
    held = plant_of("vanke_cloud_city", variant="variable_speed", hold_out=True).plant.design.chillers
    assert {unit.curves.name for unit in held} == {HELD_OUT[1]}
    with pytest.raises(ConfigurationError, match="variable_speed"):
        load_ready_site("vanke_cloud_city", variant="variable_spede")


def test_a_folder_outside_the_repository_is_a_site_too(tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(SITES / "yofc_headquarters", folder)
    (folder / "arms.yaml").unlink()
    ready = load_ready_site(folder)
    assert ready.name == "mine"
    assert set(ready.arms) == {"weak", "competent"}
    site = ready.site("weak")
    assert [policy.kind for policy in site.policies["plant"]] == ["baseline.all_on"]


def test_a_weather_file_lies_beside_the_sizes(tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(SITES / "yofc_headquarters", folder)
    path = folder / "plant.yaml"
    path.write_text(path.read_text().replace("climate: wuhan", "climate: here.epw"))
    with pytest.raises(ConfigurationError, match=r"here\.epw"):
        load_ready_site(folder).make_plant("weak", JULY, 1)
    head = "LOCATION,Here,-,X,X,1,22.5,114.0,8,10\n" + "\n" * 6 + "DATA PERIODS,1,1,Data,Sunday, 7/14,7/18\n"
    hour = "1999,7,{day},{hour},60,flags,31.5,26,75,100000,0,0,300,600,500,100,0,0,0,0,180,3,4,5,9999"
    rows = [hour.format(day=day, hour=one) for day in range(14, 19) for one in range(1, 25)]
    (folder / "here.epw").write_text(head + "\n".join(rows) + "\n")
    plant = load_ready_site(folder).make_plant("weak", JULY, 1)
    assert plant.step(60.0, {})["outdoor_air.outdoor_dry_bulb"] == pytest.approx(31.5)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("head: 32 m", "head: 32 kW", "chilled.head"),
        ("cells: 3", "sells: 3", "towers.sells"),
        ("head: 32 m", "head: 9 m", "head"),
        ("York YT 1055kW/5.96COP/Vanes", "York XX", "York XX"),
        ("climate: wuhan", "climate: atlantis", "atlantis"),
        ("use: office", "use: palace", "palace"),
    ],
)
def test_a_wrong_size_is_named(tmp_path, before, after, says):
    folder = tmp_path / "mine"
    shutil.copytree(SITES / "yofc_headquarters", folder)
    path = folder / "plant.yaml"
    path.write_text(path.read_text().replace(before, after))
    with pytest.raises(ConfigurationError, match=says):
        load_ready_site(folder).make_plant("weak", JULY, 1)


def test_a_site_that_is_not_there_is_answered_with_one_that_is():
    with pytest.raises(ConfigurationError, match="vanke_cloud_city"):
        load_ready_site("vanke_cloud_cty")


def test_changes_go_into_sections_and_replace_the_rest():
    base = {"a": {"b": 1, "c": [1, 2]}, "d": 3}
    assert merged(base, {"a": {"c": [4]}, "e": 5}) == {"a": {"b": 1, "c": [4]}, "d": 3, "e": 5}
    assert base["a"] == {"b": 1, "c": [1, 2]}


@pytest.mark.parametrize("name", PLANTS[:3])
def test_people_breathe_the_fresh_air_of_the_standard(name):
    """GB 50736-2012 table 3.0.6-1: 30 m3/h a person; with the 18 l/h that a person breathes out that is some 1,000 ppm."""
    plant = plant_of(name)
    assert [zone.design.fresh for zone in plant.plant.load.zones[:3]] == pytest.approx([30.0 / 3600.0] * 3)
    for _ in range(11 * 60):
        shown = plant.step(60.0, {})
    assert 850.0 < float(shown["zone_1.carbon_dioxide"]) < 1050.0


@pytest.mark.parametrize("name", PLANTS)
def test_a_summer_afternoon_is_carried_and_no_machine_trips(name):
    plant = plant_of(name)
    plant.step(60.0, {})
    for _ in range(16 * 60):
        shown = plant.step(60.0, {})
    assert not any(value for key, value in shown.items() if key.endswith(".alarm"))
    zones = [float(value) for key, value in shown.items() if key.endswith(".zone_temp")]
    assert max(zones) < 26.5
    assert 0.4 < float(shown["loop.cooling"]) / plant.plant.design.capacity < 1.05
    assert set(plant.stored()) >= {"chilled_water"}


def test_the_same_seed_gives_the_same_day_at_another_step():
    one, other = plant_of("yofc_headquarters"), plant_of("yofc_headquarters")
    for _ in range(120):
        a = one.step(60.0, {})
    for _ in range(24):
        b = other.step(300.0, {})
    assert float(a["plant_meter.energy"]) == pytest.approx(float(b["plant_meter.energy"]), rel=1e-6)
