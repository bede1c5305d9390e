"""One site file after the other: which one is run when, and what becomes of one under which the agent falls over."""

import asyncio
import hashlib

import pytest

from agent.app import turns
from agent.config.trial import Trial, begin_trial, read_trial
from agent.control.run_state import ENDED, RELEASED, RUN, RUNNING, STATE
from agent.control.site_lock import SiteLockedError
from agent.telemetry.store import write_document

TEXT = """version: 1
site: {name: Small, latitude: 22.55, longitude: 114.06, timezone: Asia/Shanghai}
store: {path: data/p.db}
"""
NEW = TEXT.replace("Small", "Large")


class EndOfTestError(Exception):
    pass


class Bench:
    """run_agent with a stand-in for the run of one site: what each turn does is a step of the script."""

    def __init__(self, folder, monkeypatch):
        self.file, self.data = folder / "site.yaml", folder / "data"
        self.file.write_text(TEXT)
        self.data.mkdir()
        self.runs, self.given_back = [], []
        monkeypatch.setattr(turns, "run_site", self._run)
        monkeypatch.setattr(turns, "give_back_taken", self._give_back)

    def on_probation(self, text=NEW):
        digest = hashlib.sha256(text.encode()).hexdigest()
        trial = Trial(owner="anna", reason="try", made=1.0, seconds=900.0, digest=digest)
        begin_trial(self.data, trial, text)

    def ended(self, state):
        write_document(str(self.data / "p.db"), RUN, STATE, {"state": state})

    async def _run(self, site, _catalogue, **_):
        self.runs.append(site.place.name)
        step = self.script.pop(0)
        if isinstance(step, BaseException):
            raise step
        step()

    async def _give_back(self, site, _catalogue, **_):
        self.given_back.append(site.place.name)
        if self.given_back_fails:
            raise OSError("the plant")

    given_back_fails = False

    async def play(self, *script):
        self.script = [*script, EndOfTestError()]
        with pytest.raises(EndOfTestError):
            await turns.run_agent(self.file, clock=None)
        return self.runs


@pytest.fixture
def bench(tmp_path, monkeypatch):
    return Bench(tmp_path, monkeypatch)


async def test_a_turn_that_ends_in_order_is_followed_by_what_is_then_present(bench):
    def end():
        trial = read_trial(bench.data)
        (bench.data / "site-on-probation.json").unlink()
        assert trial

    assert await bench.play(bench.on_probation, end) == ["Small", "Large", "Small"]


async def test_an_agent_that_cannot_be_run_with_it_goes_back_at_once(bench):
    bench.on_probation()
    error = ExceptionGroup("many", [RuntimeError("bus plant ended")])
    assert await bench.play(error) == ["Large", "Small"]
    assert read_trial(bench.data).over == "the agent ended: RuntimeError: bus plant ended"


async def test_a_fault_of_the_site_file_itself_ends_the_agent(bench):
    bench.script = [RuntimeError("bus plant ended")]
    with pytest.raises(RuntimeError):
        await turns.run_agent(bench.file)


@pytest.mark.parametrize("state", [RUNNING, RELEASED])
async def test_killed_once_is_chance_killed_twice_is_the_file(bench, state):
    bench.on_probation()
    bench.ended(state)
    bench.script = [asyncio.CancelledError()]
    with pytest.raises(asyncio.CancelledError):
        await turns.run_agent(bench.file)
    assert (bench.runs, read_trial(bench.data).crashes, bench.given_back) == (["Large"], 1, [])
    assert await bench.play() == ["Large", "Small"]
    assert bench.given_back == ["Large"]  # by the file under which it was taken
    assert read_trial(bench.data).over == "the agent fell over 2 times"


async def test_told_to_stop_in_order_is_no_fall(bench):
    bench.on_probation()
    bench.ended(ENDED)
    for _ in range(4):
        bench.script = [asyncio.CancelledError()]
        with pytest.raises(asyncio.CancelledError):
            await turns.run_agent(bench.file)
    assert bench.runs == ["Large"] * 4
    assert read_trial(bench.data).crashes == 0


async def test_even_where_nothing_can_be_given_back_the_old_file_comes(bench):
    bench.on_probation()
    bench.ended(RUNNING)
    bench.given_back_fails = True
    bench.script = [asyncio.CancelledError()]
    with pytest.raises(asyncio.CancelledError):
        await turns.run_agent(bench.file)
    assert await bench.play() == ["Large", "Small"]


async def test_another_agent_on_the_site_is_no_fault_of_the_file(bench):
    bench.on_probation()
    bench.script = [SiteLockedError("in use")]
    with pytest.raises(SiteLockedError):
        await turns.run_agent(bench.file)
    assert read_trial(bench.data).over == ""
