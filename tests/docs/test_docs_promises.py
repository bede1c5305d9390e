"""docs/promises.md: every row names a test, and every test it names is there."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
OPEN = "## Not proved yet"


def rows():
    """Cells of each row of each table, without heads and rulers."""
    proved = PAGE.partition(OPEN)[0]
    lines = [line for line in proved.splitlines() if line.startswith("|") and not line.startswith("|---")]
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if not line.endswith("| test |")
    ]


@cache
def functions_of(file):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, functions)}


def test_every_promise_names_its_test():
    assert len(rows()) > 40
    assert [row[0] for row in rows() if not NAMED.search(row[-1])] == []


def test_every_test_that_is_named_exists():
    named = NAMED.findall(PAGE)
    gone = [
        f"{file}::{name}"
        for file, name in named
        if not (ROOT / file).is_file() or name not in functions_of(file)
    ]
    assert gone == []


def test_nothing_else_stands_in_the_last_column():
    """A name that is not written as file::test would never be looked for."""
    left = [NAMED.sub("", row[-1]).replace(",", "").replace("in full", "").strip() for row in rows()]
    assert [rest for rest in left if rest] == []
