"""Calling a method of the server: a reset, an acknowledgement, a mode change that is no variable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from asyncua import ua

from agent.core.errors import DeviceError
from agent.core.point import Point, Value, ValueKind
from agent.core.reading import Quality
from agent.core.register import Node
from drivers.opcua import faults
from drivers.opcua.faults import ServiceFault
from drivers.opcua.nodes import AddressSpace
from drivers.opcua.session import Session
from drivers.opcua.values import encode, severity


async def call_method(
    session: Session, space: AddressSpace, method: str, arguments: Sequence[Value], owner: str | None
) -> tuple[Value | None, ...]:
    """The output arguments; those that are no plain value come as text. Raises BusError, DeviceError, ValueError."""
    node = await space.find(method)
    request = ua.CallMethodRequest()
    request.MethodId = node
    request.ObjectId = await (space.parent(node) if owner is None else space.find(owner))
    request.InputArguments = await _inputs(session, space, node, method, arguments)
    call = ua.CallRequest()
    call.Parameters.MethodsToCall = [request]
    try:
        answer = await session.service(call, ua.CallResponse)
    except ServiceFault as error:
        raise faults.refusal(f"calling {method}", error.code) from error
    if len(answer.Results) != 1:
        raise DeviceError(f"calling {method}: {len(answer.Results)} answers to one call")
    result = answer.Results[0]
    if severity(result.StatusCode.value) is Quality.BAD:
        raise faults.refusal(f"calling {method}", result.StatusCode.value)
    return tuple(_plain(output.Value) for output in result.OutputArguments or ())


async def _inputs(
    session: Session, space: AddressSpace, node: ua.NodeId, method: str, arguments: Sequence[Value]
) -> list[ua.Variant]:
    declared = await _declared(session, space, node)
    if len(declared) != len(arguments):
        names = ", ".join(argument.Name or "?" for argument in declared)
        raise ValueError(f"{method} takes {len(declared)} arguments ({names}), not {len(arguments)}")
    return [_variant(argument, value) for argument, value in zip(declared, arguments, strict=True)]


async def _declared(session: Session, space: AddressSpace, node: ua.NodeId) -> list[ua.Argument]:
    for child in await space.children(node):
        if child.BrowseName.Name == "InputArguments":
            target = child.NodeId
            values, _ = await session.read(
                [ua.NodeId(target.Identifier, target.NamespaceIndex, target.NodeIdType)]
            )
            # by its shape: the library has more than one class of this name
            return [argument for argument in values[0][0] or () if hasattr(argument, "DataType")]
    return []


def _variant(argument: ua.Argument, value: Value) -> ua.Variant:
    data_type = argument.DataType
    if data_type.NamespaceIndex != 0 or not 1 <= int(data_type.Identifier) <= 21:
        raise ValueError(f"argument {argument.Name} is of a type that no plain value fits")
    kind = ua.VariantType(int(data_type.Identifier))
    shape = ValueKind.TEXT if isinstance(value, str) else ValueKind.NUMBER
    raw = encode(Point(id=f"argument {argument.Name}", kind=shape), Node(node=""), value, kind.name)
    return ua.Variant(ua.LocalizedText(str(raw)) if kind is ua.VariantType.LocalizedText else raw, kind)


def _plain(value: Any) -> Value | None:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(getattr(value, "Text", value))
