"""Mutation operators on site files: the text spoilt, what it says spoilt, one name misspelt."""

from __future__ import annotations

import random
from copy import deepcopy
from typing import Any

_SCRAPS = [
    "{", "}", "[", "]", ":", "- ", "\t", "&a ", "*a", "!!python/object:os.system ", "!x ", "%YAML 1.1\n", "---\n", "...",
    "'", '"', "|\n", ">", "#", "\x00", "\ufeff", "\u2028", "<<: ", "? ", "0x", "1e999", ".nan", "-.inf", "9" * 50,
    "null", "true", "\n  ", "é", "\U0001f600", "&a [*a]", "{a: {a: {a: 1}}}", "degC", " kg", '"\\uD800"', '"\\UFFFFFFFF"', '"\\0"', "12:30", "0o9", "1_000",
]  # fmt: skip
_VALUES: list[Any] = [
    "\x00", None, True, False, 0, -1, 1, 10**30, -(10**30), 1.5, 1e300, float("nan"), float("inf"), "", " ", "x", "10 kg", "5 s",
    "a.b", "ch1.enable", "virtual.x", ".", "..", "a.", ".b", "é", "x" * 5000, [], {}, [1], ["x"], {"a": 1}, {1: 2},
    {"secret": "bms"}, {"secret": "../bms"}, {"secret": "/etc/passwd"}, {"file": "box.pem"}, {"file": "\x00"}, {"file": 3},
    {"secret": []}, [[[]]], {"value": 1, "mode": 2}, "chiller", "plant", "60 %", "0 K", "ns=2;s=x", 65536, "1" * 300,
]  # fmt: skip


def mutate_text(text: str, chance: random.Random) -> bytes:
    data = bytearray(text.encode())
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data))
        what = chance.randrange(6)
        if what == 0:
            data[at] = chance.randrange(256)
        elif what == 1:
            del data[at : at + chance.randint(1, 60)]
        elif what == 2:
            data[at:at] = chance.choice(_SCRAPS).encode()
        elif what == 3:
            start = chance.randrange(len(data))
            data[at:at] = data[start : start + chance.randint(1, 200)]
        elif what == 4:
            del data[at:]
            data += b"\n"
        else:
            lines = bytes(data).split(b"\n")
            chance.shuffle(lines)
            data = bytearray(b"\n".join(lines))
    return bytes(data)


def _places(data: Any, where: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [where, *(place for key, value in items for place in _places(value, (*where, key)))]


def mutate_tree(data: Any, chance: random.Random) -> Any:
    for _ in range(chance.randint(1, 3)):
        *way, last = chance.choice([place for place in _places(data) if place] or [("version",)])
        owner = _at(data, tuple(way))
        what = chance.randrange(4)
        if what == 0:
            owner[last] = deepcopy(chance.choice(_VALUES))
        elif what == 1:
            del owner[last]
        elif what == 2 and isinstance(owner, dict):
            owner[chance.choice(["kind", "x", "unit", "role", 7, "", "device", "name "])] = owner.pop(last)
        elif isinstance(owner, dict):
            owner[chance.choice(list(owner))] = deepcopy(owner[last])
    return data


REFERENCES = ("kind", "profile", "bus", "area", "device", "unit", "role", "parity", "security")
"""Keys whose values are names that the agent knows, so that it can say which one was meant."""


def misspell(data: Any, chance: random.Random) -> tuple[Any, str]:
    """One name with two letters swapped, one left out or one doubled: the data, and the name that was meant."""
    names = [place for place in _places(data) if place and _is_name(data, place)]
    kinds = [
        one.get("kind") for one in data["equipment"].values()
    ]  # free words; used again they say what is meant
    names = [
        place
        for place in names
        if place[0] != "equipment" or place[-1] != "kind" or kinds.count(_at(data, place)) > 2
    ]
    *way, last = chance.choice(names)
    owner = _at(data, tuple(way))
    meant = str(owner[last])
    owner[last] = wrong = _typo(meant, chance)
    assert wrong != meant
    return data, meant


def _at(data: Any, place: tuple[Any, ...]) -> Any:
    for step in place:
        data = data[step]
    return data


def _is_name(data: Any, place: tuple[Any, ...]) -> bool:
    value = _at(data, place)
    return place[-1] in REFERENCES and isinstance(value, str) and len(value) > 3


def _typo(name: str, chance: random.Random) -> str:
    while True:
        at = chance.randrange(len(name) - 1)
        wrong = chance.choice(
            (
                name[:at] + name[at + 1] + name[at] + name[at + 2 :],
                name[:at] + name[at + 1 :],
                name[:at] + name[at] + name[at:],
            )
        )
        if wrong != name:
            return wrong
