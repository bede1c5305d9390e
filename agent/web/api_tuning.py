"""The addresses under /api for changed parameters: modes of an area, tuning on probation, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence

from agent.console.tuning_views import ChangePreview, ModeView, TuningView
from agent.console.views import AreaView
from agent.control.preview_job import DEADLINE, Replay, Shadow
from agent.web.access import Access
from agent.web.body import REASON, Field
from agent.web.route import Call, Route

DAY = 86_400.0
LONGEST_MODE = 366 * DAY
LONGEST_PROBATION = 31 * DAY
DAYS = Field(name="days", kind="number", required=False, default=14.0, low=0.04, high=92, help="of the past")
VALUES = Field(name="values", kind="values", help="new values by parameter")
ENDS_ON = Field(
    name="ends_on",
    required=False,
    default="",
    help="alarms that end the try at once, with commas between: a severity, or a pattern of id or source",
)


async def list_modes(call: Call) -> Sequence[ModeView]:
    return call.console.modes(call.path["id"])


async def preview_mode(call: Call) -> ChangePreview:
    return call.console.preview_mode(call.path["id"], call.query["mode"])


async def set_mode(call: Call) -> AreaView:
    return await call.console.set_mode(
        call.path["id"],
        call.body["mode"],
        seconds=call.body["seconds"],
        actor=call.actor,
        reason=call.reason,
    )


async def end_mode(call: Call) -> AreaView:
    return await call.console.end_mode(call.path["id"], actor=call.actor, reason=call.reason)


async def list_tunings(call: Call) -> Sequence[TuningView]:
    return call.console.tunings()


async def rehearse(call: Call) -> ChangePreview:
    return call.console.preview_tuning(call.path["name"], call.body["values"])


async def try_out(call: Call) -> TuningView:
    named = (one.strip() for one in call.body["ends_on"].split(","))
    return await call.console.try_out(
        call.path["name"],
        call.body["values"],
        seconds=call.body["seconds"],
        ends_on=tuple(filter(None, named)),
        actor=call.actor,
        reason=call.reason,
    )


async def preview(call: Call) -> Replay:
    return await call.console.preview(
        call.path["name"],
        call.body["values"],
        days=call.body["days"],
        step=call.body["step"],
        twin=call.body["twin"],
    )


async def shadow(call: Call) -> Shadow:
    return await call.console.shadow(call.path["id"], days=call.body["days"])


async def confirm(call: Call) -> TuningView:
    return await call.console.confirm_tuning(call.path["id"], actor=call.actor, reason=call.reason)


async def undo(call: Call) -> TuningView:
    return await call.console.undo_tuning(call.body["which"], actor=call.actor, reason=call.reason)


def _seconds(longest: float, help_line: str) -> Field:
    return Field(name="seconds", kind="number", required=False, low=1, high=longest, help=help_line)


def _name(help_line: str) -> Field:
    return Field(name="mode", required=False, default="", help=help_line)


TUNING = (
    Route(
        method="GET",
        path="/api/areas/{id}/modes",
        summary="The modes of an area, and which one holds",
        act=list_modes,
        answers=list[ModeView],
    ),
    Route(
        method="GET",
        path="/api/areas/{id}/mode-preview",
        summary="What a mode would change: parameters, and points at this very moment",
        act=preview_mode,
        query=(_name("left out: none, the site file as it is"),),
        answers=ChangePreview,
    ),
    Route(
        method="GET",
        path="/api/tunings",
        summary="What differs from the site file: modes and tuned parameters, oldest first",
        act=list_tunings,
        answers=list[TuningView],
    ),
    Route(
        method="POST",
        path="/api/areas/{id}/mode",
        summary="Choose a mode: other parameters for all policies of an area",
        act=set_mode,
        access=Access.CHANGE,
        body=(
            _name("left out: none, whatever the calendar says"),
            _seconds(LONGEST_MODE, "until it ends by itself; left out: until somebody ends it"),
            REASON,
        ),
        answers=AreaView,
    ),
    Route(
        method="POST",
        path="/api/areas/{id}/mode/end",
        summary="End the chosen mode: the calendar's holds, else the site file",
        act=end_mode,
        access=Access.CHANGE,
        body=(REASON,),
        answers=AreaView,
    ),
    Route(
        method="POST",
        path="/api/policies/{name}/rehearsal",
        summary="What new parameters would change at this very moment; nothing is applied",
        act=rehearse,
        access=Access.CHANGE,
        body=(VALUES,),
        answers=ChangePreview,
    ),
    Route(
        method="POST",
        path="/api/policies/{name}/preview",
        summary="Recorded days under today's parameters and under others, and the twin; takes minutes, applies nothing",
        act=preview,
        access=Access.CHANGE,
        body=(
            VALUES,
            DAYS,
            Field(
                name="step", kind="number", required=False, low=1, high=3600, help="s between two decisions"
            ),
            Field(
                name="twin", kind="switch", required=False, default=True, help="run the site's twin as well"
            ),
        ),
        answers=Replay,
        patience=DEADLINE,
    ),
    Route(
        method="POST",
        path="/api/areas/{id}/shadow",
        summary="Where points were and would have been while the agent did not write, and the saving; takes a minute",
        act=shadow,
        access=Access.CHANGE,
        body=(DAYS,),
        answers=Shadow,
        patience=DEADLINE,
    ),
    Route(
        method="POST",
        path="/api/policies/{name}/tune",
        summary="Change parameters of a policy, for good or on probation",
        act=try_out,
        access=Access.CHANGE,
        body=(
            VALUES,
            _seconds(LONGEST_PROBATION, "probation; left out: for good"),
            ENDS_ON,
            REASON,
        ),
        answers=TuningView,
    ),
    Route(
        method="POST",
        path="/api/tunings/{id}/confirm",
        summary="Keep what is on probation",
        act=confirm,
        access=Access.CHANGE,
        body=(REASON,),
        answers=TuningView,
    ),
    Route(
        method="POST",
        path="/api/tunings/undo",
        summary="Take back the newest tuning, of one policy or of all",
        act=undo,
        access=Access.CHANGE,
        body=(
            Field(name="which", required=False, default="", help="a policy, or the id of a tuning"),
            REASON,
        ),
        answers=TuningView,
    ),
)
