"""What a StatusCode means for us: the line is gone, the device refuses, or it refuses for good."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from asyncua import ua

from agent.core.errors import BusError, DeviceError, RefusedError

_SESSION_GONE = frozenset(
    {
        "BadSessionIdInvalid",
        "BadSessionClosed",
        "BadSessionNotActivated",
        "BadSecureChannelIdInvalid",
        "BadSecureChannelClosed",
        "BadSecureChannelTokenUnknown",
        "BadSecurityChecksFailed",
        "BadConnectionClosed",
        "BadConnectionRejected",
        "BadCommunicationError",
        "BadNotConnected",
        "BadDisconnect",
        "BadServerNotConnected",
        "BadServerHalted",
        "BadShutdown",
        "BadTimeout",
        "BadRequestTimeout",
        "BadTcpInternalError",
        "BadTcpMessageTypeInvalid",
        "BadTcpSecureChannelUnknown",
        "BadSequenceNumberInvalid",
        "BadDecodingError",
    }
)
_FOR_GOOD = frozenset(
    {
        "BadNotWritable",
        "BadNotReadable",
        "BadWriteNotSupported",
        "BadUserAccessDenied",
        "BadNodeIdUnknown",
        "BadNodeIdInvalid",
        "BadAttributeIdInvalid",
        "BadNotSupported",
        "BadNotImplemented",
        "BadServiceUnsupported",
        "BadMethodInvalid",
        "BadNotExecutable",
    }
)
TOO_MUCH = frozenset(
    {"BadTooManyOperations", "BadEncodingLimitsExceeded", "BadRequestTooLarge", "BadResponseTooLarge"}
)
"""The request was larger than the server takes: ask for less at once."""

_DEVICE_DOWN = frozenset(
    {"BadNoCommunication", "BadCommunicationError", "BadNotConnected", "BadDeviceFailure", "BadTimeout"}
)
_LOGIN = frozenset(
    {"BadUserAccessDenied", "BadIdentityTokenRejected", "BadIdentityTokenInvalid", "BadUserSignatureInvalid"}
)
_TRUST = frozenset(
    {
        "BadSecurityChecksFailed",
        "BadCertificateUntrusted",
        "BadCertificateInvalid",
        "BadCertificateUriInvalid",
        "BadCertificateTimeInvalid",
        "BadCertificateUseNotAllowed",
        "BadSecureChannelClosed",
        "BadConnectionClosed",
    }
)


class ServiceFault(DeviceError):  # noqa: N818 - the field's word for it (OPC UA Part 4)
    """The server answered a whole request with a refusal. The session lives on."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the server refuses the request: {name_of(code)}")
        self.code = code

    @property
    def name(self) -> str:
        return name_of(self.code)


@lru_cache(maxsize=256)
def name_of(status: int) -> str:
    """The field's name of a status code, without its information bits."""
    return str(ua.StatusCode(ua.UInt32(status & 0xFFFF0000)).name)


def breaks_session(status: int) -> bool:
    """Whether nothing more can be asked in this session."""
    return name_of(status) in _SESSION_GONE


def device_is_down(statuses: Iterable[int]) -> str | None:
    """The server answers, the device behind it does not: the status they all carry says so."""
    names = {name_of(status) for status in statuses}
    return ", ".join(sorted(names)) if names and names <= _DEVICE_DOWN else None


def refusal(what: str, status: int) -> DeviceError:
    """The error for a bad status of one operation (a write, a call, a read of one node)."""
    name = name_of(status)
    kind = RefusedError if name in _FOR_GOOD else DeviceError
    return kind(f"{what}: {name}")


def connect_fault(url: str, error: Exception, own_certificate: str | None) -> BusError:
    """Why a session did not come about, with the mend where one is known."""
    if isinstance(error, TimeoutError):
        return BusError(f"{url} does not answer")
    name = name_of(error.code) if isinstance(error, ua.UaStatusCodeError) else ""
    text = name or str(error) or type(error).__name__
    if name in _LOGIN:
        return BusError(f"{url} refuses the login ({text}); check user and password or user_certificate")
    if own_certificate and (name in _TRUST or (not name and isinstance(error, ConnectionError))):
        return BusError(f"{url} broke off the secured connection ({text}); does it trust {own_certificate}?")
    return BusError(f"{url}: {text}")
