"""One subscription: the server tells what has changed, so nothing is asked for in vain.

Two publish requests are kept outstanding, so that the server can always send. Silence longer than the keep-alive it
promised, or word that the subscription has ended, ends the session; it is then made anew from nothing.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from asyncua import ua

from agent.core.errors import BusError
from drivers.opcua import faults
from drivers.opcua.faults import ServiceFault
from drivers.opcua.session import Session
from drivers.opcua.settings import OpcUaBus
from drivers.opcua.values import severity
from drivers.opcua.wire import decode_publish

Notified = Sequence[tuple[int, Any, int, float | None]]
Receiver = Callable[[Notified], None]
"""Gets (handle, raw value, status, source time) of one message."""

OUTSTANDING = 2
LIFETIME = 60.0  # seconds without a publish request after which the server drops the subscription
MAX_PER_MESSAGE = 5000  # notifications; bounds the time one message keeps the event loop
_FILTER_REFUSALS = frozenset(
    {
        "BadFilterNotAllowed",
        "BadMonitoredItemFilterInvalid",
        "BadMonitoredItemFilterUnsupported",
        "BadDeadbandFilterInvalid",
    }
)


@dataclass(frozen=True, slots=True)
class Watched:
    """A node to be told about. `handle` comes back with every value; `deadband` in raw units."""

    handle: int
    node: ua.NodeId
    deadband: float = 0.0


class Subscription:
    """Made by `start`, filled by `watch`, gone with its session."""

    def __init__(self, session: Session, settings: OpcUaBus, receive: Receiver) -> None:
        self._session = session
        self._settings = settings
        self._receive = receive
        self._id = 0
        self._silence = 0.0
        self._acknowledge: list[ua.SubscriptionAcknowledgement] = []

    async def start(self) -> None:
        """Raises BusError, or ServiceFault when the server has no subscriptions for us."""
        request = ua.CreateSubscriptionRequest()
        wished = request.Parameters
        beats = max(1, math.ceil(self._settings.keep_alive / self._settings.publishing))
        wished.RequestedPublishingInterval = self._settings.publishing * 1000
        wished.RequestedMaxKeepAliveCount = beats
        wished.RequestedLifetimeCount = max(3 * beats, math.ceil(LIFETIME / self._settings.publishing))
        wished.MaxNotificationsPerPublish = MAX_PER_MESSAGE
        answer = await self._session.service(request, ua.CreateSubscriptionResponse)
        granted = answer.Parameters
        self._id = granted.SubscriptionId
        beat = granted.RevisedPublishingInterval / 1000 * max(1, granted.RevisedMaxKeepAliveCount)
        self._silence = beat * (OUTSTANDING + 1) + self._settings.timeout
        for number in range(OUTSTANDING):
            self._session.spawn(self._publish(), f"publish-{number}")

    async def watch(self, wished: Sequence[Watched], at_once: int) -> dict[int, str]:
        """Have these nodes watched, at most `at_once` a call. Returns why, for the handles the server refuses."""
        refused: dict[int, str] = {}
        for begin in range(0, len(wished), at_once):
            part = wished[begin : begin + at_once]
            failed = await self._create(part, filtered=True)
            bare = [one for one in part if one.deadband and failed.get(one.handle) in _FILTER_REFUSALS]
            if bare:
                # a dead band only saves traffic: a server that cannot do it sends every change
                for one in bare:
                    del failed[one.handle]
                failed |= await self._create(bare, filtered=False)
            refused |= failed
        return refused

    async def _create(self, wished: Sequence[Watched], *, filtered: bool) -> dict[int, str]:
        request = ua.CreateMonitoredItemsRequest()
        request.Parameters.SubscriptionId = self._id
        request.Parameters.TimestampsToReturn = ua.TimestampsToReturn.Source
        request.Parameters.ItemsToCreate = [self._item(one, filtered=filtered) for one in wished]
        try:
            answer = await self._session.service(request, ua.CreateMonitoredItemsResponse)
        except ServiceFault as error:
            return dict.fromkeys((one.handle for one in wished), error.name)
        return {
            one.handle: faults.name_of(result.StatusCode.value)
            for one, result in zip(wished, answer.Results, strict=True)
            if severity(result.StatusCode.value) == 0
        }

    def _item(self, one: Watched, *, filtered: bool) -> ua.MonitoredItemCreateRequest:
        item = ua.MonitoredItemCreateRequest()
        item.ItemToMonitor = ua.ReadValueId(NodeId=one.node, AttributeId=ua.AttributeIds.Value)
        item.MonitoringMode = ua.MonitoringMode.Reporting
        wished = item.RequestedParameters
        wished.ClientHandle = one.handle
        wished.SamplingInterval = self._settings.sampling * 1000
        # room for every sample between two messages, so that a short pulse is not lost
        wished.QueueSize = max(1, math.ceil(self._settings.publishing / max(self._settings.sampling, 0.01)))
        wished.DiscardOldest = True
        if one.deadband > 0 and filtered:
            wished.Filter = ua.DataChangeFilter(
                Trigger=ua.DataChangeTrigger.StatusValue,
                DeadbandType=ua.DeadbandType.Absolute.value,
                DeadbandValue=one.deadband,
            )
        return item

    async def _publish(self) -> None:
        while True:
            request = ua.PublishRequest()
            request.Parameters.SubscriptionAcknowledgements, self._acknowledge = self._acknowledge, []
            try:
                data = await self._session.ask(request, self._silence)
                publication = self._session.decode(decode_publish, data)
            except ServiceFault as error:
                name = error.name
                if name == "BadTooManyPublishRequests":
                    return  # the other one goes on
                raise BusError(f"the subscription has ended ({name})") from error
            if publication.status is not None and severity(publication.status) == 0:
                raise BusError(f"the server ended the subscription ({faults.name_of(publication.status)})")
            if publication.values:
                self._receive(publication.values)
            if not publication.empty:
                self._acknowledge.append(
                    ua.SubscriptionAcknowledgement(
                        SubscriptionId=publication.subscription, SequenceNumber=publication.sequence
                    )
                )
            await asyncio.sleep(0)  # a server in a hurry must not keep the others waiting
