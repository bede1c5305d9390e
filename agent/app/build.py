"""Builds all parts of a running agent from a site and an open store. No task is started here."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.app.restore import restore_areas
from agent.control.alarm_desk import AlarmDesk
from agent.control.giving_back import Returned
from agent.control.handover import NOT_RELEASED, Handover
from agent.control.heartbeat import Heartbeats
from agent.control.in_charge import InCharge
from agent.control.lease_keeper import LeaseKeeper
from agent.control.live import Live
from agent.control.loop import AreaLoop, AreaSetup
from agent.control.planner_process import run_planner
from agent.control.planning import Launch, Planning, Surroundings
from agent.control.point_table import PointTable
from agent.control.poller import Poller
from agent.control.priors import Priors
from agent.control.recorder import Recorder
from agent.control.tunings import Around, Tunings
from agent.control.writer import Writer
from agent.core.clock import Clock
from agent.core.equipment import AreaModel, Authority
from agent.core.point import Access, Point, Value
from agent.core.site import Catalogue, Site
from agent.core.tick import Tick, WriteOrder
from agent.safety.arbiter import SafetyState
from agent.safety.overrides import Wanted
from agent.safety.start_rules import heavy
from agent.telemetry.store import Store

FAILED_TICKS = 3  # in a row, before polling of the area's commandable devices stops
GOOD_ENOUGH = 3  # an area is well while its last good tick is younger than this many tick periods


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A built agent, not yet running."""

    site: Site
    clock: Clock
    store: Store
    table: PointTable
    live: Live
    alarms: AlarmDesk
    charge: InCharge
    priors: Priors
    recorder: Recorder
    pollers: Mapping[str, Poller]  # by bus
    by_device: Mapping[str, Poller]
    loops: Mapping[str, AreaLoop]
    heartbeats: Heartbeats
    handover: Handover
    planning: Planning
    tunings: Tunings
    lease: LeaseKeeper | None = None

    def beat(self) -> None:
        """Signs of life that are due between the ticks of slow areas, as long as all areas of a device are well."""
        well = areas_well(self.loops.values(), self.clock)
        for area in well:
            self.heartbeats.beat(area, well, self._send_beat)

    def _send_beat(self, order: WriteOrder) -> None:
        self.by_device[order.point.partition(".")[0]].submit(order, lambda _order, _error: None)


def build(
    site: Site, catalogue: Catalogue, store: Store, clock: Clock, launch: Launch = run_planner
) -> Parts:
    """All parts, wired; remembered state restored. `launch`: how policies learn; a bench has no processes."""
    live = Live({one.id: one.writing.feedback for one in site.points.values() if one.writing.feedback})
    alarms = AlarmDesk(store, live, clock.utc)
    lease = None if site.lease is None else LeaseKeeper(site.lease, clock)
    charge = _charge(site, store, clock, lease)
    table = PointTable(clock)
    priors = Priors(store, clock)
    recorder = Recorder(store, alarms, live, clock, site.digest, _panel(site, charge, alarms))
    loops: dict[str, AreaLoop] = {}
    barred = lease.barred if lease else None
    may_poll = _may_poll(site, loops)
    pollers = {bus: build_poller(site, catalogue, bus, clock, table, may_poll, barred) for bus in site.buses}
    by_device = {device.id: pollers[device.bus] for device in site.devices.values()}
    heartbeats = Heartbeats(site.devices.values(), areas_of(site), clock)
    _Areas(site, table, charge, clock, recorder, by_device).build(loops, priors, heartbeats)
    table.watch(recorder.block)
    restore_areas(loops.values(), store)
    handover = Handover(site, loops, by_device, priors, _journal(store, alarms), charge.locked_out)
    return Parts(
        site=site,
        clock=clock,
        store=store,
        table=table,
        live=live,
        alarms=alarms,
        charge=charge,
        priors=priors,
        recorder=recorder,
        pollers=pollers,
        by_device=by_device,
        loops=loops,
        heartbeats=heartbeats,
        handover=handover,
        planning=Planning(loops.values(), _surroundings(site, store, clock, recorder, launch)),
        tunings=_tunings(loops, site, store, clock, recorder, alarms),
        lease=lease,
    )


def _charge(site: Site, store: Store, clock: Clock, lease: LeaseKeeper | None) -> InCharge:
    areas = [model.area for model in site.areas.values()]
    return InCharge(areas, store, clock) if lease is None else InCharge(areas, store, clock, lease.acts)


def _tunings(
    loops: Mapping[str, AreaLoop],
    site: Site,
    store: Store,
    clock: Clock,
    recorder: Recorder,
    alarms: AlarmDesk,
) -> Tunings:
    """After the states of the last run are back: they belong to the parameters that stood then."""
    around = Around(
        store=store, clock=clock, timezone=site.place.timezone, alarms=alarms, acted=recorder.acted
    )
    return Tunings(loops, site.modes, around)


def _surroundings(site: Site, store: Store, clock: Clock, recorder: Recorder, launch: Launch) -> Surroundings:
    return Surroundings(
        clock=clock, documents=store, launch=launch, store=site.store.path, came=recorder.learned
    )


def build_poller(
    site: Site,
    catalogue: Catalogue,
    bus: str,
    clock: Clock,
    table: PointTable,
    may_poll: Any,
    barred: Callable[[str], str] | None = None,
) -> Poller:
    """The poller of one bus with its driver; the table learns how often each point is read."""
    line = site.buses[bus]
    devices = [device for device in site.devices.values() if device.bus == bus]
    driver = catalogue.drivers[line.kind].create(bus, line.settings, devices, clock, table.put)
    for device in devices:
        for name, point in device.points.items():
            if point.access is Access.WRITE:
                continue
            table.expect((point.id,), device.profile.polls.get(name, device.profile.pacing.poll))
    return Poller(bus, driver, clock, table.put, may_poll, barred or (lambda _point: ""))


def areas_of(site: Site) -> Any:
    """Which areas command a device."""
    owners: dict[str, set[str]] = {}
    for name, model in site.areas.items():
        for point in model.points.values():
            if point.commandable:
                owners.setdefault(point.device, set()).add(name)
    return lambda device: frozenset(owners.get(device, ()))


class _Areas:
    """Makes the loop of each area."""

    def __init__(
        self,
        site: Site,
        table: PointTable,
        charge: InCharge,
        clock: Clock,
        recorder: Recorder,
        pollers: Mapping[str, Poller],
    ) -> None:
        self._site = site
        self._table = table
        self._charge = charge
        self._clock = clock
        self._recorder = recorder
        self._pollers = pollers

    def build(self, loops: dict[str, AreaLoop], priors: Priors, heartbeats: Heartbeats) -> None:
        def record(tick: Tick, safety: SafetyState) -> None:
            self._recorder.tick(tick)
            self._recorder.checkpoint(tick, safety, loops[tick.area].policies.values())
            if heartbeats and tick.good and tick.snapshot.authority is Authority.AGENT:
                heartbeats.beat(tick.area, areas_well(loops.values(), self._clock), self._beat)

        for name, model in self._site.areas.items():
            setup = AreaSetup(
                model=model, policies=self._site.policies.get(name, ()), interlocks=self._site.interlocks
            )
            inside = [id_ for id_, one in model.points.items() if one.device == "virtual" and one.commandable]
            self._table.expect(inside, model.area.tick)
            rests = rests_after_restart(model)
            writer = Writer(model.points, self._submit, priors, self._recorder, rests, self._table.failed_at)
            loops[name] = AreaLoop(setup, self._table, writer, self._charge, self._clock, record)

    def _submit(self, order: WriteOrder, done: Any) -> None:
        self._pollers[order.point.partition(".")[0]].submit(order, done)

    def _beat(self, order: WriteOrder) -> None:
        self._submit(order, lambda _order, _error: None)


def rests_after_restart(model: AreaModel) -> dict[str, float]:
    """By start/stop point: seconds a machine stays off after its device came back.

    After a power failure all come back at once: they start one after the other, those that serve others first.
    """
    starting = [one for one in model.equipment.values() if "enable" in one.roles]
    starting.sort(key=lambda one: not one.guards.serves)
    spaced = {one.id: place * model.area.start_spacing for place, one in enumerate(starting)}
    turn, feel = model.area.start_turn, heavy(model)
    if turn is not None:  # and beside the other plants on their mains
        for place, one in enumerate([one for one in starting if one.id in feel]):
            spaced[one.id] = max(spaced[one.id], (turn.place + place * turn.areas) * turn.length)
    return {one.roles["enable"]: one.guards.minimum_off + spaced[one.id] for one in starting}


def areas_well(loops: Any, clock: Clock) -> frozenset[str]:
    """Areas in the agent's hands whose last good tick is fresh."""
    return frozenset(
        tick.area
        for loop in loops
        if decides(loop, clock) and (tick := loop.memory.last_tick).good
        if tick.snapshot.authority is Authority.AGENT
    )


def decides(loop: AreaLoop, clock: Clock) -> bool:
    """Whether its last tick came to its end, and not too long ago; a policy may have failed in it."""
    tick = loop.memory.last_tick
    if tick is None or loop.memory.failures:
        return False
    age = clock.elapsed() - tick.snapshot.elapsed
    return age <= GOOD_ENOUGH * loop.setup.model.area.tick + 1.0


def _may_poll(site: Site, loops: Mapping[str, AreaLoop]) -> Any:
    """A device is left alone when the ticks that command it fail: its own watchdog may act then.

    A device that the failing area only reads goes on, and so does one that a healthy area commands as well: silence
    would blind that one, and its writes would keep the device awake all the same. What the failing area has set there
    is given back by the agent itself (agent.app.watch).
    """
    owners = areas_of(site)

    def may_poll(device: str) -> bool:
        failing = {area for area, loop in loops.items() if loop.memory.failures >= FAILED_TICKS}
        if not failing:
            return True
        commanding = {area for area in owners(device) if area in loops and commands(loops[area], device)}
        return not commanding or not commanding <= failing

    return may_poll


def commands(loop: AreaLoop, device: str) -> bool:
    """Whether the area has set something on this device, or would in its next tick."""
    tick = loop.memory.last_tick
    ours = tick is not None and tick.snapshot.authority is Authority.AGENT
    set_there = [id_ for id_, one in loop.memory.decisions.items() if ours and one.value is not None]
    return any(point.partition(".")[0] == device for point in (*set_there, *loop.writer.owed()))


def _panel(site: Site, charge: InCharge, alarms: AlarmDesk) -> Any:
    def taken(point: Point, value: Value) -> None:
        locked = charge.locked_out()
        if any(one.id in locked and point.id in one.roles.values() for one in site.equipment.values()):
            return  # a trial run under lock-out is nobody's wish for the time after it
        wanted = Wanted(value=value, owner="panel", reason="changed at the machine itself", learned=True)
        try:
            charge.learn_override(point, wanted)
        except ValueError as error:
            alarms.stand(f"panel:{point.id}", point.id, "warning", f"changed at the machine: {error}")

    return taken


def _journal(store: Store, alarms: AlarmDesk) -> Any:
    def journal(rows: Sequence[Returned]) -> None:
        for row in rows:
            if row.ok:
                for ended in ("not_released", "panel"):
                    alarms.over(f"{ended}:{row.point}")
            else:
                severity = "warning" if row.waits else "critical"
                alarms.stand(f"not_released:{row.point}", row.point, severity, f"NOT RELEASED: {row.error}")
        missing = [dataclasses.asdict(row) for row in rows if not row.ok]
        store.put_soon(NOT_RELEASED, "last", missing)

    return journal
