"""What an installer can say of an uplink. Light: no client library is imported here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from agent.core.parameter import parameter


class Pace(Protocol):
    """The settings every kind of uplink has: how big, how soon, how fast."""

    @property
    def max_bytes(self) -> int: ...

    @property
    def max_delay(self) -> float: ...

    @property
    def compress_above(self) -> int: ...

    @property
    def backfill_rate(self) -> float: ...

    @property
    def in_flight(self) -> int: ...

    @property
    def retry_cap(self) -> float: ...

    @property
    def timeout(self) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttSettings:
    """MQTT 3.1.1 broker, messages as JSON."""

    url: str = parameter(help="mqtt://host:port or mqtts://host:port (TLS)")
    user: str = parameter("", help="user name, empty for none")
    password: str = parameter("", help="password of the user")
    ca: str = parameter("", help="file with the certificate authority; empty: the system's own")
    certificate: str = parameter("", help="file with our client certificate")
    key: str = parameter("", help="file with the key of our certificate; empty: it is in the same file")
    prefix: str = parameter("plantroom", help="first part of every topic")
    qos: int = parameter(1, low=0, high=2, help="quality of service; below 1 nothing is acknowledged")
    keepalive: int = parameter(15, unit="s", low=5, high=600, help="how soon a dead connection is noticed")
    max_bytes: int = parameter(131_072, low=1024, high=8_000_000, help="most bytes of JSON in a message")
    max_delay: float = parameter(10.0, unit="ms", low=0, high=60_000, help="how long blocks are gathered")
    compress_above: int = parameter(
        32_768, low=256, high=100_000_000, help="bigger messages go as gzip, topic ending in /gzip"
    )
    backfill_rate: float = parameter(
        512.0, unit="kB/s", low=1, high=1_000_000, help="what the backfill lane may take of the line"
    )
    in_flight: int = parameter(16, low=1, high=200, help="live messages sent and not yet acknowledged")
    retry_cap: float = parameter(60.0, unit="s", low=1, high=3600, help="longest wait between attempts")
    timeout: float = parameter(10.0, unit="s", low=1, high=120, help="how long an acknowledgement may take")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpsSettings:
    """HTTPS receiver, batches posted as JSON."""

    url: str = parameter(help="https://host/path; /samples, /gaps, /points and /status are added")
    token: str = parameter("", help="bearer token")
    ca: str = parameter("", help="file with the certificate authority; empty: the system's own")
    certificate: str = parameter("", help="file with our client certificate")
    key: str = parameter("", help="file with the key of our certificate; empty: it is in the same file")
    max_bytes: int = parameter(524_288, low=1024, high=8_000_000, help="most bytes of JSON in a request")
    max_delay: float = parameter(1000.0, unit="ms", low=0, high=600_000, help="how long blocks are gathered")
    compress_above: int = parameter(1024, low=0, high=100_000_000, help="bigger requests go as gzip")
    backfill_rate: float = parameter(
        512.0, unit="kB/s", low=1, high=1_000_000, help="what the backfill lane may take of the line"
    )
    in_flight: int = parameter(4, low=1, high=50, help="live requests under way")
    retry_cap: float = parameter(60.0, unit="s", low=1, high=3600, help="longest wait between attempts")
    timeout: float = parameter(20.0, unit="s", low=1, high=300, help="how long a request may take")
    attempts: int = parameter(5, low=1, high=100, help="tries of one refused block before it is put aside")
