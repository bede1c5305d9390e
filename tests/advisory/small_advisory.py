"""A small advisory for tests: sites of Shenzhen, three people, and a store in memory."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from agent.advisory.model import Advisory, AdvisorySite, Person
from agent.advisory.settings import ChannelSettings, ServiceSettings, WebhookSettings
from agent.calc.lamp_hours import LampHours
from agent.calc.lamp_year import LampPlace
from agent.calc.sun_solver import Spot

ZONE = "Asia/Shanghai"
TOKEN = "meters-only"


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp()


def site(id_: str = "garden", *, name: str = "花园小区", people=("wang", "li"), **more) -> AdvisorySite:
    place = LampPlace(name=name, spot=Spot(22.55, 114.06), timezone=ZONE, rule=LampHours())
    return AdvisorySite(**{"id": id_, "place": place, "channel": "group", "people": people, **more})


def advisory(*sites: AdvisorySite, channels: dict[str, ChannelSettings] | None = None, **service) -> Advisory:
    people = (
        Person(id="wang", name="王师傅", channel="duty", mention="13800000000"),
        Person(id="li", name="Li", channel="duty", mention="li.lei"),
    )
    hook = WebhookSettings(url="http://127.0.0.1:9/hook")
    return Advisory(
        service=ServiceSettings(
            **{"public_url": "https://lamps.example.cn", "meter_token": TOKEN, **service}
        ),
        channels=channels or {"group": hook, "duty": hook},
        people={one.id: one for one in people},
        sites={one.id: one for one in sites or (site(),)},
    )
