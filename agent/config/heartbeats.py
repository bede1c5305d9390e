"""Signs of life: a device that wants one more often than its area ticks cannot tell a slow area from a dead one."""

from __future__ import annotations

from agent.config.draft import Draft


def check_heartbeats(draft: Draft) -> None:
    """Reports each area whose tick is longer than the heartbeat period of a device that it commands."""
    for machine in draft.equipment.values():
        area = draft.areas.get(machine.area)
        if area is None:
            continue
        commanded = {
            point.device
            for id_ in machine.roles.values()
            if (point := draft.points.get(id_)) is not None and point.commandable
        }
        for name in sorted(commanded & set(draft.devices)):
            beat = draft.devices[name].profile.heartbeat
            if beat is not None and beat.period < area.tick:
                _report(draft, area.id, name, beat.period, area.tick)


def _report(draft: Draft, area: str, device: str, period: float, tick: float) -> None:
    message = (
        f"device {device} wants a sign of life every {period:g} s, "
        f"but area {area}, which commands it, decides only every {tick:g} s"
    )
    mend = f"write tick: {period:g} s, or a longer watchdog time on the device and in its profile"
    draft.document.add(("areas", area, "tick"), message, mend)
