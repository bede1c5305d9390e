"""A small certificate authority for tests: one server and one client on the loopback address."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class Certificates:
    """Paths of the files; server and client files hold certificate and key."""

    ca: str
    server: str
    client: str
    stranger: str  # signed by nobody the server knows

    def server_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=self.ca)
        context.load_cert_chain(self.server)
        context.verify_mode = ssl.CERT_REQUIRED
        return context


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _sign(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    ca: bool,
) -> x509.Certificate:
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - dt.timedelta(days=1))
        .not_valid_after(NOW + dt.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )


def make_certificates(folder: Path) -> Certificates:
    def write(name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey | None) -> str:
        text = certificate.public_bytes(serialization.Encoding.PEM)
        if key is not None:
            text += key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        (folder / name).write_bytes(text)
        return str(folder / name)

    ca_key, stranger_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("server", "client")}
    return Certificates(
        ca=write("ca.pem", _sign("ca", ca_key, "ca", ca_key, ca=True), None),
        server=write("server.pem", _sign("server", keys["server"], "ca", ca_key, ca=False), keys["server"]),
        client=write("client.pem", _sign("client", keys["client"], "ca", ca_key, ca=False), keys["client"]),
        stranger=write("stranger.pem", _sign("x", stranger_key, "x", stranger_key, ca=True), stranger_key),
    )
