"""Late, repeated and foreign frames by the thousand, on virtual time: none ever becomes a value. The full form is in tests/torture."""

from __future__ import annotations

from typing import Any

import pytest

from drivers.modbus import rtu
from drivers.modbus.debts import Debts
from drivers.modbus.quiet import Quiet
from tests.drivers.modbus.bad_line import ANY, PAIRS, BadLine, check, flood
from tests.rtu_frames import framed


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
