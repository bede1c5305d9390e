"""Late, repeated and foreign frames by the thousand, on virtual time: none ever becomes a value. The full form is in tests/torture."""

from __future__ import annotations

from typing import Any

import pytest

from agent.core.register import Table
from drivers.modbus import rtu
from drivers.modbus.debts import Debts
from drivers.modbus.quiet import Quiet
from drivers.modbus.requests import Request, read_request, write_registers
from drivers.modbus.rtu import RtuLink
from tests.drivers.modbus.bad_line import ANY, PAIRS, BadLine, check, flood
from tests.rtu_frames import framed


def read(address: int) -> Request:
    return read_request(1, Table.HOLDING, address, 3)


@pytest.mark.parametrize("longest", [ANY, PAIRS])
@pytest.mark.parametrize("seed", range(3))
def test_two_thousand_injected_frames_none_accepted(tools: Any, seed: int, longest: int) -> None:
    check(tools, seed, 2_000, longest)


@pytest.mark.parametrize("rule", ["apart", "error", "unit"])
def test_a_link_without_one_of_its_rules_is_found_out(
    tools: Any, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each rule is needed: the flood gets wrong values past a link that lacks it."""
    if rule == "apart":  # blocks that cannot be padded have one shape, and follow each other without quiet
        monkeypatch.setattr(Quiet, "apart", lambda _self, _answered: None)
    elif rule == "error":  # as a plain client: after an error it goes on at once, in the same shape
        for name in ("confuses", "blocks"):
            monkeypatch.setattr(Debts, name, lambda _self, _request: False)
        monkeypatch.setattr(Quiet, "after_error", Quiet.after_answer)
        for name in ("keep_until", "prolong"):
            monkeypatch.setattr(Quiet, name, lambda *_: None)
    else:
        strict = rtu.payload_in
        monkeypatch.setattr(rtu, "payload_in", lambda data, request: strict(own(data, request.unit), request))
    wrong = 0
    for seed in range(6):
        wrong += tools.run(flood(tools, BadLine(seed, tools.own_numbers), 2_000, PAIRS))["wrong"]
        if wrong:
            return
    assert wrong > 0


def own(data: bytes, unit: int) -> bytes:
    """The frame as if it came from `unit`."""
    return framed(bytes((unit,)) + data[1:-2]) if len(data) > 4 else data


@pytest.mark.parametrize(
    ("first", "second", "waits"),
    [
        (read(100), read(100), False),
        (read(100), read(200), True),
        (write_registers(1, 5, [9], single=True), write_registers(1, 6, [9], single=True), False),
        (write_registers(1, 5, [9], single=False), write_registers(1, 6, [9], single=False), False),
        (write_registers(1, 5, [9], single=False), write_registers(1, 5, [8], single=False), True),
    ],
)
def test_only_what_a_copy_could_pass_for_waits(
    tools: Any, first: Request, second: Request, waits: bool
) -> None:
    def answer(frame: bytes) -> list[tuple[float, bytes]]:
        return [(0.01, tools.own_numbers(frame) if frame[1] == 3 else tools.rtu(frame[:6]))]

    async def main() -> None:
        wireless = tools.wireless(answer)
        link = RtuLink("line", wireless, 2, baudrate=None, turnaround=0.0, quiet=0.05)
        await link.open()
        for request in (first, second):
            await link.exchange(request, 0.3)
        (began, _), (followed, _) = wireless.sent
        assert (followed - began > 0.05) is waits

    tools.run(main())
