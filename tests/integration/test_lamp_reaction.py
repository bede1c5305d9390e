"""From the radar's reply to the lamp command on real sockets and at 9,600 baud, with all of the garage's lamps."""

import pytest

from hil.sites.boen_garage.reaction import measure

pytestmark = pytest.mark.integration

BUSY = 5.0  # ms by which a process of this machine wakes late, beyond which it cannot be judged
WANTED, AFTER_FRAME = 100.0, 20.0  # ms, p99


NOT_YET = pytest.mark.xfail(
    reason="52 ms were measured on a quiet machine: reads go on while the area decides", strict=False
)


@pytest.mark.parametrize(
    "serial",
    [
        pytest.param(False, id="458 lamps on TCP"),
        pytest.param(True, id="8 groups at 9600 baud", marks=NOT_YET),
    ],
)
def test_the_command_follows_the_reply(serial):
    found = measure(15.0, serial=serial)
    if found.lag_p99 > BUSY:
        pytest.skip(f"this machine is busy: it wakes {found.lag_p99:g} ms late; measured {found}")
    assert found.answered > 0.6 * found.flashes
    assert found.poll <= 0.2
    if serial:
        assert found.after_frame_p99 <= AFTER_FRAME + found.lag_p99
    else:
        assert found.p99 <= WANTED + found.lag_p99
