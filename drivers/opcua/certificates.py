"""Certificates: our own (made on first use), the server's (trusted by fingerprint or file), how long they last.

Trust is always explicit. A server that shows a certificate nobody vouched for is refused with the fingerprint and
the line to write; nothing is ever trusted on first sight.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import socket
import threading
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from agent.core.errors import BusError

LIFETIME_DAYS = (
    3650  # a box in a plant room outlives the usual year; renewal is a visit to the server's trust list
)
WARN_DAYS = 60.0
KEY_SIZE = 2048  # Basic256Sha256 allows 2048 to 4096 (OPC UA Part 7)

_making = threading.Lock()
_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=True,
    key_encipherment=True,
    data_encipherment=True,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with its private key. `uri` is the application URI inside, which the session must repeat."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    uri: str
    file: str


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 over the DER form, as pairs with colons."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def thumbprint(certificate: x509.Certificate) -> str:
    """SHA-1 over the DER form: the name under which OPC UA servers list a certificate."""
    return certificate.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303 - a name, not a proof


def days_left(certificate: x509.Certificate, now: float) -> float:
    """Days until the certificate runs out; negative when it has. `now` in UTC seconds."""
    return (certificate.not_valid_after_utc.timestamp() - now) / 86400.0


def load_certificates(file: str) -> list[x509.Certificate]:
    """All certificates of a PEM file, or the one of a DER file. Raises BusError."""
    try:
        content = Path(file).read_bytes()
        if b"-----BEGIN CERTIFICATE-----" in content:
            return x509.load_pem_x509_certificates(content)
        return [x509.load_der_x509_certificate(content)]
    except (OSError, ValueError) as error:
        raise BusError(f"certificate {file} cannot be read: {error}") from error


def load_identity(certificate: str, key: str) -> Identity:
    """A certificate and its key from files. Raises BusError, also when they do not belong together."""
    first = load_certificates(certificate)[0]
    try:
        content = Path(key).read_bytes()
        pem = content.lstrip().startswith(b"-----BEGIN")
        load = serialization.load_pem_private_key if pem else serialization.load_der_private_key
        private = load(content, None)
    except (OSError, ValueError, TypeError) as error:
        raise BusError(f"private key {key} cannot be read: {error}") from error
    if not isinstance(private, rsa.RSAPrivateKey):
        raise BusError(f"private key {key} is not an RSA key; Basic256Sha256 needs RSA")
    if private.public_key().public_numbers() != _public_numbers(first):
        raise BusError(f"private key {key} does not belong to certificate {certificate}")
    return Identity(first, private, _application_uri(first), certificate)


def own_identity(folder: str) -> Identity:
    """The application certificate of this box, made on first use. Safe against a second process doing the same."""
    home = Path(folder) / "own"
    certificate, key = home / "certificate.der", home / "key.pem"
    with _making:
        if not certificate.exists():
            _make(home)
        return load_identity(str(certificate), str(key))


def check_trust(certificate: x509.Certificate, trust: str | None, now: float | None) -> None:
    """Raises BusError unless `trust` vouches for the certificate and it is in force.

    `now` None: the clock is not to be believed, so the dates are not judged.
    """
    entries = [entry.strip() for entry in (trust or "").split(",") if entry.strip()]
    if not any(_vouches(entry, certificate) for entry in entries):
        known = "is not the one trusted here" if entries else "is not trusted yet"
        raise BusError(
            f"the server's certificate {known}: subject {certificate.subject.rfc4514_string()}, valid until "
            f"{certificate.not_valid_after_utc:%Y-%m-%d}, SHA-256 {fingerprint(certificate)}. Compare this fingerprint "
            f"with the one the server itself shows, then write at this bus in the site file: "
            f'trust: "{fingerprint(certificate)}"'
        )
    if now is not None:
        check_dates(certificate, now, "the server's certificate")


def check_dates(certificate: x509.Certificate, now: float, whose: str) -> None:
    """Raises BusError when the certificate is not in force. `now` in UTC seconds."""
    if days_left(certificate, now) < 0:
        raise BusError(f"{whose} ran out on {certificate.not_valid_after_utc:%Y-%m-%d}; renew it")
    if now < certificate.not_valid_before_utc.timestamp():
        raise BusError(
            f"{whose} is valid only from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC; "
            "check the clocks of server and box"
        )


def make_certificate(
    key: rsa.RSAPrivateKey, uri: str, *, days: float = LIFETIME_DAYS, start: dt.datetime | None = None
) -> x509.Certificate:
    """A self-signed application instance certificate (fields after OPC UA Part 6, 6.2.2)."""
    host = socket.gethostname()
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, f"Plantroom@{host}"[:64]),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Plantroom"),
        ]
    )
    # a day back: the server's clock may be behind ours
    begin = start or dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(uri), x509.DNSName(host)]
    both = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_USAGE, critical=True)
        .add_extension(x509.ExtendedKeyUsage(both), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )


def _make(home: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_SIZE)
    certificate = make_certificate(key, f"urn:{socket.gethostname()}:plantroom")
    draft = home.with_name(f"{home.name}.{secrets.token_hex(4)}")
    try:
        draft.mkdir(mode=0o700, parents=True)
        (draft / "certificate.der").write_bytes(certificate.public_bytes(serialization.Encoding.DER))
        descriptor = os.open(draft / "key.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(
                key.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            )
        # both files appear at once or not at all; a process that was faster wins and ours is thrown away
        draft.rename(home)
    except OSError as error:
        for file_left in draft.glob("*"):
            file_left.unlink()
        if draft.exists():
            draft.rmdir()
        if not (home / "certificate.der").exists():
            raise BusError(f"own certificate cannot be made in {home}: {error}") from error


def _public_numbers(certificate: x509.Certificate) -> rsa.RSAPublicNumbers | None:
    public = certificate.public_key()
    return public.public_numbers() if isinstance(public, rsa.RSAPublicKey) else None


def _application_uri(certificate: x509.Certificate) -> str:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ""
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    return uris[0] if uris else ""


def _vouches(entry: str, certificate: x509.Certificate) -> bool:
    digits = entry.lower().removeprefix("sha256:").replace(":", "").replace(" ", "")
    if len(digits) == 64 and all(digit in "0123456789abcdef" for digit in digits):
        return secrets.compare_digest(digits, certificate.fingerprint(hashes.SHA256()).hex())
    return any(known == certificate or _issued(known, certificate) for known in load_certificates(entry))


def _issued(authority: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
        if not constraints.ca:
            return False
        certificate.verify_directly_issued_by(authority)
    except (x509.ExtensionNotFound, ValueError, TypeError, InvalidSignature):
        return False
    return True
