"""The addresses under /api that look through the console's window or knock on its door. One small function each."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from agent.console import AlarmView, AreaView, HealthView, LearnedView, PointView, WhyView
from agent.core.command import Override
from agent.core.equipment import Authority
from agent.web.access import Access
from agent.web.answers import TurnedAwayError, answer
from agent.web.body import REASON, Field
from agent.web.route import Call, Route

DAY = 86_400.0
LONGEST_OVERRIDE = 7 * DAY
VALUE = Field(name="value", kind="value", help="in the unit of the point")
TOTAL_HEADER = "X-Total-Count"


async def show_health(call: Call) -> HealthView:
    return call.console.health()


async def list_areas(call: Call) -> Sequence[AreaView]:
    return call.console.areas()


async def list_points(call: Call) -> web.Response:
    """The header X-Total-Count says how many there are when `limit` cut the list."""
    points = call.console.points(call.query["pattern"])
    limit = int(call.query["limit"])
    return answer(points[:limit], headers={TOTAL_HEADER: str(len(points))})


async def show_point(call: Call) -> PointView:
    return call.console.point(call.path["id"])


async def explain_point(call: Call) -> WhyView:
    return call.console.why(call.path["id"])


async def show_history(call: Call) -> Sequence[tuple[float, Any, str]]:
    until = call.query["until"]
    until = time.time() if until is None else until
    since = call.query["since"]
    since = until - 6 * 3_600.0 if since is None else since
    if since >= until:
        raise ValueError("since must lie before until")
    return await call.console.history(call.path["id"], since, until, int(call.query["limit"]))


async def list_learned(call: Call) -> Sequence[LearnedView]:
    return call.console.learned()


async def show_learned(call: Call) -> LearnedView:
    return call.console.learned_by(call.path["name"])


async def learn(call: Call) -> LearnedView:
    return await call.console.learn(call.path["name"], actor=call.actor, reason=call.reason)


async def list_overrides(call: Call) -> Sequence[Override]:
    return call.console.overrides()


async def list_alarms(call: Call) -> Sequence[AlarmView]:
    return call.console.alarms()


async def list_audit(call: Call) -> Sequence[dict[str, Any]]:
    if call.who.actor is None:
        raise TurnedAwayError(401, "log in to read who did what")
    return await call.console.audit(int(call.query["limit"]))


async def read_point(call: Call) -> PointView:
    return await call.console.read(call.path["id"])


async def write_point(call: Call) -> PointView:
    return await call.console.write(call.path["id"], call.body["value"], actor=call.actor, reason=call.reason)


async def override_point(call: Call) -> Override:
    return await call.console.override(
        call.path["id"],
        call.body["value"],
        seconds=call.body["seconds"],
        actor=call.actor,
        reason=call.reason,
    )


async def cancel_override(call: Call) -> None:
    await call.console.cancel_override(call.path["id"], actor=call.actor)


async def set_authority(call: Call) -> AreaView:
    authority = Authority(call.body["authority"])
    return await call.console.set_authority(call.path["id"], authority, actor=call.actor, reason=call.reason)


async def release(call: Call) -> Sequence[dict[str, Any]]:
    return await call.console.release(call.body["area"], actor=call.actor, reason=call.reason)


async def lock_out(call: Call) -> None:
    await call.console.lock_out(call.path["id"], call.body["locked"], actor=call.actor, reason=call.reason)


async def acknowledge(call: Call) -> AlarmView:
    return await call.console.acknowledge(call.path["id"], actor=call.actor)


async def tune(call: Call) -> AreaView:
    return await call.console.tune(
        call.path["name"],
        call.path["parameter"],
        call.body["value"],
        actor=call.actor,
        reason=call.reason,
    )


def _limit(default: int, high: int) -> Field:
    return Field(name="limit", kind="number", required=False, default=default, low=1, high=high)


def _time(name: str, help_line: str) -> Field:
    return Field(name=name, kind="number", required=False, low=0, high=1e11, help=help_line)


LOOKING = (
    Route(
        method="GET", path="/api/health", summary="How the agent does", act=show_health, answers=HealthView
    ),
    Route(
        method="GET",
        path="/api/areas",
        summary="Areas: who is in charge, policies, equipment",
        act=list_areas,
        answers=list[AreaView],
    ),
    Route(
        method="GET",
        path="/api/points",
        summary="Points whose id matches a shell pattern",
        act=list_points,
        query=(Field(name="pattern", required=False, default="*"), _limit(5_000, 100_000)),
        answers=list[PointView],
    ),
    Route(method="GET", path="/api/points/{id}", summary="One point", act=show_point, answers=PointView),
    Route(
        method="GET",
        path="/api/points/{id}/why",
        summary="Why a commanded point is what it is",
        act=explain_point,
        answers=WhyView,
    ),
    Route(
        method="GET",
        path="/api/points/{id}/history",
        summary="Stored samples: time, value, quality; the last six hours unless told",
        act=show_history,
        query=(
            _time("since", "UTC seconds"),
            _time("until", "UTC seconds"),
            _limit(2_000, 20_000),
        ),
        answers=list[tuple[float, float | bool | str | None, str]],
    ),
    Route(
        method="GET",
        path="/api/learned",
        summary="What policies have learned, with age and fingerprint",
        act=list_learned,
        answers=list[LearnedView],
    ),
    Route(
        method="GET",
        path="/api/learned/{name}",
        summary="What one policy has learned, with its content",
        act=show_learned,
        answers=LearnedView,
    ),
    Route(
        method="GET",
        path="/api/overrides",
        summary="Overrides in force",
        act=list_overrides,
        answers=list[Override],
    ),
    Route(
        method="GET", path="/api/alarms", summary="Standing alarms", act=list_alarms, answers=list[AlarmView]
    ),
    Route(
        method="GET",
        path="/api/audit",
        summary="Newest audit records first (needs a login: it names people)",
        act=list_audit,
        query=(_limit(100, 5_000),),
        answers=list[dict[str, Any]],
    ),
)

CHANGING = (
    Route(
        method="POST",
        path="/api/points/{id}/read",
        summary="Read a point now, from its device",
        act=read_point,
        access=Access.CHANGE,
        answers=PointView,
    ),
    Route(
        method="POST",
        path="/api/points/{id}/write",
        summary="One write for commissioning, while the agent is not in charge",
        act=write_point,
        access=Access.CHANGE,
        body=(VALUE, REASON),
        answers=PointView,
    ),
    Route(
        method="POST",
        path="/api/points/{id}/override",
        summary="Hold a point at a value for a while (priority 8)",
        act=override_point,
        access=Access.CHANGE,
        body=(
            VALUE,
            Field(
                name="seconds", kind="number", low=1, high=LONGEST_OVERRIDE, help="until it ends by itself"
            ),
            REASON,
        ),
        answers=Override,
    ),
    Route(
        method="DELETE",
        path="/api/overrides/{id}",
        summary="End an override now",
        act=cancel_override,
        access=Access.CHANGE,
    ),
    Route(
        method="POST",
        path="/api/areas/{id}/authority",
        summary="Say who is in charge of an area",
        act=set_authority,
        access=Access.CHANGE,
        body=(Field(name="authority", choices=tuple(one.value for one in Authority)), REASON),
        answers=AreaView,
        patience=60.0,
    ),
    Route(
        method="POST",
        path="/api/release",
        summary="Give one area, or all, back to local control",
        act=release,
        access=Access.CHANGE,
        body=(Field(name="area", required=False, help="all areas when left out"), REASON),
        answers=list[dict[str, Any]],
        patience=120.0,
    ),
    Route(
        method="POST",
        path="/api/equipment/{id}/lock-out",
        summary="Maintenance lock-out of one machine",
        act=lock_out,
        access=Access.CHANGE,
        body=(Field(name="locked", kind="switch"), REASON),
    ),
    Route(
        method="POST",
        path="/api/alarms/{id}/acknowledge",
        summary="Say that an alarm has been seen",
        act=acknowledge,
        access=Access.CHANGE,
        answers=AlarmView,
    ),
    Route(
        method="POST",
        path="/api/policies/{name}/learn",
        summary="Let a policy learn afresh as soon as the planner is free",
        act=learn,
        access=Access.CHANGE,
        body=(REASON,),
        answers=LearnedView,
    ),
    Route(
        method="POST",
        path="/api/policies/{name}/parameters/{parameter}",
        summary="Change one parameter of a policy",
        act=tune,
        access=Access.CHANGE,
        body=(VALUE, REASON),
        answers=AreaView,
    ),
)
