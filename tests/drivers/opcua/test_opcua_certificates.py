"""Certificates: made once, kept safe, trusted only where somebody vouched, judged by date."""

from __future__ import annotations

import datetime as dt
import stat
import threading
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from agent.core.errors import BusError
from drivers.opcua import certificates
from drivers.opcua.certificates import check_dates, check_trust, days_left, fingerprint, own_identity

NOW = time.time()


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def certificate(key):
    return certificates.make_certificate(key, "urn:box:test", days=100)


def test_the_application_certificate_has_what_servers_check(certificate):
    def extension(kind):
        return certificate.extensions.get_extension_for_class(kind).value

    assert extension(x509.SubjectAlternativeName).get_values_for_type(x509.UniformResourceIdentifier) == [
        "urn:box:test"
    ]
    usage = extension(x509.KeyUsage)
    assert usage.digital_signature
    assert usage.content_commitment
    assert usage.key_encipherment
    assert usage.data_encipherment
    assert not extension(x509.BasicConstraints).ca
    assert isinstance(certificate.signature_hash_algorithm, hashes.SHA256)
    assert days_left(certificate, NOW) == pytest.approx(99, abs=0.1)


def test_own_identity_is_made_once_by_whoever_comes_first(tmp_path):
    found = []

    def make():
        found.append(own_identity(str(tmp_path / "pki")))

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({fingerprint(one.certificate) for one in found}) == 1
    assert [path.name for path in (tmp_path / "pki").iterdir()] == ["own"]
    assert stat.S_IMODE((tmp_path / "pki" / "own" / "key.pem").stat().st_mode) == 0o600
    assert found[0].uri.endswith(":plantroom")


def test_another_process_may_win_the_race(tmp_path, monkeypatch):
    winner = own_identity(str(tmp_path / "pki"))
    certificates._make(tmp_path / "pki" / "own")  # we had not seen it and made our own
    assert fingerprint(own_identity(str(tmp_path / "pki")).certificate) == fingerprint(winner.certificate)
    assert [path.name for path in (tmp_path / "pki").iterdir()] == ["own"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "pki").write_text("a file, not a folder")
    with pytest.raises(BusError, match="own certificate cannot be made"):
        own_identity(str(tmp_path / "pki"))


def test_trust_takes_fingerprints_in_any_writing_and_files(certificate, tmp_path):
    plain = fingerprint(certificate)
    pem, der = tmp_path / "c.pem", tmp_path / "c.der"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    der.write_bytes(certificate.public_bytes(serialization.Encoding.DER))
    for trust in (
        plain,
        plain.lower(),
        plain.replace(":", ""),
        f"sha256:{plain}",
        f"{'0' * 64}, {plain}",
        str(pem),
        str(der),
    ):
        check_trust(certificate, trust, NOW)


def test_everything_else_is_refused(certificate, key, tmp_path):
    twin = certificates.make_certificate(
        key, "urn:box:test", days=100
    )  # same key and names, not the same certificate
    (tmp_path / "twin.der").write_bytes(twin.public_bytes(serialization.Encoding.DER))
    short = fingerprint(certificate)[:-3]
    for trust in (None, "", " , ", fingerprint(twin), "0" * 64, str(tmp_path / "twin.der")):
        with pytest.raises(BusError, match="trusted") as refused:
            check_trust(certificate, trust, NOW)
        assert fingerprint(certificate) in str(refused.value)
    with pytest.raises(BusError, match="cannot be read"):
        check_trust(certificate, short, NOW)  # neither a fingerprint nor a file


def test_a_certificate_authority_vouches_for_what_it_signed(key, tmp_path):
    authority_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Site CA")])
    start = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)

    def build(subject, public, *, ca):
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + dt.timedelta(days=50))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .sign(authority_key, hashes.SHA256())
        )

    server = build(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bms")]), key.public_key(), ca=False)
    for ca in (True, False):
        file = tmp_path / f"{ca}.pem"
        file.write_bytes(
            build(name, authority_key.public_key(), ca=ca).public_bytes(serialization.Encoding.PEM)
        )
    check_trust(server, str(tmp_path / "True.pem"), NOW)
    with pytest.raises(BusError, match="not the one trusted"):
        check_trust(server, str(tmp_path / "False.pem"), NOW)


def test_dates(key):
    start = dt.datetime.now(dt.UTC)
    certificate = certificates.make_certificate(key, "urn:x", days=10, start=start)
    check_dates(certificate, NOW + 5 * 86400, "it")
    with pytest.raises(BusError, match="it ran out on"):
        check_dates(certificate, NOW + 11 * 86400, "it")
    with pytest.raises(BusError, match="valid only from"):
        check_dates(certificate, NOW - 3600, "it")
    trusted = fingerprint(certificate)
    with pytest.raises(BusError, match="ran out"):
        check_trust(certificate, trusted, NOW + 11 * 86400)
    check_trust(certificate, trusted, None)


def test_keys_that_do_not_fit_are_named(certificate, tmp_path):
    def write(name, key):
        (tmp_path / name).write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return str(tmp_path / name)

    file = tmp_path / "c.der"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.DER))
    other = write("other.pem", rsa.generate_private_key(public_exponent=65537, key_size=2048))
    with pytest.raises(BusError, match="does not belong"):
        certificates.load_identity(str(file), other)
    with pytest.raises(BusError, match="not an RSA key"):
        certificates.load_identity(str(file), write("curve.pem", ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(BusError, match="cannot be read"):
        certificates.load_identity(str(file), str(file))
    with pytest.raises(BusError, match="cannot be read"):
        certificates.load_identity(other, other)
