"""The JSON schemas of the files of the bench, for editors: completion, help and red lines while a story is written.

`python -m hil.scenario.schema` writes hil/scenarios/schema.json and hil/scenarios/faces.schema.json. They know the words,
not the site: whether a point or a machine is there, `plantroom hil run` says, with line and column.
"""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any

from hil.faces_file import SECTIONS as FACES
from hil.scenario.words import (
    ADDRESS,
    BOUNDS,
    COMFORT,
    COUNTING,
    EXPECTATION,
    FIGURES,
    KINDS,
    MACHINE_FIGURES,
    SECTIONS,
    STEP,
    STORM,
    VERBS,
)
from hil.sensors import Sensor
from hil.servers.quirks import Quirks

Schema = dict[str, Any]
DRAFT = "http://json-schema.org/draft-07/schema#"
SCALAR: Schema = {"type": ["string", "number"]}
VALUE: Schema = {"type": ["string", "number", "boolean", "null"]}
TEXT: Schema = {"type": "string"}
SWITCH: Schema = {"type": "boolean"}
TEXTS: Schema = {"type": "array", "items": TEXT}
PAIR: Schema = {"type": "array", "minItems": 2, "maxItems": 2}
FACES_HELP = {
    "wiring": "point of a device: variable of the plant, variable * factor, or a constant",
    "watchdogs": "device: silence after which it is in local control again",
    "quirks": "device: what it does besides what its profile says",
    "sensors": "point, role or unit: its errors; null: the truth",
}


def scenario_schema() -> Schema:
    """Of a scenario file."""
    own: dict[str, Schema] = {
        "version": {"const": 1},
        "areas": {"anyOf": [TEXT, TEXTS]},
        "length": SCALAR,
        "warm_up": SCALAR,
        "seed": {"type": "integer"},
        "pace": SCALAR,
        "speed": {"type": "number", "exclusiveMinimum": 0},
        "sensors": {"anyOf": [SWITCH, _sensors()]},
        "steps": {"type": "array", "items": _step()},
        "storm": _section(STORM, dict.fromkeys(STORM, SCALAR)),
        "expect": {"type": "array", "items": _expectation()},
        "abort_if": TEXTS,
        "kpis": _kpis(),
        "counting": _counting(),
        "record": TEXTS,
        "plots": {"type": "array", "items": {"anyOf": [TEXT, TEXTS]}},
        "rig": _rig(),
    }
    return {"$schema": DRAFT, "title": "Plantroom scenario", **_section(SECTIONS, own, ("version",))}


def faces_schema() -> Schema:
    """Of a faces file."""
    own = {
        "wiring": _map({"type": ["string", "number", "boolean"]}),
        "watchdogs": _map(SCALAR),
        "quirks": _map(_quirks()),
        "sensors": _sensors(),
    }
    words = {name: FACES_HELP[name] for name in FACES}
    return {"$schema": DRAFT, "title": "Plantroom faces of a bench", **_section(words, own)}


def text_of(schema: Schema) -> str:
    return json.dumps(schema, indent=1) + "\n"


def _section(help_of: Mapping[str, str], own: Mapping[str, Schema], required: tuple[str, ...] = ()) -> Schema:
    """A section of exactly these words; what `own` does not say is a text."""
    properties = {name: {"description": text, **own.get(name, TEXT)} for name, text in help_of.items()}
    made: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return made | ({"required": list(required)} if required else {})


def _map(of: Schema) -> Schema:
    return {"type": "object", "additionalProperties": of}


def _step() -> Schema:
    """One deed each: with what goes with it, and nothing else."""
    own = {"at": SCALAR, "amount": SCALAR, "for": SCALAR, "value": VALUE}
    kinds = []
    for verb, (text, words) in VERBS.items():
        names = {"at": STEP["at"], verb: text, "name": STEP["name"], **{word: STEP[word] for word in words}}
        kinds.append(_section(names, own, ("at", verb)))
    return {"oneOf": kinds}


def _expectation() -> Schema:
    own = dict.fromkeys(("within", "after", "holds", "from", "until", "tolerated", "tolerance"), SCALAR)
    kinds = []
    for kind, (text, words) in KINDS.items():
        names = {"name": EXPECTATION["name"], kind: text, **{word: EXPECTATION[word] for word in words}}
        required = (kind, "that") if "that" in words else (kind,)
        kinds.append(_section({**names, "tolerance": EXPECTATION["tolerance"]}, own, required))
    return {"oneOf": kinds}


def _kpis() -> Schema:
    end: Schema = {"type": ["number", "null"]}
    band = {"anyOf": [{"type": "number"}, {**PAIR, "items": end}]}
    several = "|".join((*MACHINE_FIGURES, "writes"))
    return {
        "type": "object",
        "properties": {name: {"description": unit, **band} for name, unit in FIGURES.items()},
        "patternProperties": {rf"^({several})\.": band},
        "additionalProperties": False,
    }


def _counting() -> Schema:
    comfort = {"band": {**PAIR, "items": SCALAR}, "zones": TEXTS, "working_days": SWITCH}
    own = {
        "machines": TEXTS,
        "cooling": TEXTS,
        "comfort": _section(COMFORT, comfort),
        "lux": SCALAR,
        "carbon": {"type": "number"},
    }
    return _section(COUNTING, own)


def _rig() -> Schema:
    bus = _section(ADDRESS, dict.fromkeys(ADDRESS, SCALAR))
    envelope = _section(BOUNDS, dict.fromkeys(BOUNDS, SCALAR), ("low", "high"))
    words = {
        "buses": "buses of the site, and where their hardware is",
        "envelope": "points that may be written, and between what",
    }
    return _section(words, {"buses": _map(bus), "envelope": _map(envelope)})


def _sensors() -> Schema:
    fields = {one.name: {"type": ["number", "null"]} for one in dataclasses.fields(Sensor)}
    one = {"type": ["object", "null"], "properties": fields, "additionalProperties": False}
    return _map(one)


def _quirks() -> Schema:
    hints = typing.get_type_hints(Quirks)
    fields = {one.name: _quirk(hints[one.name]) for one in dataclasses.fields(Quirks)}
    return {"type": "object", "properties": fields, "additionalProperties": False}


def _quirk(hint: Any) -> Schema:
    """A field of Quirks, as it is written."""
    kinds = [one for one in typing.get_args(hint) if one is not type(None)] or [hint]
    kind = kinds[0]
    if typing.get_origin(hint) is tuple:
        return {"type": "array", "items": {"type": ["number", "array"]}}  # pairs may be nested
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"enum": [one.value for one in kind]}
    if kind is bool:
        return SWITCH
    return TEXT if kind is str else SCALAR if kind is float else {"type": "integer"}


def main() -> None:
    folder = Path(str(files("hil"))) / "scenarios"
    (folder / "schema.json").write_text(text_of(scenario_schema()), encoding="utf-8")
    (folder / "faces.schema.json").write_text(text_of(faces_schema()), encoding="utf-8")


if __name__ == "__main__":
    main()
