"""The page is not what control hangs on; and when the clock of a real box is believed."""

import asyncio
import socket

import pytest

from agent.app import run_agent
from agent.control import clock as clocks
from agent.control.clock import DISTRUST_AFTER_STEP, EARLIEST_PLAUSIBLE, SystemClock
from agent.control.resumed_clock import ResumedClock

SITE = """
version: 1
site: {{name: Small, latitude: 22.5, longitude: 114, timezone: Asia/Shanghai}}
buses: {{mem: {{kind: memory}}}}
devices:
  lamp: {{bus: mem, points: {{on: {{initial: false, kind: switch, access: read_write, release: {{value: true}}, persistence: ram}}}}}}
areas: {{street: {{tick: 1 s, authority: agent}}}}
equipment: {{lamps: {{kind: lamp_group, area: street, change_over: true, lamp_switch: lamp.on}}}}
policies: {{nights: {{kind: lighting.astronomical, area: street, groups: [lamps]}}}}
web: {{host: 127.0.0.1, port: {port}}}
"""


@pytest.mark.integration
async def test_a_taken_page_address_does_not_stop_control(tmp_path):
    from drivers.memory import memory_of

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        site = tmp_path / "site.yaml"
        site.write_text(SITE.format(port=other.getsockname()[1]))
        task = asyncio.create_task(run_agent(site))
        async with asyncio.timeout(15):
            while memory_of("mem").values.get("lamp.on") is not True:
                assert not task.done(), task.result()
                await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Box:
    """The box's clocks, as a test sets them."""

    def __init__(self, monkeypatch):
        self.wall, self.mono, self.synchronised = EARLIEST_PLAUSIBLE + 1e6, 1000.0, True
        monkeypatch.setattr(clocks.time, "time", lambda: self.wall)
        monkeypatch.setattr(clocks.time, "monotonic", lambda: self.mono)
        monkeypatch.setattr(clocks, "kernel_synchronised", lambda: self.synchronised)
        monkeypatch.setattr(clocks.Path, "glob", lambda *_: iter(()))

    def live(self, seconds):
        self.wall += seconds
        self.mono += seconds


@pytest.fixture
def box(monkeypatch):
    return Box(monkeypatch)


def test_a_clock_that_ntp_disciplines_is_trusted(box):
    assert SystemClock().trusted()


def test_without_battery_and_ntp_it_is_not_trusted_unless_somebody_says_so(box):
    box.synchronised = False
    assert not SystemClock().trusted()
    assert SystemClock(always_trusted=True).trusted()


def test_a_clock_before_the_newest_time_ever_stored_has_lost_its_battery(box):
    assert not SystemClock(latest_seen=box.wall + 3600).trusted()
    assert not SystemClock(latest_seen=box.wall + 3600, always_trusted=True).trusted()


def test_a_clock_before_this_program_existed_is_not_trusted(box):
    box.wall = 0.0
    assert not SystemClock(always_trusted=True).trusted()


def test_a_step_without_ntp_is_distrusted_for_a_while(box, monkeypatch):
    box.synchronised = False
    monkeypatch.setattr(clocks.Path, "glob", lambda *_: iter(["/dev/rtc0"]))
    clock = SystemClock()
    assert clock.trusted()
    box.live(2)
    box.wall += 14 * 86_400
    assert not clock.trusted()
    box.live(DISTRUST_AFTER_STEP + 1)
    assert clock.trusted()


def test_elapsed_time_never_jumps_with_the_wall_clock(box):
    clock = SystemClock()
    before = clock.elapsed()
    box.wall -= 14 * 86_400
    box.mono += 1
    assert clock.elapsed() == before + 1


@pytest.mark.parametrize(
    ("trusted", "down", "counted"), [(True, 500.0, 500.0), (False, 500.0, 0.0), (True, -500.0, 0.0)]
)
def test_elapsed_time_goes_on_over_a_restart_and_down_time_counts_only_when_proved(
    box, trusted, down, counted
):
    box.synchronised = trusted
    saved = {"elapsed": 7000.0, "utc": box.wall - down}
    assert ResumedClock(SystemClock(), saved).elapsed() == pytest.approx(7000.0 + counted)
