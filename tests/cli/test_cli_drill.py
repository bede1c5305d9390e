"""The drill's judgement with a scripted agent and a scripted person: what is not kept is not passed."""

from types import SimpleNamespace

import pytest

from agent.cli import drill_cuts, drill_eyes
from agent.cli.drill_cuts import Scene, cut_cloud, left_alone
from agent.cli.drill_eyes import Person, until
from agent.cli.drill_record import Check, Cut, keep, kept
from agent.core.device_profile import Device, DeviceProfile
from agent.core.equipment import Equipment
from agent.core.point import Access, Point


@pytest.fixture(autouse=True)
def seconds(monkeypatch):
    """A clock that the waits themselves move."""
    clock = SimpleNamespace(now=0.0)
    clock.monotonic = clock.time = lambda: clock.now
    clock.sleep = lambda length: setattr(clock, "now", clock.now + length)
    for module in (drill_eyes, drill_cuts):
        monkeypatch.setattr(module, "time", clock)
    return clock


class Agent:
    """What the agent shows while the cloud is cut and after."""

    def __init__(self, clock, *, notices=True, ticks=True, keeps=True, delivers=True):
        self.clock, self.cut = clock, False
        self.notices, self.ticks, self.keeps, self.delivers = notices, ticks, keeps, delivers
        self.backlog = 10

    def health(self):
        if self.cut and self.keeps:
            self.backlog += 5
        if not self.cut and self.delivers:
            self.backlog = 10
        up = not (self.cut and self.notices)
        return {"uplinks": [{"id": "c", "state": "up" if up else "down"}], "store": {"backlog": self.backlog}}

    def areas(self):
        ticks = int(self.clock.now) if self.ticks or not self.cut else 3
        return {"plant": {"tick": 1.0, "ticks": ticks, "authority": "agent", "faults": ()}}


class Hands(Person):
    """Does as it is told."""

    def __init__(self, agent, answers=True):
        self.agent, self.answers = agent, answers

    def confirm(self, what):
        self.agent.cut = what.startswith("Cut")
        return self.answers

    def tell(self, text):
        pass


def cloud(clock, **how):
    agent = Agent(clock, **how)
    site = SimpleNamespace(uplinks={"c": None})
    return cut_cloud(Scene(None, site, None, agent, Hands(agent)))


def test_a_cloud_that_is_cut_and_put_back(seconds):
    cut = cloud(seconds)
    assert cut.held
    assert len(cut.checks) == 5


@pytest.mark.parametrize(
    ("how", "promise"),
    [
        ("notices", "the agent sees that the uplinks are down"),
        ("ticks", "control goes on in every area, in the same hands"),
        ("keeps", "samples are kept"),
        ("delivers", "what was kept follows"),
    ],
)
def test_what_is_not_kept_is_found(seconds, how, promise):
    cut = cloud(seconds, **{how: False})
    assert promise in [check.promise for check in cut.checks if not check.ok]
    assert not cut.held


def test_what_is_skipped_is_not_passed(seconds):
    agent = Agent(seconds)
    site = SimpleNamespace(uplinks={"c": None})
    cut = cut_cloud(Scene(None, site, None, agent, Hands(agent, answers=False)))
    assert cut.skipped
    assert not cut.held


def test_a_promise_that_nobody_saw_kept_is_not_passed(tmp_path):
    store = str(tmp_path / "p.db")
    cuts = [Cut("bus a", 1000.0, [Check("it reverts", None)])]
    record = keep(store, "Site", "Anna", cuts)
    assert not record["passed"]
    assert kept(store) == {"1970-01-01T00:16:40+00:00": record}
    assert keep(store, "Site", "Anna", [Cut("bus a", 2000.0, [Check("it reverts", ok=True)])])["passed"]
    assert len(kept(store)) == 2
    assert not keep(store, "Site", "Anna", [])["passed"]


def test_waiting_ends(seconds):
    assert until("never", lambda: False, 5.0) == Check("never", ok=False, seen="not within 5 s")
    assert until("later", lambda: seconds.now > 8.0, 50.0).ok


def test_the_person_is_asked_what_only_a_person_can_see():
    def device(name, timeout):
        point = Point(id=f"{name}.enable", access=Access.READ_WRITE, has_device_timeout=timeout)
        return Device(id=name, bus="b", profile=DeviceProfile(id="x"), points={"enable": point})

    devices = {one.id: one for one in (device("drive", True), device("relay", False))}
    machines = {
        name: Equipment(id=name, kind="pump", area="a", roles={"enable": f"{name}.enable"})
        for name in devices
    }
    site = SimpleNamespace(devices=devices, equipment=machines)
    reverts, stays = left_alone(site, "b")
    assert "drive" in reverts
    assert "local control" in reverts
    assert stays == "relay stays as it was."
    assert left_alone(site, "other") == []
