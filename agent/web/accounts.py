"""Who may control: the list of users, one more, one fewer."""

from __future__ import annotations

import logging

from agent.web.access import Access
from agent.web.answers import TurnedAwayError
from agent.web.auth import Users
from agent.web.body import Field
from agent.web.route import Call, Route
from agent.web.sessions import Sessions

log = logging.getLogger("plantroom.web")

USER = Field(name="user", longest=40)
PASSWORD = Field(name="password", kind="secret", longest=256)


class Accounts:
    """Keeps the list of users. Whoever is taken off it is logged out at once."""

    def __init__(self, users: Users, sessions: Sessions) -> None:
        self._users = users
        self._sessions = sessions

    def routes(self) -> tuple[Route, ...]:
        path = "/api/users"
        return (
            Route(method="GET", path=path, summary="Who may control", act=self.show),
            Route(
                method="POST",
                path=path,
                summary="One more user",
                act=self.add,
                access=Access.CHANGE,
                body=(USER, PASSWORD),
            ),
            Route(
                method="DELETE",
                path=f"{path}/{{id}}",
                summary="Take a user's right away",
                act=self.remove,
                access=Access.CHANGE,
            ),
        )

    async def show(self, call: Call) -> list[str]:
        return [] if not call.actor else list(self._users.names)

    async def add(self, call: Call) -> list[str]:
        if call.body["user"] in self._users.names:
            raise TurnedAwayError(409, "there is a user of that name")
        await self._users.add(call.body["user"], call.body["password"])
        log.info("user %s added by %s", call.body["user"], call.actor)
        return list(self._users.names)

    async def remove(self, call: Call) -> list[str]:
        await self._users.remove(call.path["id"])
        self._sessions.close_all_of(call.path["id"])
        log.info("user %s removed by %s", call.path["id"], call.actor)
        return list(self._users.names)
