"""The ready sites pinned at both ends: `python -m hil.compare.pins` runs the weak and the reported arm for a whole year.

The plant alone runs (hil.compare.alone), month by month, so that demand charges are those of whole months. The garage goes
from event to event by `hil.sites.boen_garage.year`. Every line names the figure, what the project reports and whether it is
within the band; what is only printed has its reason in arms.yaml. Ends with 1 when a figure is outside.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import Pool

from hil.compare.alone import AloneRun, run_alone, run_month
from hil.compare.days import blocks, chosen_days
from hil.ready_site.ready_site import REPORTED, WEAK, load_ready_site

MONTHS = tuple(range(1, 13))
ALL_YEAR = 365.0
GARAGE_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """What an arm came to, a year of it or days that stand for one."""

    days: float
    kwh: float
    cost: float
    eer_sys: float | None

    @property
    def cost_per_month(self) -> float:
        return self.cost / self.days * ALL_YEAR / 12.0

    @property
    def kwh_per_year(self) -> float:
        return self.kwh / self.days * ALL_YEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure beside the reported one. Without a band it is told, not judged."""

    what: str
    found: float
    reported: float
    band: tuple[float, float] | None = None

    @property
    def holds(self) -> bool:
        return self.band is None or self.band[0] <= self.found <= self.band[1]

    def __str__(self) -> str:
        verdict = "told only, see arms.yaml" if self.band is None else "ok" if self.holds else "OUTSIDE"
        band = "" if self.band is None else f" [{self.band[0]:,.2f}, {self.band[1]:,.2f}]"
        return f"{self.what}: {self.found:,.2f}, reported {self.reported:,.2f}{band}: {verdict}"


def whole_year(site: str, arm: str, jobs: int = 1, seed: int = 1) -> Year:
    """Twelve whole months. Raises ConfigurationError."""
    with Pool(jobs) as pool:
        return summed(pool.map(partial(run_month, site, arm, seed=seed), MONTHS, chunksize=1))


def some_days(site: str, arm: str, days: int, warm_up: float = 43_200.0) -> Year:
    """Days spread over the year, for a quick look. Their demand charge is that of their own peaks."""
    ready = load_ready_site(site)
    return summed([run_alone(ready, arm, block, warm_up=warm_up) for block in blocks(chosen_days(days))])


def summed(parts: Sequence[AloneRun]) -> Year:
    kwh = sum(part.plant_kwh for part in parts)
    cooling = sum(part.figures["cooling_kwh_th"] or 0.0 for part in parts)
    return Year(
        days=sum(part.seconds for part in parts) / 86_400.0,
        kwh=sum(part.figures["kwh"] or 0.0 for part in parts),
        cost=sum(part.cost for part in parts),
        eer_sys=cooling / kwh if kwh and cooling else None,
    )


def vanke(weak: Year, reported: Year) -> Iterator[Line]:
    """Before: EER-sys of 2.6 to 3.0; EER 3.00 to 3.62 is the reported saving."""
    yield Line(what="vanke weak EER-sys", found=weak.eer_sys or 0.0, reported=3.0, band=(2.6, 3.0))
    yield Line(what="vanke reported saving, %", found=_saving(weak.kwh, reported.kwh), reported=17.13)


def nanshan(weak: Year, reported: Year) -> Iterator[Line]:
    """Bills, 5 % of the one before and 2 points of the saving."""
    yield _within("nanshan weak CNY a month", weak.cost_per_month, 383_000.0, 0.05 * 383_000.0)
    yield _within("nanshan reported saving, %", _saving(weak.cost, reported.cost), 31.35, 2.0)


def yofc(weak: Year, reported: Year) -> Iterator[Line]:
    """Whole building, kWh saved in a year."""
    saved = weak.kwh_per_year - reported.kwh_per_year
    yield Line(what="yofc reported kWh saved a year", found=saved, reported=444_100.0)


def garage(jobs: int = 1) -> Iterator[Line]:
    """Both arms from event to event; lamps differ little from day to day."""
    figures = importlib.import_module("hil.sites.boen_garage.year").figures
    weak, reported = (figures(arm, GARAGE_DAYS, 1, jobs=jobs) for arm in (WEAK, REPORTED))
    yield _within("garage weak kWh a day", weak.kwh, 276.03, 0.05 * 276.03)
    yield _within("garage reported saving, %", _saving(weak.kwh, reported.kwh), 85.23, 2.0)


def lines(site: str, jobs: int, days: int = 0) -> Iterable[Line]:
    """All of one site; `days`: so many days spread over the year in place of all of it."""
    if site == "boen_garage":
        return garage(jobs)
    judge = {"vanke_cloud_city": vanke, "nanshan_storage": nanshan, "yofc_headquarters": yofc}[site]
    weak, reported = (
        some_days(site, arm, days) if days else whole_year(site, arm, jobs) for arm in (WEAK, REPORTED)
    )
    return judge(weak, reported)


SITES = ("boen_garage", "nanshan_storage", "vanke_cloud_city", "yofc_headquarters")


def _within(what: str, found: float, reported: float, slack: float) -> Line:
    return Line(what=what, found=found, reported=reported, band=(reported - slack, reported + slack))


def _saving(before: float, after: float) -> float:
    return 100.0 * (1.0 - after / before)


def main(words: Sequence[str] | None = None) -> int:
    """Prints each line as it is known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", action="append", choices=SITES, help="all without it; may be given again")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--days", type=int, default=0, help="days spread over the year in place of all of it")
    options = parser.parse_args(words)
    good = True
    for site in options.site or SITES:
        for line in lines(site, options.jobs, options.days):
            print(line, flush=True)
            good &= line.holds
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
