"""A hundred thousand late, repeated and foreign frames on an RTU line, on virtual time: none is accepted."""

import pytest

from tests.drivers.modbus.bad_line import ANY, PAIRS, check
from tests.drivers.modbus.conftest import Tools
from tests.torture.measures import SEED, scaled

pytestmark = pytest.mark.torture
FRAMES = scaled(100_000)


@pytest.mark.timeout(300 + FRAMES // 200)
@pytest.mark.parametrize("longest", [ANY, PAIRS], ids=["any_length", "one_shape"])
def test_a_hundred_thousand_injected_frames_none_accepted(longest):
    check(Tools, SEED, FRAMES, longest)
