"""Areas on one mains: who may start machines when, so that two plants never start together (see StartTurn)."""

from __future__ import annotations

from dataclasses import replace

from agent.config.draft import Draft
from agent.core.equipment import TURN_TICKS, StartTurn


def take_turns(draft: Draft) -> None:
    """Gives the areas that name the same mains their turns, with the longest of the spacings they ask for."""
    for mains, spacings in draft.mains.items():
        areas = [draft.areas[name] for name in spacings]
        if len(areas) == 1:
            message = f"no other area names the mains '{mains}'"
            where = ("areas", areas[0].id, "mains")
            draft.document.warn(where, message, "name it in every area that it feeds")
            continue
        window = TURN_TICKS * max(area.tick for area in areas)
        length = max(spacings.values()) + window
        for place, area in enumerate(areas):
            turn = StartTurn(place=place, areas=len(areas), length=length, window=window)
            draft.areas[area.id] = replace(area, start_turn=turn)
