"""Raw values to dated, judged samples: what a notification and what a read says about a point.

The rule of dates. A notification is dated with the source time stamp: that is when the value became so. A read says
that the value still is so: it is dated with the server's time of the answer, except where the source time is younger
than one period (a change that no notification has told). With `local` all dates are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drivers.opcua import faults
from drivers.opcua.bindings import Binding, judge
from drivers.opcua.blocks import Sample
from drivers.opcua.subscription import Notified
from drivers.opcua.values import Decoded
from drivers.opcua.wire import Raw

EARLIEST = 946684800.0  # UTC seconds of 2000-01-01: a time before that comes from a clock that was never set


def from_read(
    bindings: Sequence[Binding], raws: Sequence[Raw], now: float, period: float, *, local: bool
) -> list[Sample]:
    """`now` is the server's time of the answer, or ours where `local`; UTC seconds."""
    samples: list[Sample] = []
    for binding, (raw, status, source) in zip(bindings, raws, strict=True):
        value, quality, reason = _judged(binding, raw, status)
        date = now if local or source is None or source <= now - period else source
        samples.append((binding.point.id, value, quality, reason, date))
    return samples


def from_notification(
    bindings: Sequence[Binding], values: Notified, now: float, *, local: bool
) -> dict[str, list[Sample]]:
    """Samples by device. `now` is our time, for values that bring none."""
    devices: dict[str, list[Sample]] = {}
    for handle, raw, status, source in values:
        if handle >= len(bindings):
            continue  # not one of ours: a server that mixes up its clients
        binding = bindings[handle]
        value, quality, reason = _judged(binding, raw, status) if status else binding.decode(raw)
        date = now if local or source is None or source < EARLIEST else source
        devices.setdefault(binding.device, []).append((binding.point.id, value, quality, reason, date))
    return devices


def _judged(binding: Binding, raw: Any, status: int) -> Decoded:
    return judge(binding, raw, status, faults.name_of(status)) if status else binding.decode(raw)
