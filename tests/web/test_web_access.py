from __future__ import annotations

import socket
from types import SimpleNamespace
from typing import Any

import pytest

from agent.web.access import Access, Who, check_origin, demand, is_nearby, may_look
from agent.web.answers import TurnedAwayError
from agent.web.sessions import Session

SESSION = Session("wang", "token", 0.0, 0.0)
VISITOR = Who(actor=None, address="192.168.1.20")
STRANGER = Who(actor=None, address="8.8.8.8")
OPERATOR = Who(actor="user:wang", address="8.8.8.8", session=SESSION, token="t")
LOCAL = Who(actor="local:root", address="local", local=True)


def request(method: str = "POST", host: str = "10.0.0.2:8080", **headers: str) -> Any:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return SimpleNamespace(method=method, host=host, headers=fields)


def status(access: Access, who: Who, asked: Any) -> int:
    try:
        demand(access, who, asked)
    except TurnedAwayError as error:
        return error.status
    return 200


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("10.1.2.3", True),
        ("::ffff:192.168.1.2", True),
        ("fe80::1%eth0", True),
        ("8.8.8.8", False),
        ("::ffff:8.8.8.8", False),
        ("2001:4860:4860::8888", False),
        ("", False),
        ("name", False),
    ],
)
def test_near_is_the_buildings_own_network(address: str, near: bool) -> None:
    assert is_nearby(address) is near


def test_visitors_look_from_nearby_only() -> None:
    assert [may_look(who) for who in (VISITOR, STRANGER, OPERATOR, LOCAL)] == [True, False, True, True]
    assert status(Access.LOOK, STRANGER, request("GET")) == 401
    assert status(Access.LOOK, VISITOR, request("GET")) == 200
    assert status(Access.OPEN, STRANGER, request()) == 200


def test_changes_need_a_session_and_its_token() -> None:
    assert status(Access.CHANGE, VISITOR, request()) == 401
    assert status(Access.CHANGE, OPERATOR, request()) == 403
    assert status(Access.CHANGE, OPERATOR, request(X_Plantroom_CSRF="wrong")) == 403
    assert status(Access.CHANGE, OPERATOR, request(X_Plantroom_CSRF="tökèn")) == 403
    assert status(Access.CHANGE, OPERATOR, request(X_Plantroom_CSRF="token")) == 200
    assert status(Access.CHANGE, LOCAL, request()) == 200


@pytest.mark.parametrize(
    "host", ["10.0.0.2:8080", "localhost:8080", "[::1]:8080", "plantroom", "box.local", "box.lan:80"]
)
def test_the_boxs_own_names_pass(host: str) -> None:
    check_origin(request(host=host, Origin=f"http://{host}"), VISITOR)


def test_the_full_host_name_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "box.site.example.com")
    check_origin(request(host="box.site.example.com:8080"), VISITOR)


@pytest.mark.parametrize(
    "host", ["evil.example.com", "evil.example.com:8080", "10.0.0.2.nip.io", "a.local.evil.com"]
)
def test_rebound_names_are_turned_away_even_for_looking(host: str) -> None:
    with pytest.raises(TurnedAwayError) as caught:
        check_origin(request("GET", host=host), VISITOR)
    assert caught.value.status == 421


@pytest.mark.parametrize(
    "origin", ["http://evil.example.com", "null", "http://10.0.0.2:9999", "http://10.0.0.2"]
)
def test_changes_from_other_sites_pages_are_turned_away(origin: str) -> None:
    with pytest.raises(TurnedAwayError) as caught:
        check_origin(request(Origin=origin), OPERATOR)
    assert caught.value.status == 403
