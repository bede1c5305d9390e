"""The settings: safe by default, checked, silent about secrets, and light to load."""

from __future__ import annotations

import subprocess
import sys

import pytest

from agent.core.parameter import parameters
from agent.core.register import Node
from drivers.opcua import KINDS
from drivers.opcua.settings import OpcUaBus, OpcUaDevice, Security

URL = "opc.tcp://10.0.0.5:4840"


def test_secure_unless_somebody_says_otherwise():
    assert OpcUaBus(url=URL).security is Security.BASIC256SHA256
    assert OpcUaBus(url=URL, security="None").security is Security.NONE
    assert OpcUaBus(url=URL, security="Basic256Sha256").security is Security.BASIC256SHA256
    with pytest.raises(ValueError, match="Basic128"):
        OpcUaBus(url=URL, security="Basic128")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"url": "http://10.0.0.5"}, r"opc\.tcp"),
        ({"url": "opc.tcp://"}, r"opc\.tcp"),
        ({"url": "opc.tcp://me:geheim@10.0.0.5"}, "user and password"),
        ({"certificate": "c.der"}, "belong together"),
        ({"user_key": "k.pem"}, "belong together"),
        ({"password": "geheim"}, "without user"),
        ({"user": "u", "user_certificate": "c", "user_key": "k"}, "not both"),
    ],
)
def test_contradictions_are_named(wrong, says):
    with pytest.raises(ValueError, match=says) as found:
        OpcUaBus(**{"url": URL} | wrong)
    assert "geheim" not in str(found.value)


def test_the_password_is_not_shown():
    assert "geheim" not in repr(OpcUaBus(url=URL, user="u", password="geheim"))


def test_the_catalogue_entry():
    kind = KINDS["opcua"]
    assert (kind.bus_settings, kind.device_settings, kind.source) == (OpcUaBus, OpcUaDevice, Node)
    assert not kind.shared_line
    assert all(spec.help for spec in (*parameters(OpcUaBus), *parameters(OpcUaDevice)))


@pytest.mark.integration
def test_the_catalogue_does_not_load_the_client_library():
    code = "import sys, drivers.opcua; sys.exit(any(m in sys.modules for m in ('asyncua', 'cryptography', 'asyncio')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
