"""Writes in every built-in type, refusals, browse and method calls, on a real server."""

from __future__ import annotations

import pytest
from asyncua import ua
from asyncua.common.methods import uamethod
from asyncua.ua.ua_binary import struct_to_binary

from agent.core.errors import DeviceError, RefusedError
from agent.core.point import Access, Point, ValueKind
from agent.core.register import Node

pytestmark = pytest.mark.integration

BOTH = Access.READ_WRITE


@pytest.mark.parametrize(
    ("kind", "start", "wish", "held"),
    [
        ("Boolean", False, True, True),
        ("Boolean", True, 0, False),
        ("SByte", 0, -128, -128),
        ("Byte", 0, 255, 255),
        ("Int16", 0, -32768, -32768),
        ("UInt16", 0, 65535, 65535),
        ("Int32", 0, 12.0, 12),
        ("UInt32", 0, 2**32 - 1, 2**32 - 1),
        ("Int64", 0, -(2**62), -(2**62)),
        ("UInt64", 0, 2**63, 2**63),
        ("Float", 0.0, 21.5, 21.5),
        ("Double", 0.0, 21.4, 21.4),
    ],
)
async def test_numbers_go_out_in_the_type_of_the_node(serve, look, kind, start, wish, held):
    peer = await serve()
    node = await peer.add("v", start, kind, writable=True)
    shape = ValueKind.SWITCH if kind == "Boolean" else ValueKind.NUMBER
    scene = look(peer.url, {"v": Node(node=node)}, {"v": Point(id="d.v", access=BOTH, kind=shape)})
    await scene.driver.open()
    await scene.driver.write("d.v", wish)
    found = await peer.get("v")
    assert found == held
    assert type(found) is type(held)
    assert (await scene.read())["v"].value == held


async def test_text_enumerations_and_scales_go_out(serve, look):
    peer = await serve()
    nodes = {
        "text": Node(node=await peer.add("text", "", "String", writable=True)),
        "words": Node(node=await peer.add("words", ua.LocalizedText("x"), "LocalizedText", writable=True)),
        "mode": Node(node=await peer.add("mode", 0, "Int16", writable=True), codes={0: "off", 2: "heat"}),
        "scaled": Node(node=await peer.add("scaled", 0, "Int16", writable=True), scale=0.1, offset=-40.0),
    }
    points = {
        "text": Point(id="d.text", access=BOTH, kind=ValueKind.TEXT),
        "words": Point(id="d.words", access=BOTH, kind=ValueKind.TEXT),
        "mode": Point(id="d.mode", access=BOTH, kind=ValueKind.ENUM),
        "scaled": Point(id="d.scaled", access=BOTH),
    }
    scene = look(peer.url, nodes, points)
    await scene.driver.open()
    for name, value in {"text": "Grüezi", "words": "auto", "mode": "heat", "scaled": 6.5}.items():
        await scene.driver.write(f"d.{name}", value)
    assert await peer.get("text") == "Grüezi"
    assert (await peer.get("words")).Text == "auto"
    assert await peer.get("mode") == 2
    assert await peer.get("scaled") == 465
    assert {name: one.value for name, one in (await scene.read()).items()} == {
        "text": "Grüezi",
        "words": "auto",
        "mode": "heat",
        "scaled": 6.5,
    }


@pytest.mark.parametrize(
    ("kind", "start", "wish"),
    [
        ("Int16", 0, 40000),
        ("Byte", 0, -1),
        ("Float", 0.0, 1e39),
        ("Double", 0.0, float("nan")),
        ("Double", 0.0, "warm"),
        ("Boolean", False, 2),
    ],
)
async def test_what_does_not_fit_is_not_sent(serve, look, kind, start, wish):
    peer = await serve()
    scene = look(peer.url, {"v": Node(node=await peer.add("v", start, kind, writable=True))})
    await scene.driver.open()
    with pytest.raises(ValueError, match=r"d\.v"):
        await scene.driver.write("d.v", wish)
    assert await peer.get("v") == start


async def test_a_write_brings_the_value_alone(serve, look, monkeypatch):
    """Servers that cannot set a status or time stamps refuse a write that brings them (BadWriteNotSupported)."""
    peer = await serve()
    scene = look(peer.url, {"v": Node(node=await peer.add("v", 1.0, writable=True))})
    await scene.driver.open()
    session = scene.driver._session
    plain, seen = session.service, []

    async def listen(request, answer):
        seen.append(request)
        return await plain(request, answer)

    monkeypatch.setattr(session, "service", listen)
    await scene.driver.write("d.v", 2.0)
    value = struct_to_binary(seen[-1].Parameters.NodesToWrite[0].Value)
    assert value[0] == 1  # of the optional parts only the value (OPC UA Part 6, 5.2.2.17)
    assert await peer.get("v") == 2.0


async def test_refusals(serve, look):
    peer = await serve()
    nodes = {
        "fixed": Node(node=await peer.add("fixed", 1.0)),
        "absent": Node(node="ns=2;s=nobody"),
        "array": Node(node=await peer.add("array", [1.0], writable=True)),
        "ours": Node(node=await peer.add("ours", 1.0, writable=True)),
    }
    points = {"ours": Point(id="d.ours", access=Access.READ)}
    scene = look(peer.url, nodes, points)
    await scene.driver.open()
    with pytest.raises(RefusedError, match=r"BadUserAccessDenied|BadNotWritable"):
        await scene.driver.write("d.fixed", 2.0)
    with pytest.raises(RefusedError, match="BadNodeIdUnknown"):
        await scene.driver.write("d.absent", 2.0)
    with pytest.raises(RefusedError, match="array"):
        await scene.driver.write("d.array", 2.0)
    with pytest.raises(RefusedError, match="cannot be written"):
        await scene.driver.write("d.ours", 2.0)  # the server would let us; the point does not
    assert await peer.get("fixed") == 1.0
    assert (await scene.read())["fixed"].value == 1.0  # the session lives on


async def test_the_type_of_an_empty_node_comes_from_its_data_type_or_the_site_file(serve, look):
    peer = await serve()

    def empty(name, data_type):
        attributes = peer.server.iserver.aspace._nodes[peer.node(name)].attributes
        attributes[ua.AttributeIds.Value].value = ua.DataValue(ua.Variant(None, ua.VariantType.Null))
        attributes[ua.AttributeIds.DataType].value = ua.DataValue(ua.NodeId(data_type))

    nodes = {
        "known": Node(node=await peer.add("known", 0.0, "Float", writable=True)),
        "told": Node(node=await peer.add("told", 0, "Int16", writable=True), type="Int16"),
        "unknown": Node(node=await peer.add("unknown", 0, "Int16", writable=True)),
    }
    empty("known", ua.ObjectIds.Float)
    empty("told", ua.ObjectIds.Number)
    empty("unknown", ua.ObjectIds.Number)
    scene = look(peer.url, nodes)
    await scene.driver.open()
    await scene.driver.write("d.known", 2.5)
    await scene.driver.write("d.told", 7)
    assert (await peer.get("known"), await peer.get("told")) == (2.5, 7)
    with pytest.raises(DeviceError, match="write `type` at the point"):
        await scene.driver.write("d.unknown", 7)


async def test_browse_and_its_paths_lead_back(serve, look):
    peer = await serve()
    folder = await peer.folder("Plant")
    await peer.add("temp", 18.5, under="Plant")
    scene = look(peer.url, {"temp": Node(node=f"2:{folder}/2:temp")})
    await scene.driver.open()
    top = {entry.name: entry for entry in await scene.driver.browse()}
    assert top[folder].kind == "object"
    (below,) = await scene.driver.browse(top[folder].path)
    assert (below.name, below.kind, below.path) == ("temp", "variable", f"2:{folder}/2:temp")
    assert (
        (await scene.driver.browse(top[folder].node))[0].node == below.node == peer.node("temp").to_string()
    )
    assert (await scene.read())["temp"].value == 18.5
    with pytest.raises(DeviceError, match=folder):
        await scene.driver.browse(folder[:-1])


async def test_a_device_folder_is_put_before_its_paths(serve, look):
    from drivers.opcua.nodes import AddressSpace

    peer = await serve()
    folder = await peer.folder("Chiller")
    await peer.add("flow", 3.5, under="Chiller")
    scene = look(peer.url, {"flow": Node(node="i=2258")})
    await scene.driver.open()
    space = AddressSpace(scene.driver._session)
    assert await space.find("flow", f"Objects/{folder}") == peer.node("flow")


async def test_methods_are_called_with_typed_arguments(serve, look):
    peer = await serve()
    calls = []

    @uamethod
    def add(parent, first, second):
        calls.append((first, second))
        return first + second

    folder = await peer.folder("Methods")
    inputs = [ua.VariantType.Int16, ua.VariantType.Double]
    parent = peer.server.get_node(peer.node("Methods"))
    await peer.workshop.do(parent.add_method(peer.node("add"), "2:add", add, inputs, [ua.VariantType.Double]))
    scene = look(peer.url, {"time": Node(node="i=2258")})
    await scene.driver.open()
    assert await scene.driver.call(f"{folder}/add", [2, 0.5]) == (2.5,)
    assert await scene.driver.call(peer.node("add").to_string(), [3, 1], owner=folder) == (4.0,)
    assert calls == [(2, 0.5), (3, 1.0)]
    with pytest.raises(ValueError, match="takes 2 arguments"):
        await scene.driver.call(f"{folder}/add", [2])
    with pytest.raises(ValueError, match="Int16"):
        await scene.driver.call(f"{folder}/add", [70000, 1])
    with pytest.raises(DeviceError, match="calling i=2253"):
        await scene.driver.call("i=2253", [], owner="i=85")
