"""The section `lease` of a site file: what it takes, and every mistake with its place and mend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.config.load import load_site
from agent.core.errors import ConfigurationError
from agent.core.site import Catalogue, LeaseSettings

SPARE = """  spare:
    bus: plant
    unit: 9
    points:
      word: {table: holding, address: 7, access: read_write, release: none, persistence: ram}
      heard: {table: input, address: 7}
      worn: {table: holding, address: 8, access: read_write, release: none}
"""


def with_lease(text: str, lease: str) -> str:
    head, mark, rest = text.partition("devices:\n")
    assert mark
    return head + mark + SPARE + rest + f"\nlease: {lease}\n"


def test_a_spare_register_of_a_device(
    site_text: str, write_site: Callable[[str], Path], catalogue: Catalogue
) -> None:
    site = load_site(
        write_site(with_lease(site_text, "{point: spare.word, box: 2, expires: 2 min}")), catalogue
    )
    assert site.lease == LeaseSettings(point="spare.word", box=2, expires=120.0)
    assert load_site(write_site(site_text), catalogue).lease is None


@pytest.mark.parametrize(
    ("lease", "words"),
    [
        ("{point: spare.wrod, box: 2}", "did you mean 'spare.word'"),
        ("{point: spare.heard, box: 2}", "no number that can be read and written"),
        ("{point: spare.worn, box: 2}", "is written every few seconds"),
        ("{point: spare.word, box: 0}", "box"),
        ("{point: spare.word, box: 61}", "box"),
        ("{point: spare.word, box: 1, expires: 20 s}", "expires"),
        ("{point: spare.word}", "'box' is missing"),
        ("{box: 1}", "'point' is missing"),
        ("{point: spare.word, box: 1, renew: 3 s}", "'renew' is not a key"),
        ("[1]", "lease is a section of names"),
    ],
)
def test_what_is_wrong_is_said_with_its_mend(
    lease: str, words: str, site_text: str, write_site: Callable[[str], Path], catalogue: Catalogue
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_site(write_site(with_lease(site_text, lease)), catalogue)
    assert words in str(caught.value)


def test_a_register_that_drives_a_machine_is_no_lease(
    site_text: str, write_site: Callable[[str], Path], catalogue: Catalogue
) -> None:
    site = load_site(write_site(site_text), catalogue)
    taken = next(
        point.id
        for machine in site.equipment.values()
        for point in (site.points[id_] for id_ in machine.roles.values())
        if point.commandable and point.kind == "number" and point.device != "virtual"
    )
    with pytest.raises(ConfigurationError, match=r"plays a role of a machine|no number that can be read"):
        load_site(write_site(with_lease(site_text, f"{{point: {taken}, box: 1}}")), catalogue)
