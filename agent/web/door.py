"""The way in and out: first set-up, log in, log out, who am I, my own password."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from aiohttp import web

from agent.web.access import Access, Who
from agent.web.accounts import PASSWORD, USER
from agent.web.answers import TurnedAwayError, answer
from agent.web.auth import CrowdedError, Users, UsersUnreadableError
from agent.web.backoff import Backoff
from agent.web.body import Field
from agent.web.route import Call, Route
from agent.web.sessions import Sessions

log = logging.getLogger("plantroom.web")

WRONG = "user or password is wrong"
CODE = Field(name="code", longest=40, help="the one-time code from the console or the log")
NEW_PASSWORD = Field(name="new", kind="secret", longest=256, help="at least 12 characters")


class Door:
    """Lets people in. Failures count for the name and for the address, and both have to wait."""

    def __init__(
        self, users: Users, sessions: Sessions, cookie: str, secure: bool, backoffs: tuple[Backoff, Backoff]
    ) -> None:
        self._users = users
        self._sessions = sessions
        self._cookie = cookie
        self._secure = secure
        self._by_name, self._by_address = backoffs

    def routes(self) -> tuple[Route, ...]:
        opened, changed = Access.OPEN, Access.CHANGE
        return (
            Route(
                method="GET",
                path="/api/session",
                summary="Who am I, is set-up still due",
                act=self.show,
                access=opened,
            ),
            Route(
                method="POST",
                path="/api/setup",
                summary="Make the first user with the one-time code",
                act=self.set_up,
                access=opened,
                body=(CODE, USER, PASSWORD),
            ),
            Route(
                method="POST",
                path="/api/login",
                summary="Log in",
                act=self.log_in,
                access=opened,
                body=(USER, PASSWORD),
            ),
            Route(method="POST", path="/api/logout", summary="Log out", act=self.log_out, access=changed),
            Route(
                method="POST",
                path="/api/password",
                summary="Change my own password",
                act=self.change_password,
                access=changed,
                body=(PASSWORD, NEW_PASSWORD),
            ),
        )

    async def show(self, call: Call) -> dict[str, Any]:
        return self._state(call.who)

    async def set_up(self, call: Call) -> web.Response:
        self._must_wait("", call.who.address)
        if self._users.names:
            raise TurnedAwayError(409, "this box is set up already: log in")
        user = call.body["user"]
        if not await self._users.set_up(call.body["code"], user, call.body["password"]):
            self._by_address.failed(call.who.address)
            raise TurnedAwayError(403, "this set-up code is wrong")
        log.info("first user %s made from %s", user, call.who.address)
        return self._let_in(user)

    async def log_in(self, call: Call) -> web.Response:
        user, address = call.body["user"], call.who.address
        self._must_wait(user, address)
        if not await self._right(user, call.body["password"]):
            self._by_name.failed(user)
            self._by_address.failed(address)
            log.warning("a login failed from %s", address)
            raise TurnedAwayError(401, WRONG)
        self._by_name.succeeded(user)
        self._by_address.succeeded(address)
        log.info("user %s logged in from %s", user, address)
        self._sessions.close(call.who.token)
        return self._let_in(user)

    async def log_out(self, call: Call) -> web.Response:
        self._sessions.close(call.who.token)
        response = answer({"user": None})
        response.del_cookie(self._cookie, path="/")
        return response

    async def change_password(self, call: Call) -> web.Response:
        if call.who.session is None:
            raise ValueError("only a logged-in user has a password")
        user = call.who.session.user
        self._must_wait(user, call.who.address)
        if not await self._right(user, call.body["password"]):
            self._by_name.failed(user)
            raise TurnedAwayError(403, "the present password is wrong")
        await self._users.add(user, call.body["new"])
        self._sessions.close_all_of(user)
        return self._let_in(user)

    async def _right(self, user: str, password: str) -> bool:
        try:
            async with asyncio.timeout(20.0):
                return await self._users.check(user, password)
        except UsersUnreadableError as error:
            raise TurnedAwayError(503, str(error)) from error
        except CrowdedError as error:
            raise TurnedAwayError(429, str(error), retry_after=2.0) from error

    def _must_wait(self, user: str, address: str) -> None:
        wait = max(self._by_name.wait(user) if user else 0.0, self._by_address.wait(address))
        if wait > 0.0:
            raise TurnedAwayError(429, f"too many failures: wait {wait:.0f} seconds", retry_after=wait)

    def _let_in(self, user: str) -> web.Response:
        token, session = self._sessions.open(user)
        response = answer({"user": user, "actor": f"user:{user}", "csrf": session.csrf, "setup": False})
        response.set_cookie(
            self._cookie, token, httponly=True, samesite="Strict", secure=self._secure, path="/"
        )
        return response

    def _state(self, who: Who) -> dict[str, Any]:
        session = who.session
        return {
            "user": None if session is None else session.user,
            "actor": who.actor,
            "csrf": None if session is None else session.csrf,
            "setup": self._users.setup_code is not None,
        }
