"""YAML text to plain values, with the line and column of every key and value kept beside them.

YAML 1.2 (`on` is text, 12:30 is text). Whatever the bytes, the result is a document and its problems, never a
traceback: encoding, size, depth, alias bombs, duplicate keys and tags are answered here.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from agent.core.errors import Problem

Where = tuple[str | int, ...]
"""A place in a document: keys and list positions from its root."""

MAX_BYTES = 2_000_000
MAX_DEPTH = 40
MAX_VALUES = 400_000  # after aliases are followed: an alias bomb ends here

_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Mark:
    """One-based line and column."""

    line: int = 1
    column: int = 1


@dataclass(slots=True)
class Document:
    """A file as plain values, where each of them stands, and what is wrong with it so far."""

    file: str
    data: Any = None
    keys: dict[Where, Mark] = field(default_factory=dict)
    values: dict[Where, Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    digest: str = ""  # SHA-256 of the bytes

    def add(self, where: Where, message: str, mend: str = "", *, key: bool = False) -> None:
        """Note a problem at the value (or key) of that place, or at the nearest place around it."""
        problem = self.problem(where, message, mend, key=key)
        if problem not in self.problems:
            self.problems.append(problem)

    def warn(self, where: Where, message: str, mend: str = "", *, key: bool = False) -> None:
        """Note something that is allowed and probably not meant."""
        self.warnings.append(self.problem(where, message, mend, key=key))

    def problem(self, where: Where, message: str, mend: str = "", *, key: bool = False) -> Problem:
        mark = self.mark(where, key=key)
        return Problem(self.file, mark.line, mark.column, message, mend)

    def mark(self, where: Where, *, key: bool = False) -> Mark:
        tables = (self.keys, self.values) if key else (self.values, self.keys)
        for length in range(len(where), -1, -1):
            for table in tables:
                if (mark := table.get(where[:length])) is not None:
                    return mark
        return Mark()


def read_document(path: Path) -> Document:
    """The file's content; an unreadable one gives an empty document with its problem."""
    document = Document(str(path))
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        document.add((), f"cannot be read: {error.strerror or error}", "check the path and its permissions")
        return document
    except ValueError as error:  # a null byte in the path
        document.add((), f"cannot be read: {error}")
        return document
    return parse_document(raw, document.file)


def parse_document(raw: bytes, file: str) -> Document:
    """The document in these bytes."""
    document = Document(file, digest=hashlib.sha256(raw).hexdigest())
    if len(raw) > MAX_BYTES:
        document.add((), f"larger than {MAX_BYTES // 1_000_000} MB", "split it or remove what is not needed")
        return document
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        problem = Problem(
            file, line, column, f"not UTF-8 (byte 0x{raw[error.start]:02x})", "save it as UTF-8"
        )
        document.problems.append(problem)
        return document
    _compose(text, document)
    return document


def _compose(text: str, document: Document) -> None:
    yaml = YAML(typ="safe", pure=True)
    yaml.allow_duplicate_keys = True  # reported by us, each with its place
    yaml.composer.warn_double_anchors = False  # YAML lets a name be given anew
    try:
        root = yaml.compose(text)
    except MarkedYAMLError as error:
        document.problems.append(_misspelt(document.file, error))
    except ReaderError as error:
        before = text[: error.position].split("\n")
        what = f"YAML syntax: character U+{error.character:04X} may not stand in a file"
        document.problems.append(Problem(document.file, len(before), len(before[-1]) + 1, what, "remove it"))
    except RecursionError:
        document.add((), "nested too deeply")
    except (
        YAMLError,
        ValueError,
        ArithmeticError,
        AttributeError,
        TypeError,
        LookupError,
        AssertionError,
    ) as error:
        # ruamel raises bare Python errors on some broken input; all of it is the text's fault
        what = " ".join(str(error).split()) or type(error).__name__
        document.add((), f"YAML syntax: {what[:200]}", "check the file's characters, tags and directives")
    else:
        if root is not None:
            document.data = _Reader(document).read(root, ())


_PLAINLY = {
    "mapping values are not allowed here": "a key may not begin here",
    "expected <block end>, but found '<block mapping start>'": "this line is not indented as its neighbours are",
    "expected <block end>, but found '<block sequence start>'": "this line is not indented as its neighbours are",
    "expected '<document start>', but found ('<block mapping start>',)": "this line belongs to nothing above it",
}
"""What the parser says, for people who do not know its words."""


def _misspelt(file: str, error: MarkedYAMLError) -> Problem:
    mark, begin = error.problem_mark or error.context_mark, error.context_mark
    place = Mark(mark.line + 1, mark.column + 1) if mark else Mark()
    what = " ".join(str(error.problem or error.context or "cannot be parsed").split())
    what = _PLAINLY.get(what, what).replace("'<stream end>'", "the end of the file")
    mend = "check indentation, quotes and brackets around here"
    if begin is not None and "flow" in str(error.context):
        mend = f"close the bracket of line {begin.line + 1}, column {begin.column + 1}, or put a comma before this"
    return Problem(file, place.line, place.column, f"YAML syntax: {what}", mend)


class _Reader:
    """Walks the node graph once per place; aliases are followed, with a limit on what comes out."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._open: set[int] = set()
        self._count = 0

    def read(self, node: Node, where: Where) -> Any:
        self._count += 1
        mark = Mark(node.start_mark.line + 1, node.start_mark.column + 1)
        self._document.values[where] = mark
        if self._count > MAX_VALUES:
            if self._count == MAX_VALUES + 1:
                self._document.add(where, "too many values", "aliases (*name) multiply what they name")
            return None
        if isinstance(node, ScalarNode):
            return self._scalar(node, where)
        if id(node) in self._open:
            self._document.add(where, "an alias that contains itself", "write the values out")
            return None
        if len(where) >= MAX_DEPTH:
            self._document.add(where, "nested too deeply")
            return None
        self._open.add(id(node))
        try:
            return self._collection(node, where)
        finally:
            self._open.discard(id(node))

    def _collection(self, node: Node, where: Where) -> Any:
        if isinstance(node, SequenceNode):
            return [self.read(item, (*where, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, MappingNode)  # noqa: S101 - the only other kind of node there is
        found: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            mark = Mark(key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(key_node, ScalarNode):
                problem = Problem(self._document.file, mark.line, mark.column, "a key must be plain text")
                self._document.problems.append(problem)
                continue
            key = self._scalar(key_node, where)
            key = key if isinstance(key, int) and not isinstance(key, bool) else _plain(key_node.value)
            if key in found:
                message = f"'{key}' stands here twice"
                problem = Problem(self._document.file, mark.line, mark.column, message, "keep one of them")
                self._document.problems.append(problem)
                continue
            self._document.keys[*where, key] = mark
            found[key] = self.read(value_node, (*where, key))
        return found

    def _scalar(self, node: ScalarNode, where: Where) -> Any:
        tag, text = str(node.tag), node.value
        if not text.isascii() or "\0" in text:
            text = self._readable(text, where)
        if tag in (f"{_TAG}str", f"{_TAG}merge", f"{_TAG}timestamp", "!"):
            return text
        if tag == f"{_TAG}null":
            return None
        if tag == f"{_TAG}bool" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        try:
            if tag == f"{_TAG}int":
                return _whole(text)
            if tag == f"{_TAG}float":
                return float(re.sub(r"(?i)^([+-]?)\.(inf|nan)$", r"\1\2", text.replace("_", "")))
        except ValueError:
            self._document.add(where, f"'{text[:40]}' is not a number")
            return None
        self._document.add(where, f"tag {tag[:60]} is not used here", "remove the tag")
        return None

    def _readable(self, text: str, where: Where) -> str:
        """Escapes can make what no file, log or message can carry: half characters and the null character."""
        clean = _plain(text)
        if clean != text:
            self._document.add(where, f"'{clean[:40]}' holds a character that cannot be", "remove the escape")
        return clean


def _plain(text: str) -> str:
    return text.encode(errors="replace").decode().replace("\0", "?")


def _whole(text: str) -> int:
    if len(text) > 40:  # nothing we configure is that long; int() of a huge text takes for ever
        raise ValueError("too long")
    plain = text.replace("_", "").lower()
    sign = -1 if plain.startswith("-") else 1
    plain = plain.lstrip("+-")
    for prefix, base in (("0x", 16), ("0o", 8), ("0b", 2)):
        if plain.startswith(prefix):
            return sign * int(plain[2:], base)
    return sign * int(plain)
