"""Lines of weather files for tests: a header with place and zone, hours whose temperature is the hour."""

from datetime import UTC, datetime

HEADER = (
    "LOCATION,Testville,-,CHN,made,1,{latitude},{longitude},{zone},100.0\nDESIGN CONDITIONS,0\n"
    "TYPICAL/EXTREME PERIODS,0\nGROUND TEMPERATURES,0\nHOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0\nCOMMENTS 1,\nCOMMENTS 2,\n"
    "DATA PERIODS,1,1,Data,Sunday, 1/ 1,12/31\n"
)


def line(month: int, day: int, hour: int, **changed: str) -> str:
    values = {
        "dry": f"{hour:.1f}", "dew": f"{hour - 5:.1f}", "humidity": "70", "pressure": "100000",
        "total": "600", "beam": "500", "diffuse": "100", "wind": "3.0", "cloud": "4",
    } | changed  # fmt: skip
    fields = [
        "1999",
        str(month),
        str(day),
        str(hour),
        "60",
        "flags",
        values["dry"],
        values["dew"],
        values["humidity"],
    ]
    fields += [values["pressure"], "0", "0", "300", values["total"], values["beam"], values["diffuse"]]
    fields += ["0", "0", "0", "0", "180", values["wind"], values["cloud"], "5", "9999"]
    return ",".join(fields)


def text(rows: list[str], latitude: float = 0.0, longitude: float = 0.0, zone: float = 0.0) -> str:
    return HEADER.format(latitude=latitude, longitude=longitude, zone=zone) + "\n".join(rows) + "\n"


def march(day: int, hour: float, zone: float = 0.0) -> float:
    return datetime(2027, 3, day, tzinfo=UTC).timestamp() + 3600.0 * (hour - zone)
