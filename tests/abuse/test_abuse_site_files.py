"""Two hundred spoilt site files through `plantroom check` and `plantroom run`: a place and a sentence, or a site."""

import asyncio
import copy
import functools
import os
import random
import re

import pytest
from ruamel.yaml import YAML

from agent.cli.check import check
from agent.config.document import parse_document
from hil.demo_folder import Ports, lay_out
from tests.abuse.agent_process import run_command
from tests.config.site_mutations import misspell, mutate_text, mutate_tree

pytestmark = pytest.mark.integration
COUNT = int(os.environ.get("PLANTROOM_SITE_FILES", "200"))
BATCH = 25
AS_COMMANDS = 6
MISSPELT = 30
PLACE = re.compile(r"^error: \S.*?:[1-9]\d*:[1-9]\d*: \S")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The demonstration's folder with its secrets and keys: the site in it is a good one. Nothing listens."""
    return lay_out(tmp_path_factory.mktemp("site"), Ports(plant=1, bms=2, mqtt=3, https=4, web=5), 1.0)


def spoilt(folder, seed):
    """The site file, spoilt: its text on even seeds, what it says on odd ones."""
    chance = random.Random(seed)
    text = folder.site.read_text()
    path = folder.site.with_name(f"spoilt-{seed}.yaml")
    if seed % 2 == 0:
        path.write_bytes(mutate_text(text, chance))
    else:
        data = mutate_tree(copy.deepcopy(_parsed(folder.site)), chance)
        YAML(typ="safe", pure=True).dump(data, path)
    return path


@functools.cache
def _parsed(path):
    return parse_document(path.read_bytes(), "site").data


def said(path, capsys):
    """Exit code and lines of `plantroom check`, called in this process."""
    try:
        check(path)
        code = 0
    except SystemExit as end:
        code = end.code
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def judge(code, out, err):
    """Bad: code 2, every line a place. Good: code 0 and it says so. Never a traceback."""
    errors = [line for line in err.splitlines() if line.startswith("error: ")]
    assert "Traceback" not in out + err
    if code == 0:
        assert errors == []
        return True
    assert code == 2, (code, err)
    assert errors
    for line in errors:
        assert PLACE.match(line), line
    return False


def test_the_site_itself_is_good(folder, capsys):
    code, out, err = said(folder.site, capsys)
    assert judge(code, out, err)
    assert "no errors" in out


@pytest.mark.parametrize("first", range(0, COUNT, BATCH))
def test_check(folder, capsys, first):
    before = set(folder.site.parent.rglob("*"))
    verdicts = []
    for seed in range(first, min(first + BATCH, COUNT)):
        path = spoilt(folder, seed)
        try:
            verdicts.append(judge(*said(path, capsys)))
        except Exception as error:
            raise AssertionError(f"seed {seed}: {path}") from error
        path.unlink()
    assert verdicts.count(False) > len(verdicts) / 3  # the mutations do hurt
    assert set(folder.site.parent.rglob("*")) == before


@pytest.mark.parametrize("seed", range(MISSPELT))
def test_a_misspelt_name_is_answered_with_a_valid_one(folder, capsys, seed):
    data, meant = misspell(copy.deepcopy(_parsed(folder.site)), random.Random(seed))
    path = folder.site.with_name("misspelt.yaml")
    YAML(typ="safe", pure=True).dump(data, path)
    code, out, err = said(path, capsys)
    path.unlink()
    told = [line for line in err.splitlines() if line.startswith(("error: ", "warning: "))]
    # where another name is nearer still, or all are listed, that is help too
    assert any(f"'{meant}'" in line or "did you mean '" in line or "(known: " in line for line in told), (
        meant,
        err,
    )
    if code == 2:
        assert not judge(code, out, err)


async def test_the_commands_themselves_refuse_with_2_and_start_nothing(folder, capsys):
    bad = [path for seed in range(1000, 1040) if said(path := spoilt(folder, seed), capsys)[0] == 2]
    bad = bad[:AS_COMMANDS]
    capsys.readouterr()
    before = set(folder.site.parent.rglob("*"))
    limit = asyncio.Semaphore(2)

    async def both(path):
        async with limit:
            checked = await run_command("check", str(path))
            started = await run_command("run", "--config", str(path))
        assert not judge(*checked), path
        assert not judge(*started), path
        told = [{line for line in err.splitlines() if PLACE.match(line)} for _, _, err in (checked, started)]
        assert told[0] == told[1]
        assert started[1] == ""

    await asyncio.gather(*(both(path) for path in bad))
    assert set(folder.site.parent.rglob("*")) == before
    assert not (folder.site.parent / "data" / "plantroom.db").exists()


@pytest.mark.parametrize("command", [("check",), ("run", "--config")])
@pytest.mark.parametrize("name", ["none.yaml", "pki"])
async def test_no_such_file_and_a_folder(folder, command, name):
    code, _, err = await run_command(*command, str(folder.site.with_name(name)))
    assert code == 2
    assert name in err
    assert "Traceback" not in err
