"""The parking hall as a ready site: what it was before, what the reported measures save, and a bench that runs it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agent.config.document import read_document
from hil.compare.arm import Plan, run_arm
from hil.compare.days import DAY, Block
from hil.oracle.lighting import lighting_bound, lighting_figures
from hil.plant.garage_days import GarageDays, Happening
from hil.plant.garage_map import GroupKind
from hil.plant.lamp import LED_16W
from hil.plant.radar import RadarDesign, merged
from hil.plant.traffic import Traffic, TrafficDesign
from hil.ready_site.garage import garage_map
from hil.ready_site.ready_site import load_ready_site
from hil.sites.boen_garage.make_site import FOLDER, LIMIT, lit_levels, site_text
from hil.sites.boen_garage.year import run_block

REPORTED_BEFORE, REPORTED_AFTER = 276.03, 40.77  # kWh a day
ZONE = "Asia/Shanghai"


@pytest.fixture(scope="module")
def ready():
    return load_ready_site("boen_garage")


@pytest.fixture(scope="module")
def plan(ready):
    return garage_map(read_document(FOLDER / "plant.yaml").data)


def test_the_file_of_the_site_is_what_its_maker_writes(plan):
    assert (FOLDER / "site.yaml").read_text(encoding="utf-8") == site_text(plan)


def test_the_map_has_all_that_a_garage_has(plan):
    assert plan.lamp_count == 458
    assert {one.kind for one in plan.groups} >= {
        GroupKind.RAMP,
        GroupKind.AISLE,
        GroupKind.CROSSING,
        GroupKind.BAYS,
        GroupKind.STAIRS,
    }
    assert sum(one.bays for one in plan.groups) >= 300, "a bay for each car of the day"


def test_each_group_is_commissioned_to_the_limit_and_no_brighter(ready, plan):
    """Alone, with everything around it dimmed: what the acceptance measures."""
    plant = ready.make_plant("policy", Block(date(2025, 3, 5), 1).start(ZONE), 1)
    dim = {f"{group.name}.lamp_level": 5.0 for group in plan.groups}
    for group, level in zip(plan.groups, lit_levels(plan), strict=True):
        plant.step(1.0, dim | {f"{group.name}.lamp_level": float(level)})
        assert LIMIT - 1e-6 <= plant.survey()[group.name][0] < LIMIT + 1.2, group.name


def test_every_arm_loads_and_the_policy_keeps_the_minimum_level_of_the_bound(ready):
    for arm in ("policy", *ready.arms):
        (policy,) = ready.site(arm).policies["garage"]
        changes = ready.arms.get(arm, {}).get("plant", {}).get("light", ready.sizes["light"])
        if policy.kind == "lighting.radar":
            assert f"{policy.dim_level:g} %" == changes["floor"], arm


def test_before_it_took_what_was_metered(ready):
    plant = ready.make_plant("weak", Block(date(2025, 3, 5), 1).start(ZONE), 1)
    begin = plant.energy.total
    levels = {f"{group.name}.lamp_level": 100.0 for group in plant.design.plan.groups}
    plant.step(DAY, levels)
    assert plant.energy.total - begin == pytest.approx(REPORTED_BEFORE, rel=0.005)  # asked for: 5 %


def sighted(plan, days):
    """Stretches of presence of each group on each of some days, as its radar reports it."""
    drawn = GarageDays(plan, Traffic(TrafficDesign(), plan, 1), RadarDesign(), 1)
    for n in range(days):
        found: dict[int, list[tuple[float, float]]] = {group: [] for group in range(len(plan.groups))}
        began: dict[int, float] = {}
        for time, what, group in drawn.day(date(2025, 3, 3) + timedelta(days=n)).edges:
            if what is Happening.SEEN:
                began[group] = time
            else:
                found[group].append((began.pop(group), time))
        yield found


def lit_lamp_hours(plan, found, hold, *, neighbours):
    total = 0.0
    for group, own in enumerate(plan.groups):
        watched = (group, *plan.neighbours[group]) if neighbours else (group,)
        stretches = merged([(on, off + hold) for other in watched for on, off in found[other]])
        total += len(own.lamps) * sum(min(off, DAY) - on for on, off in stretches) / 3600.0
    return total


def saving(plan, lit, floor):
    """% against what was reported before."""
    low, full = LED_16W.power(floor), LED_16W.power(1.0)
    after = (24.0 * plan.lamp_count * low + lit * (full - low)) / 1e3
    return 100.0 * (1.0 - after / REPORTED_BEFORE)


def test_the_reported_measures_save_what_was_reported(ready, plan):
    """By arithmetic on the radars' own stretches, a week of them; policies that run are held against the same below."""
    arm = ready.arms["reported"]["policies"]["lamps"]
    assert (arm["dim_level"], arm["hold"], arm["neighbours"]) == ("10 %", "30 s", True)
    days = [lit_lamp_hours(plan, found, 30.0, neighbours=True) for found in sighted(plan, 7)]
    wanted = 100.0 * (1.0 - REPORTED_AFTER / REPORTED_BEFORE)
    assert wanted == pytest.approx(85.23, abs=0.005)
    assert saving(plan, sum(days) / 7.0, 0.10) == pytest.approx(wanted, abs=2.0)


class Dawn(Block):
    """The first hour after midnight: the garage at its quietest, so that the test is short."""

    @property
    def seconds(self):
        return 3600.0


def in_that_hour(plan, hold, floor, *, neighbours, level=1.0):
    """KWh by arithmetic on the radars' own stretches; `level` of a group that is lit."""
    found = next(sighted(plan, 1))
    hour = {group: [one for one in rows if one[0] < 3570.0] for group, rows in found.items()}
    lit = lit_lamp_hours(plan, hour, hold, neighbours=neighbours)
    low, full = LED_16W.power(floor), LED_16W.power(level)
    return (plan.lamp_count * low + lit * (full - low)) / 1e3


@pytest.mark.parametrize("arm", ["reported", "policy"])
def test_the_quick_way_comes_to_the_arithmetic_and_leaves_nobody_in_the_dark(ready, plan, arm):
    direct = run_block(arm, Dawn(date(2025, 3, 3), 1), 1)
    if arm == "reported":
        assert direct["energy"] == pytest.approx(in_that_hour(plan, 30.0, 0.10, neighbours=True), rel=0.05)
    else:  # between lamps that burn for their own radar alone, and all neighbours for half a minute
        least = min(lit_levels(plan)) / 100.0
        assert direct["energy"] > in_that_hour(plan, 0.0, 0.05, neighbours=False, level=least)
        (policy,) = ready.site("policy").policies["garage"]
        doors = sum(len(one.lamps) for one in plan.groups if one.name in policy.entrances)  # lit at all hours
        doors_kwh = doors * (LED_16W.power(1.0) - LED_16W.power(0.05)) / 1e3
        assert direct["energy"] < in_that_hour(plan, 30.0, 0.05, neighbours=True) + doors_kwh
    assert direct["exact"] < direct["energy"], "nobody beats lamps that know everything"
    assert (direct["dark_arrivals"], direct["late_appearances"]) == (0.0, 0.0)
    assert direct["crossings"] > 10.0


@pytest.fixture
def small(tmp_path):
    """The same garage with two short aisles, so that all of the agent can run in it for an hour."""
    text = (FOLDER / "plant.yaml").read_text(encoding="utf-8")
    text = text.replace("lamp_count: 458", "lamp_count: 74").replace("aisles: 8", "aisles: 2")
    text = text.replace("pieces: 4", "pieces: 2").replace("cars: 300 ", "cars: 600 ")
    (tmp_path / "plant.yaml").write_text(text, encoding="utf-8")
    small = garage_map(read_document(tmp_path / "plant.yaml").data)
    (tmp_path / "site.yaml").write_text(site_text(small), encoding="utf-8")
    (tmp_path / "arms.yaml").write_text((FOLDER / "arms.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def test_the_agent_on_the_bench_comes_to_the_quick_way(small):
    block = Dawn(date(2025, 3, 3), 1)
    run = run_arm(load_ready_site(small), "policy", Plan((block,)))
    assert run.failed_ticks == 0
    assert not run.policy_faults
    direct = run_block("policy", block, 1, place=str(small))
    assert direct["crossings"] > 10.0
    assert run.figures["kwh"] == pytest.approx(direct["energy"], rel=0.02)
    assert run.figures["dark_arrivals"] == direct["dark_arrivals"] == 0.0
    assert run.figures["late_appearances"] == direct["late_appearances"] == 0.0
    bound = lighting_figures(run.figures)
    assert bound is not None
    assert bound["kwh"] == pytest.approx(direct["exact"], rel=0.02)


def test_without_the_policy_somebody_stands_in_the_dark(ready):
    """The counters are no decoration."""
    block = Dawn(date(2025, 3, 3), 1)
    plant = ready.make_plant("policy", block.start(ZONE), 1)
    dim = {f"{group.name}.lamp_level": 5.0 for group in plant.design.plan.groups}
    truth = plant.step(block.seconds, dim)
    assert truth["garage.dark_arrivals"] == truth["garage.crossings"] > 0.0
    assert truth["garage.late_appearances"] > 0.0


def test_the_bound_alone_is_the_one_counted_beside_the_agent(ready):
    block = Block(date(2025, 3, 3), 1)
    bound = lighting_bound(ready, (block,), ZONE, 1)
    start = datetime(2025, 3, 3, tzinfo=ZoneInfo(ZONE)).timestamp()
    plant = ready.make_plant("policy", start, 1)
    for _ in range(24):
        plant.step(3600.0, {})
    assert bound.days == 1
    assert bound.by_object == {"garage": pytest.approx(plant.exact_energy, rel=0.001)}
    assert 13.0 < bound.kwh < 0.06 * REPORTED_BEFORE
