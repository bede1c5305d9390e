"""`plantroom hil serve`: the faces of any site file in front of any plant, until it is ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agent.config.load import load_site
from agent.core.errors import PlantroomError
from agent.core.site import Site
from agent.plugins import find_catalogue
from hil.certificates import Pair, application_certificate, fingerprint
from hil.clock import ScaledClock
from hil.face_start import FaceSettings, address_of
from hil.faces_file import FacesFile, read_faces_file
from hil.fault_door import FaultDoor
from hil.plant.variables import Plant
from hil.plants import make_plant
from hil.playback import End, read_recording
from hil.servers.device import Wiring
from hil.servers.opcua_face import SERVER_URI
from hil.simulated_site import PlantSettings, SimulatedSite
from hil.stand_in import StandInPlant, stand_ins
from hil.stepper import StepTimes
from hil.wiring import SiteWiring, automatic_wiring

MOST_NAMED = 12  # points named where more are bound to nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """What is asked for. Without a plant, unit or recording the devices are stand-ins."""

    site: Path
    plant: str = ""
    fmu: Path | None = None
    variables: Path | None = None
    recording: Path | None = None
    at_end: End = End.HOLD
    faces: Path | None = None
    speed: float = 1.0
    step: float | None = None
    sensors: bool = False
    places: Mapping[str, str] = field(default_factory=dict)
    data: Path | None = None  # None: no keys are kept and nobody can throw faults
    verbose: bool = False


async def serve(options: ServeOptions, ready: Callable[[SimulatedSite], None] | None = None) -> None:
    """Runs until cancelled. Raises ConfigurationError for a wrong file, PlantroomError for all else that is known."""
    site = load_site(options.site, find_catalogue())
    for bus in options.places:
        if bus not in site.buses:
            raise PlantroomError(f"--port: the site has no bus {bus!r}; there are {', '.join(site.buses)}")
    faces = FacesFile() if options.faces is None else read_faces_file(options.faces, site)
    clock = ScaledClock(options.speed)
    plant, how = _plant(options, clock.utc())
    plant, wired, wiring = _wired(site, plant, faces)
    how = replace(how, sensors=_sensors(options, faces))
    identities = {} if options.data is None else _identities(site, options.data)
    settings = FaceSettings(
        opcua=identities, real_baudrate=options.speed <= 1.0, opcua_period=0.5 if options.speed <= 2.0 else 0.1,
        places=options.places,
    )  # fmt: skip
    simulated = SimulatedSite(site, plant, wiring, clock, settings, how)
    try:
        await simulated.start()
    except (OSError, ValueError) as error:
        raise PlantroomError(
            f"{error}; a simulated device needs an address of this machine, such as host 127.0.0.1 and a port above 1024, "
            "or --port bus=place"
        ) from error
    try:
        await _until_ended(options, site, simulated, wired, identities, ready)
    finally:
        await simulated.stop()
        if callable(close := getattr(plant, "close", None)):
            close()
        _say_times(simulated.times, options)


def _plant(options: ServeOptions, start: float) -> tuple[Plant | None, PlantSettings]:
    how = PlantSettings(step=options.step)
    if options.plant:
        return make_plant(options.plant, start), how
    if options.recording is not None:
        return read_recording(options.recording, end=options.at_end), how
    if options.fmu is not None and options.variables is not None:
        from hil.fmu import open_unit

        unit = open_unit(options.fmu, options.variables)
        return unit, PlantSettings(step=options.step or unit.communication_step, beside=True)
    return None, how


def _wired(
    site: Site, plant: Plant | None, faces: FacesFile
) -> tuple[Plant, SiteWiring | None, Mapping[str, Wiring]]:
    """The plant or its stand-in, and how the devices hang on it."""
    if plant is None:
        values, wiring = stand_ins(site)
        return StandInPlant(values), None, _with(wiring, faces.devices)
    try:
        wired = automatic_wiring(site, plant.variables(), faces.wiring, faces.devices)
    except ValueError as error:
        raise PlantroomError(str(error)) from error
    return plant, wired, wired.devices


def _with(wiring: Mapping[str, Wiring], changes: Mapping[str, Wiring]) -> dict[str, Wiring]:
    """Watchdogs and quirks on top of the stand-ins' wiring."""
    changed = dict(wiring)
    for device, own in changes.items():
        silence = changed[device].watchdog if own.watchdog is None else own.watchdog
        changed[device] = replace(changed[device], watchdog=silence, quirks=own.quirks)
    return changed


def _sensors(options: ServeOptions, faces: FacesFile) -> Any:
    if not options.sensors and not faces.sensors:
        return None
    from hil.sensors import SensorKinds

    return SensorKinds(faces.sensors)


def _identities(site: Site, data: Path) -> dict[str, Pair]:
    """Certificates of the OPC UA faces; kept, so that who trusts one once need not do so again."""
    identities = {}
    for bus in site.buses.values():
        if bus.kind != "opcua" or str(bus.settings.security.value) == "None":
            continue
        folder = (data / "pki").absolute()
        pair = Pair(folder / f"{bus.id}.pem", folder / f"{bus.id}.key")
        if not (pair.certificate.is_file() and pair.key.is_file()):
            pair = application_certificate(folder, bus.id, SERVER_URI)
        identities[bus.id] = pair
    return identities


async def _until_ended(
    options: ServeOptions,
    site: Site,
    simulated: SimulatedSite,
    wired: SiteWiring | None,
    identities: Mapping[str, Pair],
    ready: Callable[[SimulatedSite], None] | None,
) -> None:
    _announce(site, options, identities)
    if wired is not None:
        _report(wired, verbose=options.verbose)
    if options.data is None:
        print("Ctrl-C ends them.", flush=True)
        if ready is not None:
            ready(simulated)
        await simulated.until_it_fails()
        return
    async with FaultDoor(simulated.board, options.data) as door:
        print(f"faults: plantroom hil fault list --socket {door.path}", flush=True)
        print("Ctrl-C ends them.", flush=True)
        if ready is not None:
            ready(simulated)
        await simulated.until_it_fails()


def _announce(site: Site, options: ServeOptions, identities: Mapping[str, Pair]) -> None:
    for bus in site.buses.values():
        devices = ", ".join(
            f"{one.id} ({one.profile.id})" for one in site.devices.values() if one.bus == bus.id
        )
        if bus.kind == "modbus-rtu":
            place = options.places.get(bus.id, bus.settings.port)
        else:
            place = "{} {}".format(*address_of(bus, options.places.get(bus.id, "")))
        print(f"{bus.id}: {bus.kind} at {place}: {devices}", flush=True)
        if bus.id in identities:
            print(f'{bus.id}: trust: "{fingerprint(identities[bus.id].certificate)}"', flush=True)


def _report(wired: SiteWiring, *, verbose: bool) -> None:
    """What moves with the plant, and what shows something plausible for ever."""
    print(
        f"wiring: {len(wired.bound)} points follow the plant, {len(wired.unbound)} show a plausible constant"
    )
    if wired.missing:
        print(f"the plant has no variable for: {', '.join(wired.missing)}")
    named = wired.unbound if verbose else wired.unbound[:MOST_NAMED]
    if named:
        more = "" if len(named) == len(wired.unbound) else f" ... and {len(wired.unbound) - len(named)} more"
        print(f"bound to nothing: {', '.join(named)}{more}", flush=True)


def _say_times(times: StepTimes, options: ServeOptions) -> None:
    if times.count and (options.plant or options.fmu or options.recording):
        print(
            f"plant: {times.count} steps of {times.mean * 1e3:.2f} ms, the longest {times.worst * 1e3:.1f} ms, "
            f"{times.behind:.1f} s behind the clock",
            flush=True,
        )
