"""What an advisory file can say: the service, its channels, its people, its sites."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from agent.calc.sun import SunEvent
from agent.core.parameter import parameter


class Language(StrEnum):
    """Of what staff read."""

    ENGLISH = "en"
    CHINESE = "zh"


class Tls(StrEnum):
    """How a mail server is spoken to."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """The process itself."""

    public_url: str = parameter(
        help="address under which phones reach this service, e.g. https://lamps.example.cn"
    )
    host: str = parameter("127.0.0.1", help="address it listens on; put TLS in front of it")
    port: int = parameter(8090, low=0, high=65535, help="TCP port it listens on")
    store: str = parameter(
        "advisory-data/advisory.db",
        help="file that keeps messages and tasks; its folder belongs to this service",
    )
    language: Language = parameter(Language.ENGLISH, help="language of messages and pages")
    push_at: str = parameter(
        "10:00", help="local time at which the times of the coming night are told (HH:MM)"
    )
    acknowledge_within: float = parameter(
        7200.0, unit="s", low=60.0, high=86400.0, help="without an answer by then the next person is told"
    )
    dark_within: float = parameter(
        600.0,
        unit="s",
        low=60.0,
        high=86400.0,
        help="the same for lamps that are not lit when they should be",
    )
    burning_within: float = parameter(
        1800.0, unit="s", low=60.0, high=86400.0, help="the same for lamps that still burn"
    )
    again_after: float = parameter(
        3600.0, unit="s", low=300.0, high=86400.0, help="acknowledged and still wrong by the meter: told anew"
    )
    tolerance: float = parameter(
        600.0,
        unit="s",
        low=60.0,
        high=7200.0,
        help="how late lamps may be switched before the meter is believed",
    )
    keep_days: float = parameter(90.0, unit="d", low=2.0, high=3660.0, help="how long closed tasks are kept")
    clock: Literal["auto", "always_trusted"] = parameter(
        "auto", help="whether the machine's clock must prove itself by battery or NTP before anything is told"
    )
    link_key: str = parameter(
        "", help="secret that signs the links; made and kept beside the store when empty"
    )
    meter_token: str = parameter("", help="bearer token for POST /meter; without one no meter is listened to")


@dataclass(frozen=True, slots=True, kw_only=True)
class WecomSettings:
    """Group robot of WeCom: markdown and picture, 20 messages a minute."""

    url: str = parameter(help="webhook address of the robot, with its key; keep it secret")
    per_minute: int = parameter(20, low=1, high=20, help="messages a minute")


@dataclass(frozen=True, slots=True, kw_only=True)
class DingtalkSettings:
    """Group robot of DingTalk: markdown, 20 messages a minute; more are punished with ten minutes of silence."""

    url: str = parameter(help="webhook address of the robot, with its access token; keep it secret")
    secret: str = parameter("", help="key of the signature (SEC...), where the robot asks for one")
    keyword: str = parameter("", help="a word the robot wants in every message")
    per_minute: int = parameter(20, low=1, high=20, help="messages a minute")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeishuSettings:
    """Group robot of Feishu: card, 100 messages a minute and 5 a second."""

    url: str = parameter(help="webhook address of the robot; keep it secret")
    secret: str = parameter("", help="key of the signature, where the robot asks for one")
    keyword: str = parameter("", help="a word the robot wants in every message")
    per_minute: int = parameter(100, low=1, high=100, help="messages a minute")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailSettings:
    """E-mail over SMTP: text and picture."""

    host: str = parameter(help="mail server")
    port: int = parameter(587, low=1, high=65535, help="its TCP port")
    tls: Tls = parameter(Tls.STARTTLS, help="encryption; `none` only inside one's own network")
    ca: str = parameter("", help="file with the certificate authority; empty: the system's own")
    user: str = parameter("", help="user name; empty for none")
    password: str = parameter("", help="password of the user")
    sender: str = parameter(help="address the mail is from")
    recipients: tuple[str, ...] = parameter(help="addresses it goes to")
    per_minute: int = parameter(30, low=1, high=600, help="mails a minute")
    timeout: float = parameter(20.0, unit="s", low=1.0, high=120.0, help="how long the server may take")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """Any receiver of JSON over HTTP."""

    url: str = parameter(help="address that is posted to")
    token: str = parameter("", help="bearer token")
    secret: str = parameter(
        "", help="key of the signature in X-Plantroom-Signature (HMAC-SHA256 of the body)"
    )
    per_minute: int = parameter(600, low=1, high=100_000, help="messages a minute")


ChannelSettings = WecomSettings | DingtalkSettings | FeishuSettings | EmailSettings | WebhookSettings

CHANNELS: dict[str, type] = {
    "wecom": WecomSettings,
    "dingtalk": DingtalkSettings,
    "feishu": FeishuSettings,
    "email": EmailSettings,
    "webhook": WebhookSettings,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSettings:
    """Somebody who is told when nobody before has answered."""

    name: str = parameter(help="name as colleagues know it")
    channel: str = parameter(help="channel that reaches this person")
    mention: str = parameter("", help="mobile number or user id, for robots to call by")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSettings:
    """One community: where it is, when its lamps burn, who looks after them."""

    name: str = parameter(help="name as staff know it")
    latitude: float = parameter(low=-90.0, high=90.0, help="degrees, north positive")
    longitude: float = parameter(low=-180.0, high=180.0, help="degrees, east positive")
    timezone: str = parameter("Asia/Shanghai", help="time zone")
    channel: str = parameter(help="channel that the times go to")
    people: tuple[str, ...] = parameter((), help="who is told next, in this order")
    on_at: SunEvent = parameter(SunEvent.SUNSET, help="lamps go on at: sunset or dusk")
    off_at: SunEvent = parameter(SunEvent.SUNRISE, help="lamps go off at: dawn or sunrise")
    on_offset: float = parameter(
        0.0, unit="s", low=-14400.0, high=14400.0, help="later, or earlier (negative)"
    )
    off_offset: float = parameter(
        0.0, unit="s", low=-14400.0, high=14400.0, help="later, or earlier (negative)"
    )
    horizon: tuple[tuple[float, float], ...] = parameter(
        (), help="terrain: pairs of azimuth and height, degrees"
    )
    ridge: tuple[tuple[float, float, float], ...] = parameter(
        (), help="or ridge points: azimuth, m above, m away"
    )
    curfew_from: str = parameter("", help="local time the lamps go off in the night (HH:MM)")
    curfew_to: str = parameter("", help="local time they go on again (HH:MM)")
    meter: bool = parameter(False, help="a meter reports whether the lamps burn")
    on_power: float = parameter(0.1, unit="kW", low=0.0, high=10_000.0, help="power above which they do")
