"""Certificates for tests: one server and one client on the loopback address, and a stranger."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from hil.certificates import Authority, Pair


@dataclass(frozen=True)
class Certificates:
    """Paths of the files; server, client and stranger files hold certificate and key."""

    ca: str
    server: str
    client: str
    stranger: str  # signed by nobody the server knows

    def server_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=self.ca)
        context.load_cert_chain(self.server)
        context.verify_mode = ssl.CERT_REQUIRED
        return context


def make_certificates(folder: Path) -> Certificates:
    ours, strangers = Authority(folder / "ours"), Authority(folder / "strangers")
    return Certificates(
        ca=str(ours.certificate),
        server=_in_one_file(ours.server("server")),
        client=_in_one_file(ours.client("client")),
        stranger=_in_one_file(strangers.client("stranger")),
    )


def _in_one_file(pair: Pair) -> str:
    file = pair.certificate.with_suffix(".both")
    file.write_bytes(pair.certificate.read_bytes() + pair.key.read_bytes())
    return str(file)
