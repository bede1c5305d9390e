"""Mail over real TLS, both ways; a server that is not ours, or does not let us in, gets nothing."""

from __future__ import annotations

import asyncio
import ssl

import pytest

from agent.advisory.mail import build_mail, send_mail
from agent.advisory.model import BusyError
from agent.advisory.settings import EmailSettings, Tls
from hil.certificates import Authority
from tests.advisory.receivers import MailPeer
from tests.advisory.test_advisory_messages import NOW, message

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


def tls_of(authority) -> ssl.SSLContext:
    pair = authority.server("mx")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)
    return context


async def post(authority, tls, *, password="right", ca=None):
    async with MailPeer(tls=tls_of(authority), at_once=tls is Tls.IMPLICIT).open() as peer:
        settings = EmailSettings(
            host="127.0.0.1",
            port=peer.port,
            tls=tls,
            ca=str(authority.certificate) if ca is None else ca,
            user="lamps",
            password=password,
            sender="a@b.cn",
            recipients=("c@d.cn", "e@f.cn"),
            timeout=5.0,
        )
        try:
            await asyncio.to_thread(send_mail, settings, build_mail(settings, message(), NOW))
        except BusyError as error:
            return peer, str(error)
        return peer, ""


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
async def test_a_mail_goes_encrypted_with_a_login(authority, tls):
    peer, error = await post(authority, tls)
    assert error == ""
    assert peer.logins == [b"\0lamps\0right"]
    assert len(peer.recipients) == 2
    assert peer.mails[0]["Subject"] == "2026-11-22 夜间开关灯时间"


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
async def test_a_server_that_nobody_vouches_for_hears_no_password(authority, tls):
    peer, error = await post(authority, tls, ca="")
    assert "SSLCertVerificationError" in error
    assert (peer.logins, peer.mails) == ([], [])


async def test_a_wrong_password_is_tried_later_and_not_told(authority):
    peer, error = await post(authority, Tls.STARTTLS, password="TOPSECRET")
    assert "does not let us in (535)" in error
    assert "TOPSECRET" not in error
    assert peer.mails == []
