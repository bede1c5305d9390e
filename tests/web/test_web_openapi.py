from __future__ import annotations

import orjson

from agent.web.access import Access
from agent.web.api import CHANGING, LOOKING
from agent.web.openapi import describe

DOCUMENT = describe((*LOOKING, *CHANGING), "1.2.3")


def test_every_route_is_described_with_its_fields() -> None:
    for route in (*LOOKING, *CHANGING):
        operation = DOCUMENT["paths"][route.path][route.method.lower()]
        assert operation["summary"]
        if route.body:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            assert list(schema["properties"]) == [field.name for field in route.body]
    override = DOCUMENT["paths"]["/api/points/{id}/override"]["post"]
    schema = override["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["value", "seconds", "reason"]
    assert schema["properties"]["seconds"]["maximum"] == 7 * 86_400


def test_all_references_lead_somewhere() -> None:
    text = orjson.dumps(DOCUMENT).decode()
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= set(DOCUMENT["components"]["schemas"])
    assert {"PointView", "WhyView", "ClaimView", "Error", "Override", "Command"} <= names
    point = DOCUMENT["components"]["schemas"]["PointView"]["properties"]
    assert point["id"] == {"type": "string"}
    assert point["age"] == {"anyOf": [{"type": "number"}, {"type": "null"}]}


def test_whatever_changes_something_is_no_get_and_needs_a_reason_or_an_id() -> None:
    for route in CHANGING:
        assert route.access is Access.CHANGE
        assert route.method != "GET"
    assert all(route.method == "GET" and route.access is Access.LOOK for route in LOOKING)
