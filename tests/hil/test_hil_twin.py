"""The twin of a site: two runs over the same days that differ by the parameters alone, found by the preview process itself."""

import pytest

from agent.control.preview_job import TwinJob
from agent.core.errors import ConfigurationError
from agent.preview.__main__ import TWINS, twin
from hil.ready_site.ready_site import SITES
from hil.twin import run_twin

STREET = SITES / "solar_clock"
HOUR = 3600.0


def job(**changes):
    given = {
        "site": str(STREET / "site.yaml"),
        "plant": str(STREET / "plant.yaml"),
        "area": "outdoor",
        "first": "2026-07-20",
        "days": 2,
    }
    return TwinJob(**given | changes)


@pytest.fixture(scope="module")
def earlier():
    """Lamps that go out half an hour sooner."""
    return run_twin(job(changed={"nights": {"off_offset": -0.5 * HOUR + 60.0}}))


def test_lamps_that_burn_half_an_hour_less_save_what_half_an_hour_costs(earlier):
    now, then = (arm.figures for arm in earlier.arms)
    assert now["kwh"] > then["kwh"] > 0.8 * now["kwh"]
    # the community and the road burn from dusk to dawn, 10.4 h in July; facades only in the evening
    [a, b] = earlier.arms[0].daily_kwh
    assert a == pytest.approx(b, rel=0.1)
    assert earlier.saving.mean == pytest.approx((now["kwh"] - then["kwh"]) / 2, rel=1e-6)
    assert earlier.saving.low <= earlier.saving.mean <= earlier.saving.high
    assert (earlier.days, earlier.currency) == (2, "CNY")


def test_parameters_of_today_count_in_both_runs(earlier):
    values = {"nights": {"off_offset": -0.5 * HOUR + 60.0}}
    found = run_twin(job(present=values, changed=values))
    assert found.arms[0].figures == found.arms[1].figures == earlier.arms[1].figures
    assert found.saving.mean == 0.0


def test_a_plant_that_cannot_be_made_is_a_note_and_no_end_of_the_preview(tmp_path):
    plant = tmp_path / "plant.yaml"
    plant.write_text("factory: nowhere:nothing\n")
    with pytest.raises(ConfigurationError):
        run_twin(job(plant=str(plant)))
    found = twin(job(plant=str(plant)))
    assert found.arms == ()
    assert "the twin failed" in found.note


def test_without_a_simulator_the_preview_says_so(monkeypatch):
    import agent.preview.__main__ as program

    monkeypatch.setattr(program, "entry_points", lambda group: [] if group == TWINS else None)
    assert "install the extra" in program.twin(job()).note
