"""Who is talked to and how: trust, encryption, logins; and that nothing falls back to the clear by itself."""

from __future__ import annotations

import datetime as dt
import logging
import ssl
import stat

import pytest
from asyncua import ua

from agent.core.errors import BusError
from agent.core.register import Node
from drivers.opcua.certificates import load_certificates

pytestmark = pytest.mark.integration

SECURE = {"security": "Basic256Sha256"}


@pytest.fixture
def pki(tmp_path_factory, papers):
    """One own certificate for all tests: making it takes a while."""
    box = papers("box")
    return {"certificate": str(box.certificate), "private_key": str(box.key)}


async def test_a_trusted_server_is_read_and_written_encrypted(serve, look, until, papers, pki):
    server = papers("server")
    peer = await serve(server)
    nodes = {"temp": Node(node=await peer.add("temp", 21.5, writable=True))}
    scene = look(peer.url, nodes, **SECURE, **pki, trust=server.fingerprint)
    await scene.driver.open()
    await until(lambda: scene.value("temp") == 21.5)
    await scene.driver.write("d.temp", 25.0)
    await until(lambda: scene.value("temp") == 25.0)
    policy = scene.driver._session._client.security_policy
    assert policy.URI.endswith("#Basic256Sha256")
    assert policy.Mode == ua.MessageSecurityMode.SignAndEncrypt


async def test_an_unknown_server_is_refused_with_what_to_write(serve, look, papers, pki):
    server = papers("server")
    peer = await serve(server)
    scene = look(peer.url, {"temp": Node(node=await peer.add("temp", 1.0))}, **SECURE, **pki)
    with pytest.raises(BusError) as refused:
        await scene.driver.open()
    assert f'trust: "{server.fingerprint}"' in str(refused.value)
    assert "not trusted yet" in str(refused.value)
    with pytest.raises(BusError, match="not connected"):
        await scene.driver.read(scene.driver.plan()[0])


async def test_a_wrong_fingerprint_or_file_is_refused(serve, look, papers, pki):
    peer = await serve(papers("server"))
    node = {"temp": Node(node=await peer.add("temp", 1.0))}
    for trust in (papers("other").fingerprint, str(papers("other").certificate)):
        with pytest.raises(BusError, match="not the one trusted here"):
            await look(peer.url, node, **SECURE, **pki, trust=trust).driver.open()
    with pytest.raises(BusError, match=r"nowhere\.der cannot be read"):
        await look(peer.url, node, **SECURE, **pki, trust="nowhere.der").driver.open()


async def test_trust_by_file_and_by_several_entries(serve, look, papers, pki):
    server = papers("server")
    peer = await serve(server)
    node = {"temp": Node(node=await peer.add("temp", 1.0))}
    for trust in (str(server.certificate), f"{papers('other').fingerprint}, {server.fingerprint.lower()}"):
        scene = look(peer.url, node, **SECURE, **pki, trust=trust)
        await scene.driver.open()
        assert (await scene.read())["temp"].value == 1.0


async def test_an_expired_server_certificate_is_refused_while_our_clock_is_believed(serve, look, papers, pki):
    old = papers("old", days=10, start=dt.datetime.now(dt.UTC) - dt.timedelta(days=20))
    peer = await serve(old)
    node = {"temp": Node(node=await peer.add("temp", 1.0))}
    scene = look(peer.url, node, **SECURE, **pki, trust=old.fingerprint)
    with pytest.raises(BusError, match="ran out on"):
        await scene.driver.open()
    scene.clock.believed = False  # a box without battery clock after a power cut: the pin still protects
    await scene.driver.open()
    assert (await scene.read())["temp"].value == 1.0


async def test_a_certificate_near_its_end_is_warned_of(serve, look, papers, pki, caplog):
    server = papers("server")
    peer = await serve(server)
    scene = look(peer.url, {"t": Node(node="i=2258")}, **SECURE, **pki, trust=server.fingerprint)
    with caplog.at_level(logging.WARNING, "plantroom.opcua"):
        await scene.driver.open()
    assert "the server's certificate runs out in" in caplog.text


async def test_no_falling_back_to_the_clear(serve, look, pki):
    peer = await serve()  # speaks in the clear only
    scene = look(peer.url, {"t": Node(node="i=2258")}, **SECURE, **pki, trust="0" * 64)
    with pytest.raises(BusError, match="offers no Basic256Sha256"):
        await scene.driver.open()


async def test_no_falling_up_either(serve, look, papers):
    peer = await serve(papers("server"))
    scene = look(peer.url, {"t": Node(node="i=2258")}, security="None")
    with pytest.raises(BusError, match=r"opc\.tcp://"):
        await scene.driver.open()


async def test_own_certificate_is_made_on_first_use_and_kept(serve, look, papers, tmp_path):
    server = papers("server")
    peer = await serve(server)
    for _ in range(2):
        scene = look(
            peer.url,
            {"t": Node(node="i=2258")},
            **SECURE,
            pki=str(tmp_path / "pki"),
            trust=server.fingerprint,
        )
        await scene.driver.open()
        await scene.driver.close()
        made = sorted(path.name for path in (tmp_path / "pki" / "own").iterdir())
        assert made == ["certificate.der", "key.pem"]
        own = load_certificates(str(tmp_path / "pki" / "own" / "certificate.der"))[0]
    assert stat.S_IMODE((tmp_path / "pki" / "own" / "key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "pki" / "own").stat().st_mode) == 0o700
    assert own == load_certificates(str(tmp_path / "pki" / "own" / "certificate.der"))[0]
    assert ssl.DER_cert_to_PEM_cert((tmp_path / "pki" / "own" / "certificate.der").read_bytes())


async def test_user_and_password(serve, look, papers, pki):
    server = papers("server")
    peer = await serve(server, tokens=[ua.UserNameIdentityToken, ua.X509IdentityToken])
    peer.users.passwords["plantroom"] = "geheim"
    trusted = {**SECURE, **pki, "trust": server.fingerprint}
    node = {"temp": Node(node=await peer.add("temp", 4.0))}
    good = look(peer.url, node, **trusted, user="plantroom", password="geheim")
    await good.driver.open()
    assert (await good.read())["temp"].value == 4.0
    for login in ({"user": "plantroom", "password": "falsch"}, {}):
        with pytest.raises(BusError, match="refuses the login") as refused:
            await look(peer.url, node, **trusted, **login).driver.open()
        assert "falsch" not in str(refused.value)


async def test_user_certificate(serve, look, papers, pki):
    server, person = papers("server"), papers("person")
    peer = await serve(server, tokens=[ua.UserNameIdentityToken, ua.X509IdentityToken])
    peer.users.certificates.append(person.certificate.read_bytes())
    trusted = {**SECURE, **pki, "trust": server.fingerprint}
    node = {"temp": Node(node=await peer.add("temp", 4.0))}
    login = {"user_certificate": str(person.certificate), "user_key": str(person.key)}
    good = look(peer.url, node, **trusted, **login)
    await good.driver.open()
    assert (await good.read())["temp"].value == 4.0
    stranger = papers("stranger")
    login = {"user_certificate": str(stranger.certificate), "user_key": str(stranger.key)}
    with pytest.raises(BusError, match="refuses the login"):
        await look(peer.url, node, **trusted, **login).driver.open()
    login = {"user_certificate": str(person.certificate), "user_key": str(stranger.key)}
    with pytest.raises(BusError, match="does not belong"):
        await look(peer.url, node, **trusted, **login).driver.open()


async def test_user_and_password_in_the_clear_are_warned_of(serve, look, caplog):
    peer = await serve()
    peer.users.passwords["plantroom"] = "geheim"
    scene = look(peer.url, {"t": Node(node="i=2258")}, user="plantroom", password="geheim")
    with caplog.at_level(logging.WARNING, "plantroom"):
        await scene.driver.open()
    assert "in the clear" in caplog.text
    assert "geheim" not in caplog.text
