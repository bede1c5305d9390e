"""The rules of the house: sizes, names, arrows, and that nothing new comes without its test."""

import ast
import os
import re
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("agent", "drivers", "policies", "hil")
CODE = sorted(
    path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "node_modules" not in path.parts
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
UI = sorted(
    path
    for kind in ("*.ts", "*.tsx")
    for path in (ROOT / "agent/web/ui").rglob(kind)
    if "node_modules" not in path.parts
)
HARD_LIMIT = 400
LONGEST_FUNCTION = 40
MOST_METHODS = 15
MOST_ARGUMENTS = 6
FORBIDDEN_NAMES = ("Manager", "Helper", "Handler", "Util", "Utils")
RULES = tomllib.loads((ROOT / "pyproject.toml").read_text())


def contract(title: str) -> dict:
    return next(one for one in RULES["tool"]["importlinter"]["contracts"] if one["name"] == title)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def trees() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text())) for path in CODE]


@pytest.mark.parametrize("path", [*CODE, *TESTS, *UI], ids=name)
def test_no_file_is_longer_than_the_hard_limit(path):
    assert len(path.read_text().splitlines()) <= HARD_LIMIT


def test_functions_and_classes_stay_small():
    too_big = []
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    too_big.append(f"{name(path)}:{node.lineno} {node.name} has {lines} lines")
                arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                if node.name == "__init__" and len(arguments) - 1 > MOST_ARGUMENTS:
                    too_big.append(
                        f"{name(path)}:{node.lineno} constructor has {len(arguments) - 1} arguments"
                    )
            if isinstance(node, ast.ClassDef) and not _is_protocol(node):
                methods = [
                    one for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
                ]
                public = [one for one in methods if not one.name.startswith("__")]
                if len(public) > MOST_METHODS:
                    too_big.append(f"{name(path)}:{node.lineno} {node.name} has {len(public)} methods")
    assert not too_big, "\n".join(too_big)


def _is_protocol(node: ast.ClassDef) -> bool:
    return any("Protocol" in ast.unparse(base) for base in node.bases)


def test_modules_and_public_classes_say_what_lives_here():
    silent = []
    for path, tree in trees():
        if not ast.get_docstring(tree):
            silent.append(name(path))
        silent.extend(
            f"{name(path)}: {node.name}"
            for node in tree.body
            if isinstance(node, ast.ClassDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        )
    assert not silent, "\n".join(silent)


def test_names_are_the_fields_words():
    bad = [
        f"{name(path)}: {node.name}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name.endswith(FORBIDDEN_NAMES)
    ]
    assert not bad, "\n".join(bad)


def test_packaging_is_not_a_package():
    assert not (ROOT / "packaging/__init__.py").exists()


def policy_files() -> list[Path]:
    return [
        path
        for path, tree in trees()
        if path.parts[len(ROOT.parts)] == "policies"
        and any(
            isinstance(node, ast.ClassDef)
            and any(isinstance(f, ast.FunctionDef) and f.name == "decide" for f in node.body)
            for node in tree.body
        )
    ]


def test_there_are_policies():
    assert len(policy_files()) >= 3


@pytest.mark.parametrize("path", policy_files(), ids=name)
def test_every_policy_has_its_table_test(path):
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    tests = (ROOT / "tests/policies").rglob("test_*.py")
    assert any(module in test.read_text() for test in tests), f"no test in tests/policies imports {module}"


def driver_names() -> list[str]:
    folder = ROOT / "drivers"
    packages = [path.name for path in folder.iterdir() if (path / "driver.py").exists()]
    modules = [path.stem for path in folder.glob("*.py") if path.stem != "__init__"]
    return sorted(packages + modules)


@pytest.mark.parametrize("driver", driver_names())
def test_every_driver_stands_in_the_contract_suite_and_in_the_arrows(driver):
    benches = "\n".join(path.read_text() for path in (ROOT / "tests/contract").glob("bench_*.py"))
    assert f"drivers.{driver}" in benches
    assert f"drivers.{driver}" in contract("Drivers do not know each other")["modules"]


def test_every_policy_domain_stands_in_the_arrows():
    domains = [f"policies.{path.parent.name}" for path in (ROOT / "policies").glob("*/__init__.py")]
    assert sorted(contract("Policy domains do not know each other")["modules"]) == sorted(domains)


def test_every_room_stands_in_the_arrows():
    layers = " | ".join(contract("The house has one direction")["layers"]).replace("(", "").replace(")", "")
    rooms = {f"agent.{path.stem}" for path in (ROOT / "agent").iterdir() if is_room(path)}
    assert rooms | {"drivers", "policies", "hil"} <= set(layers.split(" | "))


def is_room(path: Path) -> bool:
    return (path / "__init__.py").exists() or (path.suffix == ".py" and path.stem != "__init__")


def test_every_library_has_a_home():
    imported = set()
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                imported |= {one.name for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module)
    strangers = {one.partition(".")[0] for one in imported} - sys.stdlib_module_names - set(ROOMS)
    assert strangers <= set(contract("Each library has its home")["forbidden_modules"])


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).is_file()]


@pytest.mark.integration  # asks git
def test_no_file_holds_a_registry_address_or_a_machines_own_path():
    registry = re.compile(r"(pypi\.(org|python)|registry\.npmjs|files\.pythonhosted|--(extra-)?index-url)")
    machine = re.compile(r"(?<![A-Za-z0-9_.])/(work|farm|root)/")
    bad = []
    for path in tracked_files():
        if path == Path(__file__):
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        bad.extend(f"{name(path)}: {found.group()}" for found in registry.finditer(text))
        bad.extend(f"{name(path)}: {found.group()}" for found in machine.finditer(text))
    assert not bad, "\n".join(bad)


def test_the_readme_names_the_two_commands():
    readme = (ROOT / "README.md").read_text()
    assert "make demo" in readme
    assert "make test" in readme


def listen():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))


def connect():
    with socket.socket() as one:
        one.connect(("127.0.0.1", 9))


def open_terminal():
    os.openpty()


def start_process():
    subprocess.run(["true"], check=True)


@pytest.mark.parametrize("reach", [listen, connect, open_terminal, start_process])
def test_a_unit_test_reaches_nothing_outside(reach):
    with pytest.raises(RuntimeError, match="integration"):
        reach()
