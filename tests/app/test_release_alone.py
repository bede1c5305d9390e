"""The release program: what it cannot give back it says, and it ends what no other try would change."""

from types import SimpleNamespace

import pytest

import agent.release
from agent.control.giving_back import Returned
from agent.core.equipment import Equipment
from agent.core.errors import BusError, StoreError
from agent.core.point import Release, ReleaseKind
from agent.core.site import LeaseSettings
from tests.control.fake_driver import FakeDriver
from tests.control.wide_plant import number, switch


def test_a_disk_that_refuses_does_not_hide_what_was_given_back(monkeypatch, tmp_path, caplog):
    site = SimpleNamespace(store=SimpleNamespace(path=str(tmp_path / "store.db")), areas={})
    rows = [Returned("ch1.enable", True, ok=True), Returned("ch2.enable", True, ok=False, error="no answer")]

    def refuses(*_):
        raise StoreError("disk full")

    monkeypatch.setattr(agent.release, "find_named", lambda: None)
    monkeypatch.setattr(agent.release, "present_site", lambda *_: SimpleNamespace(site=site))
    monkeypatch.setattr(agent.release, "_release", lambda *_: rows)
    monkeypatch.setattr(agent.release, "write_documents", refuses)
    told = agent.release.release_alone(tmp_path / "site.yaml")
    assert [(row["point"], row["ok"]) for row in told] == [("ch1.enable", True), ("ch2.enable", False)]
    assert "disk full" in caplog.text


ON = Release(ReleaseKind.VALUE, True)
POINTS = [
    switch("ch1.on", ON),
    switch("ch2.on", ON),
    switch("ch2.left", Release(ReleaseKind.PRIOR)),
    number("gone.sp"),
]
MACHINES = {
    name: Equipment(id=name, kind="chiller", area="plant", roles=roles)
    for name, roles in {
        "ch1": {"enable": "ch1.on"},
        "ch2": {"enable": "ch2.on", "status": "ch2.left"},
    }.items()
}


class Alone:
    """The release program on documents in memory and a scripted driver."""

    def __init__(self, monkeypatch, folder):
        self.config = folder / "site.yaml"
        self.documents = {
            "prior": {point.id: {"value": 7.0 if point.id == "gone.sp" else False} for point in POINTS},
            "lock_out": {"all": ["ch1"]},
        }
        self.driver = FakeDriver(None, ())
        area = SimpleNamespace(points={one.id: one for one in POINTS if one.id != "gone.sp"})
        site = SimpleNamespace(
            store=SimpleNamespace(path=str(folder / "store.db")),
            lease=None,
            areas={"plant": area},
            points={one.id: one for one in POINTS},
            equipment=MACHINES,
            devices={name: SimpleNamespace(bus="line") for name in ("ch1", "ch2", "gone")},
            buses={"line": SimpleNamespace(kind="fake", settings=None)},
        )
        fake = SimpleNamespace(create=lambda *_: self.driver)
        monkeypatch.setattr(agent.release, "find_named", lambda: SimpleNamespace(drivers={"fake": fake}))
        monkeypatch.setattr(agent.release, "present_site", lambda *_: SimpleNamespace(site=site))
        monkeypatch.setattr(
            agent.release, "read_documents", lambda _, kind: dict(self.documents.get(kind, {}))
        )
        monkeypatch.setattr(agent.release, "write_documents", self._write)

    def _write(self, _path, documents):
        for (kind, key), value in documents.items():
            if value is None:
                self.documents[kind].pop(key)
            else:
                self.documents.setdefault(kind, {})[key] = value

    def release(self, area=None):
        return {row["point"]: row for row in agent.release.release_alone(self.config, area)}


def test_what_nothing_can_be_written_for_is_said_once_and_not_tried_for_ever(monkeypatch, tmp_path):
    alone = Alone(monkeypatch, tmp_path)
    first = alone.release("plant")["ch2.left"]
    assert (first["ok"], first["ended"]) == (False, True)
    assert "not tried again" in first["error"]
    assert "ch2.left" in [row["point"] for row in alone.documents["not_released"]["last"]]
    assert "ch2.left" not in alone.release("plant")


def test_what_is_kept_off_by_a_lock_out_is_listed_until_it_is_unlocked(monkeypatch, tmp_path):
    alone = Alone(monkeypatch, tmp_path)
    for _ in range(2):
        row = alone.release()["ch1.on"]
        assert (row["ok"], row["waits"]) == (False, True)
        assert "locked out" in row["error"]
        assert "ch1.on" in [one["point"] for one in alone.documents["not_released"]["last"]]
    assert ("write", "ch1.on") not in alone.driver.log
    alone.documents["lock_out"] = {"all": []}
    assert alone.release()["ch1.on"]["ok"]
    assert alone.driver.values["ch1.on"] is True
    assert alone.documents["prior"] == {}
    assert alone.documents["not_released"]["last"] == []


def test_what_has_left_its_area_is_given_back_with_everything_but_not_with_an_area(monkeypatch, tmp_path):
    alone = Alone(monkeypatch, tmp_path)
    assert set(alone.release("plant")) == {"ch1.on", "ch2.on", "ch2.left"}
    assert set(alone.release()) == {"ch1.on", "gone.sp"}
    assert alone.driver.values["gone.sp"] == 7.0


def test_a_connection_that_breaks_is_opened_anew_and_nothing_is_lost(monkeypatch, tmp_path):
    alone = Alone(monkeypatch, tmp_path)
    alone.documents["lock_out"] = {"all": []}
    write = alone.driver.write

    async def breaks_once(point, value):
        if alone.driver.opened == 1 and point == "ch2.on":
            raise BusError("connection reset")
        await write(point, value)

    monkeypatch.setattr(alone.driver, "write", breaks_once)
    rows = alone.release()
    assert rows["ch1.on"]["ok"]
    assert rows["ch2.on"]["ok"]
    assert (alone.driver.opened, alone.driver.closed) == (2, 2)


def test_a_connection_that_breaks_each_time_is_not_tried_for_ever(monkeypatch, tmp_path):
    alone = Alone(monkeypatch, tmp_path)

    async def breaks(*_):
        raise BusError("connection reset")

    monkeypatch.setattr(alone.driver, "write", breaks)
    rows = alone.release()
    assert not rows["ch2.on"]["ok"]
    assert "connection reset" in rows["ch2.on"]["error"]


@pytest.mark.parametrize(
    ("register", "box"),
    [(2005, 2), (1005, 0), (0, 0), (None, 0), (BusError("cut"), 0)],
)
def test_what_is_another_boxes_now_is_not_given_back_over_its_head(monkeypatch, register, box):
    class Line:
        def __init__(self, *_):
            pass

        async def read(self, bus, points):
            if isinstance(register, BusError):
                raise register
            return {"io.lease": register} if (bus, points) == ("line", ("io.lease",)) else {}

        async def close(self):
            pass

    async def write_plan(_site, _catalogue, steps):
        return [Returned(step, True, ok=True) for step in steps]

    monkeypatch.setattr(agent.release, "Lines", Line)
    monkeypatch.setattr(agent.release, "_steps", lambda *_: (["ch1.enable"], ()))
    monkeypatch.setattr(agent.release, "_write_plan", write_plan)
    site = SimpleNamespace(
        lease=LeaseSettings(point="io.lease", box=1), devices={"io": SimpleNamespace(bus="line")}
    )
    rows = agent.release._release(site, None, None)
    assert [row.point for row in rows] == ([] if box else ["ch1.enable"])
