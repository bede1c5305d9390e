"""The agent's face to people: the console of a running agent and the page that shows it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from agent.app.build import Parts
from agent.console.agent_console import AgentConsole, ConsoleRecords
from agent.console.desk import Desk, Reach
from agent.console.learned import LearnedLook
from agent.console.look import Look
from agent.console.previews import Previews, Sources
from agent.console.site_desk import SiteDesk
from agent.console.tuning_desk import TuningDesk
from agent.console.tuning_look import TuningLook
from agent.control.preview_process import run_preview
from agent.control.site_trial import SiteTrial
from agent.core.equipment import Authority
from agent.web.server import WebServer

PAGE_RETRY = 10.0  # real seconds

Ready = Callable[[str], None]


async def open_page(parts: Parts, server: WebServer, ready: Ready) -> None:
    """Start the page; where its address is taken control goes on, an alarm says so, and it is tried again."""
    while True:
        try:
            await server.start()
        except (OSError, ValueError) as error:
            parts.alarms.stand("page", "page", "warning", f"the page cannot be opened: {error}")
            await asyncio.sleep(PAGE_RETRY)
        else:
            parts.alarms.over("page")
            _say_ready(parts, server, ready)
            return


def console_of(
    parts: Parts, look_at_health: Callable[[], Any], trial: SiteTrial | None = None
) -> AgentConsole:
    learned = LearnedLook(parts.planning, parts.clock)
    tuned = TuningLook(parts.tunings, parts.loops, parts.clock)
    look = Look(parts.site, parts.table, parts.loops, parts.charge, parts.clock, (learned, tuned))
    reach = Reach(
        look=look,
        loops=parts.loops,
        pollers=parts.by_device,
        charge=parts.charge,
        handover=parts.handover,
        alarms=parts.alarms,
        recorder=parts.recorder,
    )
    records = ConsoleRecords(parts.store, parts.site.points, parts.charge, parts.alarms, parts.live)
    tuning = TuningDesk(parts.tunings, tuned, look)
    changing = (tuning, _previews(parts, look), SiteDesk(trial))
    return AgentConsole(look, Desk(reach), look_at_health, records, changing)


def _previews(parts: Parts, look: Look) -> Previews:
    sources = Sources(
        site=parts.site,
        loops=parts.loops,
        charge=parts.charge,
        clock=parts.clock,
        launch=run_preview,
        store=parts.store,
    )
    return Previews(sources, parts.tunings, look)


def _say_ready(parts: Parts, server: WebServer, ready: Ready) -> None:
    in_hand = [name for name in parts.loops if parts.charge.authority(name) is Authority.AGENT]
    ready(
        f"{parts.site.place.name}: page on {server.url}; agent in charge of {', '.join(in_hand) or 'nothing'}"
    )
    if server.setup_code:
        ready(f"first user: open the page and use the one-time set-up code {server.setup_code}")
