"""What an installer may write at an OPC UA bus or device. No client library is needed to read this."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from agent.core.parameter import parameter


class Security(StrEnum):
    """The two ways to talk: in the clear, or signed and encrypted. There is no falling back from one to the other."""

    NONE = "None"
    BASIC256SHA256 = "Basic256Sha256"


class Timestamps(StrEnum):
    """Whose clock dates the readings."""

    SOURCE = "source"  # the server's: source time stamp of the value
    LOCAL = "local"  # ours, at arrival: for servers whose clock is known to be wrong


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class OpcUaBus:
    """One OPC UA server. Seconds of protocol timing are real seconds, `refresh` is site seconds."""

    url: str = parameter(help="address of the server, opc.tcp://host:port/path")
    security: Security = parameter(
        Security.BASIC256SHA256, help="Basic256Sha256 (signed and encrypted) or None (in the clear)"
    )
    trust: str | None = parameter(
        None, help="server certificate (file, PEM or DER) or its SHA-256 fingerprint; several with commas"
    )
    user: str | None = parameter(None, help="user name; without it the session is anonymous")
    password: str | None = parameter(None, help="password of the user")
    certificate: str | None = parameter(None, help="own application certificate (file, PEM or DER)")
    private_key: str | None = parameter(None, help="private key of the own application certificate (file)")
    user_certificate: str | None = parameter(None, help="certificate to log in with instead of a password")
    user_key: str | None = parameter(None, help="private key of the user certificate (file)")
    pki: str = parameter("plantroom-data/pki", help="folder where the own certificate is made on first use")
    publishing: float = parameter(
        0.2, unit="s", low=0.02, high=60.0, help="how often the server sends changes"
    )
    sampling: float = parameter(
        0.2, unit="s", low=0.0, high=60.0, help="how often the server looks for changes"
    )
    refresh: float = parameter(
        10.0,
        unit="s",
        low=1.0,
        high=3600.0,
        help="how often unchanged values are read again as proof of life",
    )
    keep_alive: float = parameter(
        5.0, unit="s", low=0.2, high=60.0, help="longest silence before the connection is tested"
    )
    timeout: float = parameter(4.0, unit="s", low=0.1, high=60.0, help="longest wait for any answer")
    timestamps: Timestamps = parameter(Timestamps.SOURCE, help="whose clock dates readings: source or local")

    def __post_init__(self) -> None:
        # a plain text would compare unequal to the enum and mean "in the clear": make it one or fail
        object.__setattr__(self, "security", Security(self.security))
        object.__setattr__(self, "timestamps", Timestamps(self.timestamps))
        parts = urlsplit(self.url)
        if parts.scheme != "opc.tcp" or not parts.hostname:
            raise ValueError(f"url {self.url!r} is not an OPC UA address; write opc.tcp://host:4840")
        if parts.username or parts.password:
            raise ValueError("url carries a user or password; write them as user and password")
        if (self.certificate is None) != (self.private_key is None):
            raise ValueError("certificate and private_key belong together; write both or neither")
        if (self.user_certificate is None) != (self.user_key is None):
            raise ValueError("user_certificate and user_key belong together; write both or neither")
        if self.user_certificate is not None and self.user is not None:
            raise ValueError("a session logs in with user and password or with user_certificate, not both")
        if self.password is not None and self.user is None:
            raise ValueError("password without user; write the user too")

    def __repr__(self) -> str:
        # settings end up in logs and error messages; the password must not
        return f"OpcUaBus(url={self.url!r}, security={self.security.value!r}, user={self.user!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpcUaDevice:
    """One device behind the server: a folder of nodes, or just a name for some of them."""

    path: str = parameter("", help="browse path from Objects put before the browse paths of this device")
