"""Drivers, policies and profiles are found by themselves, and a broken one never stops the rest."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent import plugins
from agent.core.parameter import parameters
from agent.plugins import NamedPolicies, find_catalogue, find_plugins
from hil.demo_folder import choose_ports, lay_out

DRIVER = """\
from dataclasses import dataclass
from agent.core.driver import DriverKind
from agent.core.parameter import parameter
from agent.core.register import Slot

@dataclass(frozen=True, slots=True, kw_only=True)
class Bus:
    host: str = parameter("x")

KINDS = {"%s": DriverKind(kind="%s", bus_settings=Bus, device_settings=Bus, source=Slot, create=print)}
"""

POLICY = """\
from __future__ import annotations
from dataclasses import dataclass
from typing import ClassVar
from agent.core.parameter import parameter

@dataclass(frozen=True, kw_only=True)
class Dim:
    kind: ClassVar[str] = "%s"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[()]] = ()
    claims: ClassVar[tuple[()]] = ()
    name: str = parameter()

    def initial_state(self): ...
    def decide(self, snapshot, state): ...
"""


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Writes modules below two throw-away packages and forgets them afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(path: str, text: str) -> None:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        for folder in file.relative_to(tmp_path).parents:
            if folder.name:
                (tmp_path / folder / "__init__.py").touch()
        file.write_text(text)

    yield write
    for name in [name for name in sys.modules if name.split(".")[0] in ("our_drivers", "our_policies")]:
        del sys.modules[name]


def _find() -> plugins.Findings:
    return find_plugins("our_drivers", "our_policies")


def test_drivers_and_policies_are_found(packages: Callable[[str, str], None]) -> None:
    packages("our_drivers/one.py", DRIVER % ("one", "one"))
    packages("our_drivers/two/__init__.py", DRIVER % ("two", "two"))
    packages("our_drivers/_inner.py", "raise RuntimeError('never imported')")
    packages("our_drivers/words.py", "x = 1")
    packages("our_policies/lighting/dim.py", POLICY % "lighting.dim")
    packages("our_policies/lighting/helpers.py", "from our_policies.lighting.dim import Dim")
    findings = _find()
    assert list(findings.drivers) == ["one", "two"]
    assert list(findings.policies) == ["lighting.dim"]
    assert findings.warnings == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import no_such_library", "ModuleNotFoundError"),
        ("raise RuntimeError('boom')", "boom"),
        ("def broken(:", "SyntaxError"),
        ("KINDS = ['x']", "KINDS must map"),
        ("KINDS = {'x': 3}", "'x' is not a DriverKind"),
        (DRIVER.replace("host: str", "host: Nowhere") % ("x", "x"), "Nowhere"),
    ],
)
def test_a_broken_driver_is_a_warning(packages: Callable[[str, str], None], text: str, words: str) -> None:
    packages("our_drivers/bad.py", text)
    packages("our_drivers/good.py", DRIVER % ("good", "good"))
    findings = _find()
    assert list(findings.drivers) == ["good"]
    (warning,) = findings.warnings
    assert "our_drivers.bad" in warning
    assert words in warning


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (POLICY.replace("@dataclass(frozen=True, kw_only=True)\n", "") % "lighting.bad", "not a dataclass"),
        (POLICY.replace("    def decide(self, snapshot, state): ...\n", "") % "lighting.bad", "lacks decide"),
        (POLICY.replace("    name: str = parameter()\n", "") % "lighting.bad", "lacks the field 'name'"),
        ("1/0", "ZeroDivisionError"),
    ],
)
def test_a_broken_policy_is_a_warning(packages: Callable[[str, str], None], text: str, words: str) -> None:
    packages("our_policies/lighting/bad.py", text)
    packages("our_policies/lighting/dim.py", POLICY % "lighting.dim")
    findings = _find()
    assert list(findings.policies) == ["lighting.dim"]
    assert [words in warning for warning in findings.warnings] == [True]


def test_a_kind_is_taken_once(packages: Callable[[str, str], None]) -> None:
    packages("our_drivers/a.py", DRIVER % ("same", "same"))
    packages("our_drivers/b.py", DRIVER % ("same", "same"))
    findings = _find()
    assert list(findings.drivers) == ["same"]
    assert findings.warnings == ["our_drivers.b: bus kind 'same' is there already"]


def test_named_policies_are_imported_when_they_are_asked_for(
    packages: Callable[[str, str], None], caplog: pytest.LogCaptureFixture
) -> None:
    packages("our_policies/lighting/dim.py", POLICY % "lighting.dim")
    packages("our_policies/lighting/other.py", POLICY % "lighting.other")
    packages("our_policies/lighting/bad.py", "1/0")
    packages("our_policies/lighting/helpers.py", "x = 1")
    named = NamedPolicies(plugins.Findings(), "our_policies")
    assert named["lighting.dim"].__name__ == "Dim"
    for nothing in ("lighting.helpers", "lighting.gone", "nowhere.dim", "lighting", "os.path", ""):
        assert named.get(nothing) is None
    assert "our_policies.lighting.other" not in sys.modules
    assert caplog.messages == []
    assert named.get("lighting.bad") is None
    assert caplog.messages == [
        "plugin left out: our_policies.lighting.bad: ZeroDivisionError: division by zero"
    ]
    assert list(named) == ["lighting.dim", "lighting.other"]
    assert len(named) == 2


def test_third_parties_announce_themselves(
    packages: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    packages("our_drivers/late.py", "")
    packages("our_policies/theirs.py", POLICY % "acme.dim")

    def entry(value: str, load: Callable[[], Any]) -> SimpleNamespace:
        return SimpleNamespace(name="x", value=value, load=load)

    def policy() -> Any:
        import importlib

        return importlib.import_module("our_policies.theirs").Dim

    def broken() -> Any:
        raise ImportError("not installed")

    groups = {
        "plantroom.policies": [entry("our_policies.theirs:Dim", policy), entry("gone:Policy", broken)],
        "plantroom.profiles": [entry("our_drivers", broken), entry("no.such.package", broken)],
    }
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: groups.get(group, []))
    findings = find_plugins("our_drivers", "nothing_here")
    assert list(findings.policies) == ["acme.dim"]
    assert any(folder.endswith("our_drivers") for folder in findings.profile_folders)
    assert len(findings.warnings) == 2
    assert "not installed" in findings.warnings[0]


def test_our_own_are_found() -> None:
    catalogue = find_catalogue(["/somewhere/else"])
    assert {"modbus-tcp", "modbus-rtu", "modbus-rtu-tcp", "opcua", "memory"} <= set(catalogue.drivers)
    assert catalogue.profile_folders[-1] == "/somewhere/else"
    for kind in catalogue.drivers.values():
        assert parameters(kind.bus_settings) is not None
    for kind_name, policy in catalogue.policies.items():
        assert policy.kind == kind_name  # type: ignore[attr-defined]


def said(script: str) -> list[str]:
    """What a fresh interpreter prints, line by line."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.integration
def test_looking_does_not_load_client_libraries() -> None:
    script = (
        "import sys; from agent.plugins import find_catalogue; find_catalogue();"
        "print([name for name in ('pymodbus', 'asyncua', 'aiomqtt', 'aiohttp', 'numpy') if name in sys.modules])"
    )
    assert said(script) == ["[]"]


@pytest.mark.integration
def test_who_runs_a_site_has_the_policies_it_names_and_no_others(tmp_path: Path) -> None:
    """All of them stay in memory for good, some 5 MB; the site is the same."""
    site = lay_out(tmp_path / "demo", choose_ports(0), 1.0).site
    script = (
        "import sys; from pathlib import Path; from agent.config.load import load_site; import agent.plugins as plugins;"
        f"site = load_site(Path({str(site)!r}), plugins.find_named());"
        "print([f'policies.{kind}' in sys.modules for kind in ('lighting.radar', 'comfort.zone')]);"
        "print(site == load_site(Path(site.file), plugins.find_catalogue()), 'policies.comfort.zone' in sys.modules)"
    )
    assert said(script) == ["[True, False]", "True True"]
