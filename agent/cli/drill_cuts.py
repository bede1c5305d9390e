"""The cuts of a drill, one a function: what the person is asked to do, and what must be seen while it is cut and after."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent.cli.drill_eyes import Eyes, Person, goes_on, until
from agent.cli.drill_record import Check, Cut
from agent.control.run_state import RUN, RUNNING, STATE
from agent.core.errors import PlantroomError
from agent.core.point import Access, Value
from agent.core.site import Catalogue, Site
from agent.release import look_alone, promised, release_alone
from agent.telemetry.store import read_documents

SEEN_WITHIN, BACK_WITHIN = 90.0, 180.0  # seconds; a dead unit is asked ever more rarely, up to a minute
RELEASED_WITHIN = 15.0  # systemd gives a release 10 s


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a cut needs."""

    config: Path
    site: Site
    catalogue: Catalogue
    eyes: Eyes
    person: Person

    def going_on(self) -> Callable[[], Check]:
        """To be called later: whether control has gone on since now."""
        before = self.eyes.areas()
        slowest = max((one["tick"] for one in before.values()), default=1.0)
        return lambda: goes_on(self.eyes, before, 5.0 + 4.0 * slowest)


def cut_cloud(scene: Scene) -> Cut:
    """Every uplink."""
    cut, eyes = Cut("cloud", time.time()), scene.eyes
    names = ", ".join(scene.site.uplinks)
    if not names:
        scene.person.tell("this site has no uplink: nothing to cut")
        cut.skipped = True
        return cut
    on = scene.going_on()
    before = eyes.health()["store"]["backlog"]
    if not scene.person.confirm(f"Cut the way to the cloud (uplinks {names})."):
        cut.skipped = True
        return cut

    def all_up(up: bool) -> bool:
        return all((one["state"] == "up") is up for one in eyes.health()["uplinks"])

    def backlog() -> int:
        return int(eyes.health()["store"]["backlog"])

    cut.checks.append(until("the agent sees that the uplinks are down", lambda: all_up(False), SEEN_WITHIN))
    cut.checks.append(on())
    cut.checks.append(until("samples are kept", lambda: backlog() > before, SEEN_WITHIN))
    peak = backlog()
    scene.person.confirm("Put it back.")
    cut.checks.append(until("the uplinks are up again", lambda: all_up(True), BACK_WITHIN))
    cut.checks.append(
        until("what was kept follows", lambda: backlog() <= max(before, peak // 2), BACK_WITHIN)
    )
    return cut


def cut_bus(scene: Scene, bus: str) -> Cut:
    """One line or socket to devices."""
    cut, eyes = Cut(f"bus {bus}", time.time()), scene.eyes
    devices = [one for one in scene.site.devices.values() if one.bus == bus]
    read = [point.id for one in devices for point in one.points.values() if point.access is not Access.WRITE]
    good = [id_ for id_, quality in eyes.qualities(read).items() if quality == "good"]
    others = {one["id"] for one in eyes.health()["buses"] if one["state"] == "up"} - {bus}
    on = scene.going_on()
    if not good or not scene.person.confirm(f"Cut bus {bus} ({', '.join(one.id for one in devices)})."):
        cut.skipped = True
        return cut

    def lost() -> bool:
        return "good" not in eyes.qualities(good).values()

    def back() -> bool:
        """Of each device something: what is asked once an hour is not waited for."""
        now = eyes.qualities(good)
        return {id_.partition(".")[0] for id_ in good} == {
            id_.partition(".")[0] for id_, quality in now.items() if quality == "good"
        }

    def told() -> bool:
        return bool(eyes.alarms() & {f"bus:{bus}", *(f"device:{one.id}" for one in devices)})

    def others_up() -> bool:
        return others <= {one["id"] for one in eyes.health()["buses"] if one["state"] == "up"}

    cut.checks.append(until("no value of it is called good any more", lost, SEEN_WITHIN))
    cut.checks.append(until("an alarm stands", told, SEEN_WITHIN))
    cut.checks.append(Check("the other buses are up", ok=others_up(), seen=", ".join(sorted(others))))
    cut.checks.append(on())
    cut.checks.extend(scene.person.saw(promise) for promise in left_alone(scene.site, bus))
    scene.person.confirm(f"Put bus {bus} back.")
    cut.checks.append(until("every device is read well again", back, BACK_WITHIN))
    cut.checks.append(until("the alarm is over", lambda: not told(), BACK_WITHIN))
    quarrel = {one for one in eyes.alarms() if one.startswith("foreign:")}
    cut.checks.append(Check("nobody quarrels over a point", ok=not quarrel, seen=", ".join(sorted(quarrel))))
    return cut


def left_alone(site: Site, bus: str) -> list[str]:
    """What the configuration says of the commanded points of a bus while nobody reaches them."""
    commanded = [
        point
        for device in site.devices.values()
        if device.bus == bus
        for point in device.points.values()
        if point.commandable and any(point.id in one.roles.values() for one in site.equipment.values())
    ]
    reverts = sorted({point.device for point in commanded if point.has_device_timeout})
    stays = sorted({point.device for point in commanded if not point.has_device_timeout})
    promises = []
    if reverts:
        promises.append(
            f"After its own time-out, or by its change-over, {', '.join(reverts)} is in local control."
        )
    if stays:
        promises.append(f"{', '.join(stays)} stays as it was.")
    return promises


def cut_sensor(scene: Scene, sensor: str) -> Cut:
    """One sensor's wire."""
    cut, eyes = Cut(f"sensor {sensor}", time.time()), scene.eyes
    on = scene.going_on()
    if not scene.person.confirm(f"Pull the wire of {sensor}."):
        cut.skipped = True
        return cut

    def is_good() -> bool:
        return bool(eyes.point(sensor)["quality"] == "good")

    cut.checks.append(until("it is not called good any more", lambda: not is_good(), SEEN_WITHIN))
    cut.checks.append(on())
    cut.checks.extend(scene.person.saw(f"Without it: {text}.") for text in without(scene.site, sensor))
    scene.person.confirm(f"Put the wire of {sensor} back.")
    cut.checks.append(until("it is good again", is_good, BACK_WITHIN))
    return cut


def without(site: Site, sensor: str) -> list[str]:
    """What the policies that read this point say they do without it."""
    played = {
        (one.area, one.kind, role)
        for one in site.equipment.values()
        for role, id_ in one.roles.items()
        if id_ == sensor
    }
    found = {
        need.without
        for area, policies in site.policies.items()
        for policy in policies
        for need in policy.reads
        if need.without
        and any(
            (area, kind, need.role) in played for kind in (need.equipment, *_kinds(played, need.equipment))
        )
    }
    return sorted(found)


def _kinds(played: set[tuple[str, str, str]], wanted: str) -> list[str]:
    return [kind for _, kind, _ in played] if wanted in ("", "*") else []


def cut_agent(scene: Scene) -> Cut:
    """The agent itself: killed, as a crash or a power cut of the box would."""
    cut, eyes = Cut("agent", time.time()), scene.eyes
    promise = promised(scene.site)
    overrides = eyes.overrides()
    if not promise:
        scene.person.tell("nothing is in the agent's hands: there would be nothing to see")
    if not promise or not scene.person.confirm("Kill the agent (kill -9), or pull the plug of its box."):
        cut.skipped = True
        return cut
    try:
        by = _released(scene)
        shown = _shown(scene, promise)
    except PlantroomError as error:
        cut.checks.append(Check("the equipment is given back", ok=False, seen=str(error)))
        shown = {}
    else:
        cut.checks.append(Check("the equipment is given back", ok=True, seen=by))
    for point, value in promise.items():
        if scene.site.points[point].access is not Access.WRITE:
            seen = shown.get(point)
            cut.checks.append(
                Check(f"{point} is {value}", ok=_alike(scene.site, point, seen, value), seen=str(seen))
            )
    if not eyes.answers():
        scene.person.confirm("Start the agent again.")
    cut.checks.append(until("the agent answers again", eyes.answers, BACK_WITHIN))
    if cut.checks[-1].ok:
        same = eyes.overrides() == overrides
        cut.checks.append(Check("overrides are as before", ok=same, seen=f"{len(overrides)} stood before"))
    return cut


def _released(scene: Scene) -> str:
    """Waits for whoever gives back (systemd, or the agent started again); else does it. Raises PlantroomError."""
    began = time.monotonic()
    while time.monotonic() - began < RELEASED_WITHIN:
        state = read_documents(scene.site.store.path, RUN).get(STATE, {}).get("state")
        if not scene.eyes.answers() and state != RUNNING:
            return f"after {time.monotonic() - began:.0f} s"
        time.sleep(0.5)
    if scene.eyes.answers():
        return "by the agent that was started again"
    rows = release_alone(scene.config, only_if_crashed=True)
    missing = [row["point"] for row in rows if not row["ok"]]
    if missing:
        raise PlantroomError(f"NOT RELEASED: {', '.join(missing)}")
    return "by this drill: no service manager ran `plantroom release`"


def _shown(scene: Scene, points: dict[str, Value]) -> dict[str, Value | None]:
    """As the devices show them: by the agent where one runs again, else by lines of our own."""
    if not scene.eyes.answers():
        return look_alone(scene.site, scene.catalogue, points)
    return {point: scene.eyes.point(point)["value"] for point in points}


def _alike(site: Site, point: str, seen: Value | None, wanted: Value) -> bool:
    if isinstance(seen, bool | str) or isinstance(wanted, bool | str) or seen is None:
        return seen == wanted
    return abs(seen - wanted) <= max(site.points[point].writing.tolerance, 0.01 * abs(wanted))
