"""The addresses under /api for trying another site file. Changing it is for who has a shell on the box: the UNIX socket only."""

from __future__ import annotations

from agent.console.site_desk import SiteFileView
from agent.web.access import Access
from agent.web.answers import TurnedAwayError
from agent.web.body import REASON, Field
from agent.web.route import Call, Route

LONGEST_PROBATION = 31 * 86_400.0


async def show_site_file(call: Call) -> SiteFileView:
    return call.console.site_file()


async def try_site(call: Call) -> SiteFileView:
    _on_the_box(call)
    return await call.console.try_site(seconds=call.body["seconds"], actor=call.actor, reason=call.reason)


async def keep_site(call: Call) -> SiteFileView:
    _on_the_box(call)
    return await call.console.keep_site(actor=call.actor, reason=call.reason)


async def take_back_site(call: Call) -> SiteFileView:
    _on_the_box(call)
    return await call.console.take_back_site(actor=call.actor, reason=call.reason)


def _on_the_box(call: Call) -> None:
    if not call.who.local:
        raise TurnedAwayError(403, "the site file is changed on the box itself: plantroom apply")


SITE_FILE = (
    Route(
        method="GET",
        path="/api/site-file",
        summary="The site file, and what is on probation in its place",
        act=show_site_file,
        access=Access.CHANGE,
        answers=SiteFileView,
    ),
    Route(
        method="POST",
        path="/api/site-file/try",
        summary="Run the file offered in the data folder on probation (UNIX socket only)",
        act=try_site,
        access=Access.CHANGE,
        body=(
            Field(
                name="seconds",
                kind="number",
                low=60,
                high=LONGEST_PROBATION,
                help="until it goes back by itself",
            ),
            REASON,
        ),
        answers=SiteFileView,
    ),
    Route(
        method="POST",
        path="/api/site-file/keep",
        summary="Make the file on probation the site file (UNIX socket only)",
        act=keep_site,
        access=Access.CHANGE,
        body=(REASON,),
        answers=SiteFileView,
    ),
    Route(
        method="POST",
        path="/api/site-file/back",
        summary="Take the file on probation back now (UNIX socket only)",
        act=take_back_site,
        access=Access.CHANGE,
        body=(REASON,),
        answers=SiteFileView,
    ),
)
