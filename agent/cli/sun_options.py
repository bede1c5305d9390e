"""The options of `plantroom sun`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

LONGEST = 36_600  # days: a century


class OnAt(StrEnum):
    """What lamps go on at."""

    SUNSET = "sunset"
    DUSK = "dusk"


class OffAt(StrEnum):
    """What lamps go off at."""

    SUNRISE = "sunrise"
    DAWN = "dawn"


Latitude = Annotated[float | None, typer.Option(min=-90, max=90, help="degrees, north positive")]
Longitude = Annotated[float | None, typer.Option(min=-180, max=180, help="degrees, east positive")]
Timezone = Annotated[str | None, typer.Option(help="e.g. Asia/Shanghai")]
SiteFile = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="a site file: place and lamp hours as it says", dir_okay=False),
]
Policy = Annotated[str, typer.Option(help="which policy of the site file; the first by the sun")]
Group = Annotated[str, typer.Option(help="which lamp group of it, for offsets of its own")]
Date = Annotated[str | None, typer.Option(help="first day, YYYY-MM-DD; today when left out")]
Days = Annotated[int | None, typer.Option(min=1, max=LONGEST, help="1; for files a year")]
Lamps = Annotated[bool, typer.Option("--lamps", help="show when the lamps switch, too")]
On = Annotated[OnAt, typer.Option(help="lamps go on at")]
Off = Annotated[OffAt, typer.Option(help="lamps go off at")]
OnOffset = Annotated[float, typer.Option(min=-240, max=240, help="minutes later; negative: earlier")]
OffOffset = Annotated[float, typer.Option(min=-240, max=240, help="minutes later; negative: earlier")]
Curfew = Annotated[str, typer.Option(help="local hours of less light, e.g. 23:00-05:00")]
CurfewLevel = Annotated[float, typer.Option(min=0, max=100, help="% in them; 0 is off")]
Dim = Annotated[str, typer.Option(help="local hours of dimming, e.g. 22:00-06:00")]
DimLevel = Annotated[float, typer.Option(min=1, max=100, help="% in them")]
Horizon = Annotated[str, typer.Option(help="terrain, azimuth:height in degrees: 90:4,120:7,270:0")]
Ridge = Annotated[
    str, typer.Option(help="or its points, azimuth:metres above:metres away: 80:300:4000,100:500:5000")
]
Calendar = Annotated[str, typer.Option(help="which days are worked: cn, weekly or daily")]
Plot = Annotated[Path | None, typer.Option(help="draw the year: FILE.svg, or FILE.html with tables")]
Ics = Annotated[Path | None, typer.Option(help="write the lamp times as a calendar file: FILE.ics")]
