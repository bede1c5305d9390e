"""The two answers that carry values, decoded without an object a value: Publish and Read (OPC UA Part 6, 5.2).

The client library decodes any structure by walking its description, 20 us and more a value. Nearly every value in a
building is a bare scalar, so those are taken from the bytes directly; anything else in a message (arrays, structures,
diagnostics) makes the whole message go through the library's own decoder.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary

Raw = tuple[Any, int, float | None]
"""Raw value, status code, source time in UTC seconds."""

_EPOCH = 11644473600.0  # seconds from 1601, where OPC UA time begins, to 1970
_FIXED = {
    1: struct.Struct("<?"),
    2: struct.Struct("<b"),
    3: struct.Struct("<B"),
    4: struct.Struct("<h"),
    5: struct.Struct("<H"),
    6: struct.Struct("<i"),
    7: struct.Struct("<I"),
    8: struct.Struct("<q"),
    9: struct.Struct("<Q"),
    10: struct.Struct("<f"),
    11: struct.Struct("<d"),
}
_STRING = 12
_UINT32 = struct.Struct("<I")
_INT32 = struct.Struct("<i")
_INT64 = struct.Struct("<q")
_HEADER = struct.Struct(
    "<BBHqIIBi3s"
)  # type id, time stamp, handle, result, diagnostics, strings, no extra header
_PUBLISHED = struct.Struct("<IqiBBHBiI")  # sequence, time, count, type id, encoding, length, items
_DATA_CHANGE = 811


@dataclass(slots=True)
class Publication:
    """One notification message. `values` holds (client handle, raw value, status, source time)."""

    subscription: int
    sequence: int = 0
    more: bool = False
    values: list[tuple[int, Any, int, float | None]] = field(default_factory=list)
    status: int | None = None  # the server says the subscription itself has changed state
    empty: bool = False  # a keep-alive: nothing to acknowledge


class _UnusualError(Exception):
    """The message holds something beside bare scalars."""


def decode_publish(data: bytes) -> Publication:
    """Raises asyncua's errors when the server refused, struct.error and the like when the bytes make no sense."""
    try:
        return _publish(data)
    except (_UnusualError, struct.error, IndexError, UnicodeDecodeError):
        return _publish_by_library(data)


def decode_read(data: bytes) -> tuple[list[Raw], float]:
    """The values in the order asked, and the server's time of the answer (UTC seconds)."""
    try:
        return _read(data)
    except (_UnusualError, struct.error, IndexError, UnicodeDecodeError):
        response = struct_from_binary(ua.ReadResponse, Buffer(data))
        response.ResponseHeader.ServiceResult.check()
        return [_raw(value) for value in response.Results], response.ResponseHeader.Timestamp.timestamp()


def _data_value(data: bytes, at: int) -> tuple[Any, int, float | None, int]:
    mask = data[at]
    at += 1
    raw: Any = None
    status = 0
    source = None
    if mask & 1:
        kind = data[at]
        at += 1
        fixed = _FIXED.get(kind)
        if fixed is not None:
            raw = fixed.unpack_from(data, at)[0]
            at += fixed.size
        elif kind:
            raw, at = _text(data, at, kind)
    if mask & 2:
        status = _UINT32.unpack_from(data, at)[0]
        at += 4
    if mask & 4:
        source = _INT64.unpack_from(data, at)[0] / 1e7 - _EPOCH
        at += 8
    if mask & 0x38:  # picoseconds and the server's time stamp are not used
        at += (2 if mask & 0x10 else 0) + (8 if mask & 8 else 0) + (2 if mask & 0x20 else 0)
    return raw, status, source, at


def _text(data: bytes, at: int, kind: int) -> tuple[str | None, int]:
    if kind != _STRING:
        raise _UnusualError
    length = _INT32.unpack_from(data, at)[0]
    at += 4
    if length < 0:
        return None, at
    if at + length > len(data):
        raise _UnusualError
    return data[at : at + length].decode(), at + length


def _header(data: bytes, type_id: int) -> tuple[float, int]:
    encoding, namespace, found, time, _, result, diagnostics, strings, extra = _HEADER.unpack_from(data, 0)
    usual = encoding == 1 and namespace == 0 and found == type_id and result == 0 and diagnostics == 0
    if not usual or strings > 0 or extra != b"\0\0\0":
        raise _UnusualError
    return time / 1e7 - _EPOCH, _HEADER.size


def _publish(data: bytes) -> Publication:
    _, at = _header(data, ua.ObjectIds.PublishResponse_Encoding_DefaultBinary)
    subscription = _UINT32.unpack_from(data, at)[0]
    available = _INT32.unpack_from(data, at + 4)[0]
    at += 8 + 4 * max(0, available)
    more = data[at] != 0
    sequence, _, count, encoding, namespace, type_id, form, _, items = _PUBLISHED.unpack_from(data, at + 1)
    if (count, encoding, namespace, type_id, form) != (1, 1, 0, _DATA_CHANGE, 1):
        raise _UnusualError
    at += 1 + _PUBLISHED.size
    values = []
    for _ in range(items):
        handle = _UINT32.unpack_from(data, at)[0]
        raw, status, source, at = _data_value(data, at + 4)
        values.append((handle, raw, status, source))
    return Publication(subscription, sequence, more, values)


def _read(data: bytes) -> tuple[list[Raw], float]:
    time, at = _header(data, ua.ObjectIds.ReadResponse_Encoding_DefaultBinary)
    count = _INT32.unpack_from(data, at)[0]
    at += 4
    values: list[Raw] = []
    for _ in range(count):
        raw, status, source, at = _data_value(data, at)
        values.append((raw, status, source))
    return values, time


def _publish_by_library(data: bytes) -> Publication:
    response = struct_from_binary(ua.PublishResponse, Buffer(data))
    response.ResponseHeader.ServiceResult.check()
    message = response.Parameters.NotificationMessage
    notifications = message.NotificationData or []
    publication = Publication(
        response.Parameters.SubscriptionId,
        message.SequenceNumber,
        bool(response.Parameters.MoreNotifications),
        empty=not notifications,
    )
    for notification in notifications:
        if isinstance(notification, ua.DataChangeNotification):
            publication.values += [
                (item.ClientHandle, *_raw(item.Value)) for item in notification.MonitoredItems
            ]
        elif isinstance(notification, ua.StatusChangeNotification):
            publication.status = notification.Status.value
    return publication


def _raw(value: ua.DataValue) -> Raw:
    status = value.StatusCode.value if value.StatusCode is not None else 0
    source = None if value.SourceTimestamp is None else value.SourceTimestamp.timestamp()
    return (None if value.Value is None else value.Value.Value), status, source
