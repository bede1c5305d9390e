"""The quick form of the pins: a day on the plant alone. `make pins` runs the years."""

import pickle
from datetime import date

import pytest

from hil.compare.alone import run_alone
from hil.compare.days import Block
from hil.compare.pins import Line, Year, main, nanshan, vanke
from hil.ready_site.ready_site import load_ready_site


def year(**more) -> Year:
    return Year(**({"days": 365.0, "kwh": 1000.0, "cost": 12.0 * 383_000.0, "eer_sys": 2.9} | more))


def test_a_before_state_that_is_too_good_or_a_saving_that_is_too_high_is_outside():
    good = list(nanshan(year(), year(cost=12.0 * 262_800.0)))
    assert all(one.holds for one in good)
    assert good[1].found == pytest.approx(31.38, abs=0.01)
    assert not next(nanshan(year(cost=12.0 * 360_000.0), year())).holds
    assert not list(nanshan(year(), year(cost=12.0 * 250_000.0)))[1].holds
    assert not next(vanke(year(eer_sys=3.1), year())).holds
    assert "OUTSIDE" in str(next(vanke(year(eer_sys=3.1), year())))
    assert "told only" in str(list(vanke(year(), year(kwh=700.0)))[1])


def test_the_command_ends_with_1_when_a_figure_is_outside(monkeypatch, capsys):
    monkeypatch.setattr(
        "hil.compare.pins.lines", lambda *_: [Line(what="x", found=4.0, reported=3.0, band=(2, 3))]
    )
    assert main(["--site", "nanshan_storage"]) == 1
    assert "x: 4.00" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("site", "arm", "kwh"),
    [
        ("vanke_cloud_city", "weak", 9251.0),
        ("nanshan_storage", "weak", 14_384.0),
        ("nanshan_storage", "reported", 14_894.0),
    ],
)
def test_a_day_of_may_stands_where_it_stood_when_the_years_were_held_against_the_reports(site, arm, kwh):
    """Where this moves, the years have moved: `make pins`, and docs/savings.md tells the figures anew."""
    run = run_alone(load_ready_site(site), arm, Block(date(2025, 5, 15), 1), warm_up=43_200.0)
    assert run.figures["kwh"] == pytest.approx(kwh, rel=0.02)
    assert pickle.loads(pickle.dumps(run)) == run  # months are run in processes of their own
