from __future__ import annotations

import pytest

from agent.config.document import MAX_BYTES, parse_document, read_document


def _only(raw: bytes) -> tuple[int, int, str]:
    (problem,) = parse_document(raw, "f").problems
    return problem.line, problem.column, problem.message


def test_yaml_12_leaves_times_and_words_alone() -> None:
    document = parse_document(b"{t: 12:30, s: on, n: no, b: true, i: 0x10, f: 1e-3, e: ~, o: 010}", "f")
    assert document.data == {
        "t": "12:30",
        "s": "on",
        "n": "no",
        "b": True,
        "i": 16,
        "f": 0.001,
        "e": None,
        "o": 10,
    }
    assert not document.problems


def test_every_value_knows_its_place() -> None:
    document = parse_document(b"a:\n  b: [1,\n      2]\n", "f")
    assert document.mark(("a", "b", 1)).line == 3
    assert document.mark(("a", "b", 1)).column == 7
    assert document.mark(("a", "b"), key=True).column == 3
    assert document.mark(("a", "b", "not there")).line == 2


def test_duplicate_keys_are_all_reported_where_they_stand() -> None:
    problems = parse_document(b"a: 1\nb: {x: 1, x: 2}\na: 2\n", "f").problems
    assert [(one.line, one.column) for one in problems] == [(2, 11), (3, 1)]


@pytest.mark.parametrize(
    ("raw", "line", "words"),
    [
        (b"a: [1, 2\nb: 3\n", 2, "YAML syntax"),
        (b"a: 1\n\tb: 2\n", 2, "YAML syntax"),
        (b"a: \xff\n", 1, "not UTF-8"),
        (b"ok: 1\nb: caf\xe9\n", 2, "not UTF-8"),
        (b"a: \x00\n", 1, "YAML syntax"),
        (b"a: !!python/object:os.system [x]\n", 1, ""),
        (b"a: !mine x\n", 1, "tag !mine"),
        (b"a: &x [*x]\n", 1, "contains itself"),
        (b"{[1, 2]: x}\n", 1, "key"),
        (b"a: " + b"9" * 60 + b"\n", 1, "not a number"),
        (b'a: "\\UFFFFFFFF"\n', 1, "YAML syntax"),
        (b'a: "\\U00110000"\n', 1, "YAML syntax"),
        (b'ok: 1\na: "x\\uD800"\n', 2, "cannot be"),
        (b'ok: 1\n"k\\uD800": 1\n', 1, "cannot be"),
        (b'a: "\\0"\n', 1, "cannot be"),
        (b"a: *nobody\n", 1, "YAML syntax"),
        (b"a: 1\n--- \nb: 2\n", 2, "YAML syntax"),
        (b"%YAML 9.9\n---\na: 1\n", 1, ""),
    ],
)
def test_broken_text(raw: bytes, line: int, words: str) -> None:
    problems = parse_document(raw, "f").problems
    if words:
        assert problems
        assert problems[0].line == line
        assert words in problems[0].message


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"a: 1\nb: x\x00y\n", "f:2:5: YAML syntax: character U+0000 may not stand in a file (remove it)"),
        (b"a: 1\nb: {c: 1\nd: 2\n", "(close the bracket of line 2, column 4, or put a comma before this)"),
        (b"a:\n    b: 1\n  c: 2\n", "this line is not indented as its neighbours are"),
        (b"a: b: 1\n", "a key may not begin here"),
    ],
)
def test_syntax_is_told_in_plain_words(raw: bytes, said: str) -> None:
    assert said in str(parse_document(raw, "f").problems[0])


def test_an_alias_bomb_ends() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    problems = parse_document("\n".join(lines).encode(), "f").problems
    assert "too many values" in problems[0].message


BOTTOMLESS = {
    "lists": b"[" * 20_000,
    "sections": b"{a: " * 10_000,
    "dashes": b"- " * 10_000,
    "closed": b"a: " + b"[" * 60 + b"]" * 60,
}


@pytest.mark.parametrize("raw", BOTTOMLESS.values(), ids=BOTTOMLESS)
def test_bottomless_nesting_is_a_problem(raw: bytes) -> None:
    assert parse_document(raw, "f").problems


def test_a_huge_file_is_not_parsed() -> None:
    assert "larger" in _only(b"#" * (MAX_BYTES + 1))[2]


def test_unreadable_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("d")
    assert "cannot be read" in read_document(folder / "nothing.yaml").problems[0].message
    assert "cannot be read" in read_document(folder).problems[0].message
    assert "cannot be read" in read_document(folder / "a\x00b").problems[0].message
