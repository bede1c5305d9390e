"""What an office counts: exact lamps, minutes in the band, steps that can be seen."""

import pytest

from hil.plant.lamp import Lamp, Lamps
from hil.plant.office_counts import BAND, FadeWatch, OfficeCounts, least_levels

LAMP = Lamp(full=36.0, flux=3600.0, standby=0.5, fade=2.0)


def lux_of(levels, day, full=450.0, spill=0.12):
    last = len(levels) - 1
    return [
        sun + full * ((1 - spill) * one + spill / 2 * (levels[max(n - 1, 0)] + levels[min(n + 1, last)]))
        for n, (one, sun) in enumerate(zip(levels, day, strict=True))
    ]


@pytest.mark.parametrize(
    "day", [(0.0, 0.0, 0.0), (900.0, 250.0, 90.0), (100.0, 280.0, 0.0), (0.0, 5000.0, 0.0)]
)
def test_exact_lamps_give_the_lower_edge_and_not_more(day):
    levels = least_levels(day, 300.0, 450.0, 0.12)
    for level, lux in zip(levels, lux_of(levels, day), strict=True):
        assert lux >= 299.9
        assert level == 0.0 or lux == pytest.approx(300.0, abs=0.5)


def test_where_the_lamps_cannot_do_it_they_burn_full():
    assert least_levels((0.0, 0.0), 600.0, 450.0, 0.12) == [1.0, 1.0]


@pytest.mark.parametrize(
    ("moves", "fastest", "visible"),
    [
        ([(2.0, 0.0, 0.06)] * 5, 6.0, 0),  # 6 % every two seconds
        ([(0.5, 0.0, 0.04), (0.5, 0.04, 0.08)], 8.0, 1),  # twice within one second
        ([(60.0, 0.0, 1.0)], 50.0, 1),  # two seconds from dark to full
        ([(10.0, 0.2, 0.2)], 0.0, 0),
        ([(0.7, 0.0, 0.05), (0.7, 0.05, 0.05), (0.7, 0.05, 0.1)], 5.0, 0),
    ],
)
def test_steps_within_a_second(moves, fastest, visible):
    watch = FadeWatch()
    for dt, before, after in moves:
        watch.see(dt, before, after, 2.0)
    assert watch.fastest == pytest.approx(fastest)
    assert watch.visible == visible


def test_more_than_the_band_counts_only_against_lamps_that_could_give_less():
    counts = OfficeCounts(band=BAND, lamp=LAMP, count=8, rows=())
    lamps = [Lamps(LAMP, 8, light) for light in (0.05, 0.3, 0.3)]
    counts.see(60.0, (900.0, 420.0, 290.0), lamps)
    assert (counts.occupied, counts.outside, counts.dark) == (180.0, 120.0, 60.0)
    counts.burn_exactly(3600.0, (0.0, 0.5, 1.0))
    assert counts.exact == pytest.approx(8 * (0.5 + 18.25 + 36.0) / 1e3)
