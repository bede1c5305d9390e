"""A site file on probation: what sends it back, how it is kept, and that nothing changes where it is refused."""

import asyncio
import dataclasses
from pathlib import Path

import pytest

from agent.config.trial import OFFERED, Trial, present_site, read_trial
from agent.control.site_trial import LOST_AFTER, STANDS, WENT_BACK, SiteTrial, Surroundings
from agent.core.errors import ConfigurationError
from agent.core.site import Catalogue
from agent.plugins import find_catalogue
from hil.virtual_time import run_virtual
from tests.control.small_plant import SmallPlant

TEXT = """version: 1
site: {name: Small, latitude: 22.55, longitude: 114.06, timezone: Asia/Shanghai}
areas: {plant: {tick: 10 s, authority: shadow}}
"""
RUNNING = Trial(owner="anna", reason="try", made=1.0, seconds=900.0)


class Told:
    """Alarms and audit records as they come."""

    def __init__(self):
        self.standing, self.seen, self.records = {}, [], []

    def stand(self, id_, source, severity, text):
        self.standing[id_] = text
        self.seen.append((id_, text))

    def over(self, id_):
        self.standing.pop(id_, None)

    def all(self):
        return ()

    def reading(self, _point):
        raise AssertionError("there is no device")

    def acted(self, actor, event, **details):
        self.records.append((actor, details))


class Now:
    speed = 1.0

    def __init__(self):
        self.seconds = 1000.0

    def elapsed(self):
        return self.seconds

    def utc(self):
        return 1.8e9 + self.seconds


class Desk:
    """A SiteTrial over a real site file, and the turns it takes."""

    def __init__(self, folder: Path):
        self.file = folder / "site.yaml"
        if not self.file.exists():
            self.file.write_text(TEXT)
        self.catalogue: Catalogue = find_catalogue()
        self.told, self.now = Told(), Now()
        self.turn()
        self.folder = self.trial.present.folder
        self.folder.mkdir(exist_ok=True)

    def turn(self):
        """The next run of the agent."""
        around = Surroundings(
            clock=self.now, table=self.told, alarms=self.told, acted=self.told.acted, catalogue=self.catalogue
        )
        self.trial = SiteTrial(present_site(self.file, self.catalogue), around)

    async def try_out(self, text, seconds=900.0):
        (self.folder / OFFERED).write_text(text)
        await self.trial.begin(seconds=seconds, owner="local:anna", reason="new meter")
        assert self.trial.turned
        await asyncio.wait_for(self.trial.run(), 5)  # at its end
        self.turn()

    def name(self):
        return self.trial.present.site.place.name

    async def look(self):
        """Whether it turns."""
        await self.trial.look()
        return self.trial.turned


NEW = TEXT.replace("Small", "Large")


async def test_it_runs_on_probation_and_one_word_keeps_it(tmp_path):
    desk = Desk(tmp_path)
    await desk.try_out(NEW)
    assert (desk.name(), desk.file.read_text()) == ("Large", TEXT)
    assert not await desk.look()
    assert "plantroom apply --keep" in desk.told.standing[STANDS]
    await desk.trial.keep(owner="local:ben", reason="all well")
    assert desk.file.read_text() == NEW
    assert desk.file.with_name("site.yaml.1").read_text() == TEXT
    assert STANDS not in desk.told.standing
    assert desk.trial.trial is None
    assert not await desk.look()  # no turn: it runs already
    desk.turn()
    assert (desk.name(), desk.trial.present.trial) == ("Large", None)
    assert [one["site_file"] for _, one in desk.told.records] == ["on probation", "kept"]


async def test_nobody_keeps_it_and_it_goes_back_and_says_so_once(tmp_path):
    desk = Desk(tmp_path)
    await desk.try_out(NEW, seconds=60.0)
    assert not await desk.look()
    desk.now.seconds += 59.0
    assert not await desk.look()
    desk.now.seconds += 2.0
    assert await desk.look()
    desk.turn()
    assert desk.name() == "Small"
    assert not await desk.look()
    assert "nobody kept it in time" in dict(desk.told.seen)[WENT_BACK]
    assert desk.told.standing == {}
    assert read_trial(desk.folder) is None
    assert desk.file.read_text() == TEXT


async def test_the_time_goes_on_over_a_restart(tmp_path):
    desk = Desk(tmp_path)
    await desk.try_out(NEW, seconds=60.0)
    assert not await desk.look()
    desk.now.seconds += 50.0
    desk.turn()
    assert not await desk.look()
    assert desk.trial.left(desk.trial.trial) == pytest.approx(10.0)
    desk.now.seconds = 0.0  # the store's clock was lost: it never lasts longer than it was to
    desk.turn()
    assert not await desk.look()
    assert desk.trial.left(desk.trial.trial) <= 60.0


async def test_a_person_takes_it_back(tmp_path):
    desk = Desk(tmp_path)
    await desk.try_out(NEW)
    await desk.trial.back(owner="local:ben", reason="too warm")
    assert await desk.look()
    desk.turn()
    assert desk.name() == "Small"
    with pytest.raises(ValueError, match="no site file is on probation"):
        await desk.trial.back(owner="local:ben", reason="again")
    with pytest.raises(ValueError, match="no site file is on probation"):
        await desk.trial.keep(owner="local:ben", reason="again")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (NEW.replace("areas:", "aeras:"), "aeras"),
        (NEW + "store: {path: elsewhere/p.db}\n", "data do not move on probation"),
        (NEW + "web: {socket: elsewhere.sock}\n", "nobody could keep the file by command"),
        ("\x00", "may not stand in a file"),
    ],
)
async def test_a_wrong_file_is_refused_with_its_place_and_nothing_has_changed(tmp_path, text, words):
    desk = Desk(tmp_path)
    (desk.folder / OFFERED).write_text(text)
    with pytest.raises(ConfigurationError, match=words):
        await desk.trial.begin(seconds=900.0, owner="local:anna", reason="try")
    assert read_trial(desk.folder) is None
    assert not await desk.look()


async def test_one_at_a_time_and_never_over_a_file_that_was_edited_meanwhile(tmp_path):
    desk = Desk(tmp_path)
    await desk.try_out(NEW)
    with pytest.raises(ValueError, match="on probation already"):
        await desk.trial.begin(seconds=900.0, owner="local:anna", reason="try")
    desk.file.write_text(TEXT + "# edited\n")
    with pytest.raises(ValueError, match="was changed meanwhile"):
        await desk.trial.keep(owner="local:anna", reason="keep")
    assert desk.file.read_text().endswith("# edited\n")


def judged(scenario):
    """`failing` on a running plant."""

    async def main():
        async with SmallPlant() as plant:
            parts = plant.parts
            around = Surroundings(
                clock=parts.clock,
                table=parts.table,
                alarms=parts.alarms,
                acted=parts.recorder.acted,
                catalogue=None,
            )
            present = dataclasses.make_dataclass("P", ["site", "folder", "trial", "on_probation"])
            trial = SiteTrial(present(parts.site, None, RUNNING, True), around)
            await asyncio.sleep(5)
            await scenario(plant, trial, dataclasses.replace(RUNNING, ends=1e9, there=("io", "gone")))

    run_virtual(main())


def test_a_new_critical_alarm_sends_it_back_and_an_old_one_or_a_warning_does_not():
    async def scenario(plant, trial, running):
        assert trial.failing(running) == ""
        plant.parts.alarms.stand("device:x", "x", "warning", "does not answer")
        plant.parts.alarms.stand("bus:old", "old", "critical", "is down")
        assert trial.failing(dataclasses.replace(running, alarms=("bus:old",))) == ""
        assert trial.failing(running) == "alarm bus:old: is down"
        plant.parts.alarms.over("bus:old")
        assert trial.failing(running) == ""

    judged(scenario)


def test_a_device_that_answered_and_falls_silent_sends_it_back_one_that_left_the_file_does_not():
    async def scenario(plant, trial, running):
        assert trial.failing(running) == ""

        async def dead(_item):
            raise TimeoutError

        plant.driver.read = dead
        await asyncio.sleep(LOST_AFTER - 5)
        assert trial.failing(dataclasses.replace(running, alarms=("bus:line",))) == ""
        await asyncio.sleep(60)
        assert "device io, which answered before" in trial.failing(
            dataclasses.replace(running, alarms=("bus:line",))
        )

    judged(scenario)
