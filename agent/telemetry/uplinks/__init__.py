"""Ways to a cloud endpoint. Light to import: a client library is loaded only when an uplink of its kind is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from agent.core.point import Point
from agent.core.site import Uplink, UplinkKind
from agent.telemetry.uplinks.settings import HttpsSettings, MqttSettings

if TYPE_CHECKING:
    from agent.telemetry.store import Store
    from agent.telemetry.uplinks.sender import Sender

KINDS: dict[str, UplinkKind] = {
    "mqtt": UplinkKind("mqtt", MqttSettings, "MQTT broker, messages as JSON, TLS and client certificates"),
    "https": UplinkKind("https", HttpsSettings, "HTTPS receiver, batches posted as JSON"),
}


def create_uplink(uplink: Uplink, store: Store, *, site: str, points: Mapping[str, Point]) -> Sender:
    """An uplink with `run()` (the supervised task) and `status()`. Raises ValueError for an address that cannot be."""
    from agent.telemetry.store import outbox_of
    from agent.telemetry.uplinks.carrier import Carrier
    from agent.telemetry.uplinks.message import Encoder
    from agent.telemetry.uplinks.sender import Sender
    from agent.telemetry.uplinks.settings import Pace

    encoder = Encoder(site, points)
    carrier: Carrier
    if isinstance(uplink.settings, MqttSettings):
        from agent.telemetry.uplinks.mqtt_json import MqttCarrier

        carrier = MqttCarrier(uplink.settings, site=site, name=uplink.id, encoder=encoder, epoch=store.epoch)
    elif isinstance(uplink.settings, HttpsSettings):
        from agent.telemetry.uplinks.https import HttpsCarrier

        carrier = HttpsCarrier(uplink.settings)
    else:
        raise TypeError(f"no such kind of uplink: {uplink.kind!r}")
    pace: Pace = uplink.settings
    return Sender(
        uplink.id,
        uplink.kind,
        store=store,
        outbox=outbox_of(store, uplink.id),
        encoder=encoder,
        route=(carrier, pace),
    )
