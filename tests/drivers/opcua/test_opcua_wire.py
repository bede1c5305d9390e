"""The quick decoder says what the library's decoder says, or leaves the message to it."""

from __future__ import annotations

import datetime as dt
import math
import struct

import pytest
from asyncua import ua
from asyncua.ua.ua_binary import struct_to_binary
from hypothesis import given
from hypothesis import strategies as st

from drivers.opcua import wire

STAMP = dt.datetime(2026, 3, 4, 5, 6, 7, 890123, dt.UTC)

_SCALARS = st.one_of(
    st.tuples(st.just("Boolean"), st.booleans()),
    st.tuples(st.just("SByte"), st.integers(-128, 127)),
    st.tuples(st.just("Byte"), st.integers(0, 255)),
    st.tuples(st.just("Int16"), st.integers(-(2**15), 2**15 - 1)),
    st.tuples(st.just("UInt16"), st.integers(0, 2**16 - 1)),
    st.tuples(st.just("Int32"), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.just("UInt32"), st.integers(0, 2**32 - 1)),
    st.tuples(st.just("Int64"), st.integers(-(2**63), 2**63 - 1)),
    st.tuples(st.just("UInt64"), st.integers(0, 2**64 - 1)),
    st.tuples(st.just("Float"), st.floats(width=32, allow_nan=False)),
    st.tuples(st.just("Double"), st.floats(allow_nan=False)),
    st.tuples(st.just("String"), st.one_of(st.none(), st.text())),
    st.tuples(st.just("Null"), st.none()),
)


def data_value(kind, value, status=0, *, stamped=True, both=False):
    return ua.DataValue(
        ua.Variant(value, ua.VariantType[kind]),
        ua.StatusCode(status) if status is not None else None,
        STAMP if stamped else None,
        STAMP if both else None,
    )


def publish(items, *, more=False, extra=()):
    response = ua.PublishResponse()
    response.Parameters.SubscriptionId = 7
    response.Parameters.AvailableSequenceNumbers = [1, 2, 3]
    response.Parameters.MoreNotifications = more
    message = response.Parameters.NotificationMessage
    message.SequenceNumber = 42
    notification = ua.DataChangeNotification()
    notification.MonitoredItems = [ua.MonitoredItemNotification(handle, value) for handle, value in items]
    message.NotificationData = [*([notification] if items else []), *extra]
    return struct_to_binary(response)


def read(values):
    response = ua.ReadResponse()
    response.Results = values
    return struct_to_binary(response)


@given(
    st.lists(
        st.tuples(_SCALARS, st.sampled_from([None, 0, 0x80000000, 0x40920000]), st.booleans(), st.booleans())
    )
)
def test_both_decoders_agree_on_scalars(drawn):
    values = [
        data_value(*scalar, status, stamped=stamped, both=both) for scalar, status, stamped, both in drawn
    ]
    items = list(enumerate(values))
    quick = wire.decode_publish(publish(items, more=True))
    library = wire._publish_by_library(publish(items, more=True)).values
    assert [one[:3] for one in quick.values] == [one[:3] for one in library]
    for ours, theirs in zip(quick.values, library, strict=True):
        assert ours[3] == (theirs[3] and pytest.approx(theirs[3], abs=1e-6))
    assert quick.values == [
        (
            handle,
            value.Value.Value,
            status or 0,
            pytest.approx(STAMP.timestamp(), abs=1e-5) if stamped else None,
        )
        for (handle, value), (_, status, stamped, _) in zip(items, drawn, strict=True)
    ]
    assert (quick.subscription, quick.sequence, quick.more, quick.empty) == (7, 42, True, not items)
    raws, _ = wire.decode_read(read(values))
    assert raws == [one[1:] for one in quick.values]


def test_scalars_do_not_need_the_library(monkeypatch):
    monkeypatch.setattr(wire, "_publish_by_library", lambda *_: pytest.fail("slow path"))
    monkeypatch.setattr(wire, "struct_from_binary", lambda *_: pytest.fail("slow path"))
    value = data_value("Float", 2.5, both=True)
    assert wire.decode_publish(publish([(3, value)])).values[0][:3] == (3, 2.5, 0)
    assert wire.decode_read(read([value]))[0][0][:2] == (2.5, 0)


@pytest.mark.parametrize(
    "value",
    [
        ua.Variant([1.0, 2.0], ua.VariantType.Double),
        ua.Variant(ua.LocalizedText("auto"), ua.VariantType.LocalizedText),
        ua.Variant(STAMP, ua.VariantType.DateTime),
        ua.Variant(ua.NodeId("x", 2), ua.VariantType.NodeId),
    ],
)
def test_the_unusual_goes_through_the_library(value):
    items = [(1, data_value("Double", 1.5)), (2, ua.DataValue(value)), (3, data_value("Int16", 4))]
    found = wire.decode_publish(publish(items))
    assert [one[0] for one in found.values] == [1, 2, 3]
    assert found.values[0][1] == 1.5
    assert found.values[1][1] == value.Value
    assert found.values[2][1] == 4
    assert wire.decode_read(read([one for _, one in items]))[0][1][0] == value.Value


def test_keep_alive_and_status_change():
    assert wire.decode_publish(publish([])).empty
    change = ua.StatusChangeNotification(Status=ua.StatusCode(ua.StatusCodes.BadTimeout))
    found = wire.decode_publish(publish([(1, data_value("Double", 1.5))], extra=(change,)))
    assert found.status == ua.StatusCodes.BadTimeout
    assert found.values[0][1] == 1.5
    assert not found.empty


def test_a_refusal_is_raised():
    response = ua.PublishResponse()
    response.ResponseHeader.ServiceResult = ua.StatusCode(ua.StatusCodes.BadNoSubscription)
    with pytest.raises(ua.uaerrors.BadNoSubscription):
        wire.decode_publish(struct_to_binary(response))


@given(st.data())
def test_broken_bytes_never_give_a_value_that_was_not_sent(data):
    """A cut message is an error; it never yields a shorter list as if it were whole."""
    whole = publish([(number, data_value("Double", float(number))) for number in range(5)])
    end = data.draw(st.integers(0, len(whole) - 1))
    try:
        found = wire.decode_publish(whole[:end])
    except Exception:  # noqa: BLE001 - any error will do: the session ends with it
        return
    assert found.values == wire.decode_publish(whole).values  # only the unused tail was cut off


@given(st.binary(max_size=200))
def test_noise_raises_or_decodes_but_never_hangs(noise):
    for decode in (wire.decode_publish, wire.decode_read):
        try:
            decode(noise)
        except Exception:  # noqa: BLE001 - what it raises is the library's affair; the session ends with any
            continue


def test_a_count_from_the_wire_does_not_reserve_memory():
    head = read([])[: wire._HEADER.size]
    with pytest.raises(Exception):  # noqa: B017, PT011 - any error will do
        wire.decode_read(head + struct.pack("<i", 2**31 - 1) + b"\0" * 10)
    assert math.isfinite(wire.decode_read(read([]))[1])
