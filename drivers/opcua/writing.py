"""One value to one node: which built-in type the node wants, and what the server made of the write."""

from __future__ import annotations

from asyncua import ua

from agent.core.errors import DeviceError, RefusedError
from agent.core.reading import Quality
from drivers.opcua import faults
from drivers.opcua.faults import ServiceFault
from drivers.opcua.session import Session
from drivers.opcua.values import severity

# data types of namespace 0 that are no built-in type but always travel as one (OPC UA Part 5 and Part 3)
_TRAVELS_AS = {
    ua.ObjectIds.Enumeration: "Int32",
    ua.ObjectIds.Duration: "Double",
    ua.ObjectIds.LocaleId: "String",
    ua.ObjectIds.NumericRange: "String",
    ua.ObjectIds.Counter: "UInt32",
    ua.ObjectIds.IntegerId: "UInt32",
}


async def builtin_type(session: Session, node: ua.NodeId, point: str, declared: str | None) -> str:
    """Name of the built-in type the node takes: as its value shows, as its data type says, or as `declared`.

    Raises RefusedError for arrays, DeviceError when nobody knows.
    """
    if (shown := await _shown(session, node, point)) is not None:
        return shown
    values, _ = await session.read([node], ua.AttributeIds.DataType)
    data_type, status, _ = values[0]
    if isinstance(data_type, ua.NodeId) and data_type.NamespaceIndex == 0:
        identifier = int(data_type.Identifier)
        if identifier in _TRAVELS_AS:
            return _TRAVELS_AS[identifier]
        if 1 <= identifier <= 21:  # the built-in types a plain value can be
            return ua.VariantType(identifier).name
    if declared is not None:
        return declared
    known = faults.name_of(status) if status else str(data_type)
    raise DeviceError(
        f"{point}: the server does not say which type it takes ({known}); write `type` at the point"
    )


async def write_value(
    session: Session, node: ua.NodeId, point: str, raw: bool | float | str, kind: str
) -> None:
    """Raises BusError, DeviceError, RefusedError."""
    content = ua.LocalizedText(str(raw)) if kind == "LocalizedText" else raw
    order = ua.WriteValue()
    order.NodeId = node
    order.AttributeId = ua.AttributeIds.Value
    # value alone: many servers refuse a write that also brings a status or time stamps (BadWriteNotSupported)
    order.Value = ua.DataValue(ua.Variant(content, ua.VariantType[kind]), StatusCode=None)
    request = ua.WriteRequest()
    request.Parameters.NodesToWrite = [order]
    try:
        answer = await session.service(request, ua.WriteResponse)
    except ServiceFault as error:
        raise faults.refusal(f"writing {point}", error.code) from error
    if len(answer.Results) != 1:
        raise DeviceError(f"writing {point}: {len(answer.Results)} answers to one write")
    if severity(answer.Results[0].value) is Quality.BAD:
        raise faults.refusal(f"writing {point}", answer.Results[0].value)


async def _shown(session: Session, node: ua.NodeId, point: str) -> str | None:
    """The type of the value the node holds now; None when it holds none or may not be read."""
    request = ua.ReadRequest()
    request.Parameters.TimestampsToReturn = ua.TimestampsToReturn.Neither
    request.Parameters.NodesToRead = [ua.ReadValueId(NodeId=node, AttributeId=ua.AttributeIds.Value)]
    answer = await session.service(request, ua.ReadResponse)
    value = answer.Results[0]
    if value.StatusCode is not None and faults.name_of(value.StatusCode.value) == "BadNodeIdUnknown":
        raise faults.refusal(f"writing {point}", value.StatusCode.value)
    if value.Value is None or value.Value.Value is None:
        return None
    if value.Value.is_array:
        raise RefusedError(f"{point}: the node holds an array; only single values can be written")
    return str(value.Value.VariantType.name)
