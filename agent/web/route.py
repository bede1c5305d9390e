"""A route: address, who may call it, what it takes and what it does. Serving and the API document both read this."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from agent.console import Console
from agent.web.access import Access, Who, check_origin, demand, identify
from agent.web.answers import TurnedAwayError, answer
from agent.web.backoff import Pace
from agent.web.body import Field, read_body, read_query
from agent.web.sessions import Sessions

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One checked request on its way to the console."""

    console: Console
    who: Who
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    request: web.Request

    @property
    def actor(self) -> str:
        if self.who.actor is None:
            raise TurnedAwayError(401, "log in to change something")
        return self.who.actor

    @property
    def reason(self) -> str:
        return str(self.body["reason"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address. `act` answers with a view, a list of views, None or a ready response; `patience` in real seconds."""

    method: str
    path: str
    summary: str
    act: Callable[[Call], Awaitable[Any]]
    access: Access = Access.LOOK
    query: tuple[Field, ...] = ()
    body: tuple[Field, ...] = ()
    answers: Any = None  # the type of the answer, for the API document
    patience: float = 30.0


@dataclass(frozen=True, slots=True)
class Reception:
    """What every request passes: who is it, may they, how fast. Then the route's own work."""

    console: Console
    sessions: Sessions
    pace: Pace
    cookie: str

    def serve(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """The aiohttp end of a route."""

        async def respond(request: web.Request) -> web.StreamResponse:
            who = self.admit(route.access, request)
            call = Call(
                console=self.console,
                who=who,
                path=check_path(request.match_info),
                query=read_query(request.query, route.query),
                body=await read_body(request, route.body),
                request=request,
            )
            async with asyncio.timeout(route.patience):
                result = await route.act(call)
            return result if isinstance(result, web.StreamResponse) else answer(result)

        return respond

    def admit(self, access: Access, request: web.Request) -> Who:
        """Raises TurnedAwayError for whoever may not come in; a change counts against the actor's pace."""
        who = identify(request, self.sessions, self.cookie)
        check_origin(request, who)
        demand(access, who, request)
        if access is Access.CHANGE and not who.local:
            wait = self.pace.wait(who.actor or who.address)
            if wait > 0.0:
                raise TurnedAwayError(429, "too many changes at once, wait a moment", retry_after=wait)
            if who.token is not None:
                self.sessions.touch(who.token)
        return who


def check_path(names: Mapping[str, str]) -> dict[str, str]:
    for name in names.values():
        if len(name) > LONGEST_NAME or not name.isprintable():
            raise TurnedAwayError(404, "there is no such name")
    return dict(names)
