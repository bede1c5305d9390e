"""The API document (OpenAPI 3.1), made from the routes and from the types they answer with."""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any

from agent.web.access import CSRF_HEADER, Access
from agent.web.body import Field
from agent.web.route import Route

Schema = dict[str, Any]

SCALARS: Mapping[Any, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
}
FIELDS: Mapping[str, Schema] = {
    "text": {"type": "string"},
    "secret": {"type": "string", "format": "password"},
    "number": {"type": "number"},
    "switch": {"type": "boolean"},
    "value": {"type": ["number", "boolean", "string"]},
    "values": {"type": "object", "additionalProperties": {"type": ["number", "boolean", "string"]}},
}
ERROR: Schema = {
    "type": "object",
    "properties": {
        "error": {"type": "string", "description": "one sentence for a person"},
        "nearest": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["error"],
}


def describe(routes: Iterable[Route], version: str) -> Schema:
    """The whole document as plain values."""
    schemas: dict[str, Schema] = {"Error": ERROR}
    paths: dict[str, Schema] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Plantroom",
            "version": version,
            "description": f"Changes need a login (cookie) and the session's {CSRF_HEADER} header, "
            "or come over the UNIX socket.",
        },
        "paths": paths,
        "components": {"schemas": schemas},
    }


def schema_of(kind: Any, schemas: dict[str, Schema]) -> Schema:
    """JSON schema of a type; dataclasses go into `schemas` once and are referred to."""
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _reference(kind, schemas)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"enum": [member.value for member in kind]}
    if kind in SCALARS:
        return {"type": SCALARS[kind]}
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [schema_of(one, schemas) for one in arguments]}
    if origin is tuple and Ellipsis not in arguments:
        return {"type": "array", "prefixItems": [schema_of(one, schemas) for one in arguments]}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object"}
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return {"type": "array", "items": schema_of(arguments[0], schemas)}
    return {}


def _reference(kind: type, schemas: dict[str, Schema]) -> Schema:
    name = kind.__name__
    if name not in schemas:
        schemas[name] = {}
        hints = typing.get_type_hints(kind)
        fields = dataclasses.fields(kind)
        schemas[name] = {
            "type": "object",
            "description": (kind.__doc__ or "").partition("\n")[0],
            "properties": {one.name: schema_of(hints[one.name], schemas) for one in fields},
        }
    return {"$ref": f"#/components/schemas/{name}"}


def _operation(route: Route, schemas: dict[str, Schema]) -> Schema:
    names = re.findall(r"{(\w+)}", route.path)
    parameters: list[Schema] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
    ]
    parameters += [
        {"name": field.name, "in": "query", "required": field.required, "schema": _field(field)}
        for field in route.query
    ]
    if route.access is Access.CHANGE:
        parameters.append({"name": CSRF_HEADER, "in": "header", "schema": {"type": "string"}})
    content = {} if route.answers is None else {"schema": schema_of(route.answers, schemas)}
    operation: Schema = {
        "summary": route.summary,
        "parameters": parameters,
        "responses": {
            "200": {"description": "done", "content": {"application/json": content}},
            "default": {
                "description": "refused, with a sentence",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
            },
        },
    }
    if route.body:
        properties = {field.name: _field(field) for field in route.body}
        required = [field.name for field in route.body if field.required]
        body = {"type": "object", "properties": properties, "required": required}
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation


def _field(field: Field) -> Schema:
    schema = dict(FIELDS[field.kind])
    bounds = {"minimum": field.low, "maximum": field.high, "default": field.default}
    schema |= {key: value for key, value in bounds.items() if value is not None}
    if field.help:
        schema["description"] = field.help
    if field.choices:
        schema["enum"] = list(field.choices)
    return schema
