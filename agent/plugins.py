"""Finds what this installation can do: drivers, policies, uplinks and device profiles, our own and third parties'.

Ours are found by walking the packages `drivers` and `policies`; others announce themselves through the entry point
groups `plantroom.drivers`, `plantroom.policies` and `plantroom.profiles`. A broken one is a warning, never the end.

Who runs one site takes `find_named`: of our policies only those that the site names are imported, for all of them stay in memory.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.metadata
import importlib.util
import logging
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from agent.core.driver import DriverKind
from agent.core.parameter import parameters
from agent.core.site import Catalogue, UplinkKind

log = logging.getLogger("plantroom.plugins")

UPLINKS = "agent.telemetry.uplinks"
PROFILES = "drivers.profiles"


@dataclass(slots=True)
class Findings:
    """What was found, and a sentence for each plugin that could not be used."""

    drivers: dict[str, DriverKind] = field(default_factory=dict)
    policies: dict[str, type] = field(default_factory=dict)
    uplinks: dict[str, UplinkKind] = field(default_factory=dict)
    profile_folders: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def catalogue(self) -> Catalogue:
        return Catalogue(
            drivers=self.drivers,
            policies=self.policies,
            uplinks=self.uplinks,
            profile_folders=tuple(self.profile_folders),
        )


def find_catalogue(extra_profile_folders: Iterable[str | Path] = ()) -> Catalogue:
    """Everything usable. Later profile folders override earlier ones: library, third parties, `extra`."""
    findings = find_plugins()
    for warning in findings.warnings:
        log.warning("plugin left out: %s", warning)
    findings.profile_folders += [str(folder) for folder in extra_profile_folders]
    return findings.catalogue()


def find_named() -> Catalogue:
    """The same for who runs one site: a policy of ours is imported when it is asked for by its name."""
    findings = Findings()
    _find_drivers("drivers", findings)
    _find_others(findings)
    for warning in findings.warnings:
        log.warning("plugin left out: %s", warning)
    return dataclasses.replace(findings.catalogue(), policies=NamedPolicies(findings))


class NamedPolicies(Mapping[str, type]):
    """Policies by name, imported one by one as they are asked for; all of them only for who looks through them."""

    def __init__(self, findings: Findings, package: str = "policies") -> None:
        self._findings = findings
        self._package = package
        self._looked = False

    def __getitem__(self, kind: str) -> type:
        domain, _, name = kind.partition(".")
        if kind not in self._findings.policies and not self._looked:
            place = f"{self._package}.{domain}"
            known = place in _submodules(self._package, self._findings)
            if known and f"{place}.{name}" in _submodules(place, self._findings):
                self._import(f"{place}.{name}")
        return self._findings.policies[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> Mapping[str, type]:
        if not self._looked:
            for domain in _submodules(self._package, self._findings):
                for name in _submodules(domain, self._findings):
                    self._import(name)
            self._looked = True
        return self._findings.policies

    def _import(self, name: str) -> None:
        said = len(self._findings.warnings)
        _attempt(name, self._findings, partial(_take_policies, self._findings, name))
        for warning in self._findings.warnings[said:]:
            log.warning("plugin left out: %s", warning)


def find_plugins(drivers: str = "drivers", policies: str = "policies") -> Findings:
    """Like `find_catalogue`, with the warnings. The package names are open for tests."""
    findings = Findings()
    _find_drivers(drivers, findings)
    for domain in _submodules(policies, findings):
        for name in _submodules(domain, findings):
            _attempt(name, findings, partial(_take_policies, findings, name))
    _find_others(findings)
    return findings


def _find_drivers(package: str, findings: Findings) -> None:
    for name in _submodules(package, findings):
        _attempt(name, findings, partial(_take_drivers, findings, name))


def _find_others(findings: Findings) -> None:
    """Uplinks, the library of profiles, and what third parties announce."""
    if importlib.util.find_spec(UPLINKS) is not None:
        _attempt(UPLINKS, findings, partial(_take_uplinks, findings))
    _take_folder(PROFILES, findings)
    _take_entry_points(findings)


def _submodules(package: str, findings: Findings) -> Iterator[str]:
    """Names of the modules and packages directly inside a package; none when it is not there."""
    try:
        spec = importlib.util.find_spec(package)
    except Exception as error:  # noqa: BLE001 - a third party's package may raise anything on import
        findings.warnings.append(f"{package}: {type(error).__name__}: {error}")
        return
    if spec is None or spec.submodule_search_locations is None:
        return
    for info in pkgutil.iter_modules(spec.submodule_search_locations):
        if not info.name.startswith("_"):
            yield f"{package}.{info.name}"


def _attempt(name: str, findings: Findings, take: Callable[[ModuleType], None]) -> None:
    try:
        take(importlib.import_module(name))
    except Exception as error:  # noqa: BLE001 - one broken plugin must not stop the rest
        findings.warnings.append(f"{name}: {type(error).__name__}: {error}")


def _take_drivers(findings: Findings, name: str, module: ModuleType) -> None:
    kinds = getattr(module, "KINDS", {})
    if not isinstance(kinds, Mapping):
        raise TypeError("KINDS must map a kind to its DriverKind")
    for kind, declared in kinds.items():
        _add_driver(str(kind), declared, name, findings)


def _add_driver(kind: str, declared: Any, source: str, findings: Findings) -> None:
    if not isinstance(declared, DriverKind):
        raise TypeError(f"'{kind}' is not a DriverKind")
    for settings in (declared.bus_settings, declared.device_settings):
        parameters(settings)  # raises for a declaration nobody could read
    if kind in findings.drivers:
        findings.warnings.append(f"{source}: bus kind '{kind}' is there already")
        return
    findings.drivers[kind] = declared


def _take_policies(findings: Findings, name: str, module: ModuleType) -> None:
    """The dataclass whose `kind` is the module's place below the package: `<domain>.<file>`."""
    wanted = ".".join(name.split(".")[-2:])
    for candidate in vars(module).values():
        if isinstance(candidate, type) and getattr(candidate, "kind", None) == wanted:
            _add_policy(wanted, candidate, name, findings)


def _add_policy(kind: str, candidate: type, source: str, findings: Findings) -> None:
    if not dataclasses.is_dataclass(candidate):
        raise TypeError(f"policy {candidate.__name__} is not a dataclass")
    lacking = [
        part
        for part in ("version", "state_version", "reads", "claims", "initial_state", "decide")
        if not hasattr(candidate, part)
    ]
    if lacking:
        raise TypeError(f"policy {candidate.__name__} lacks {', '.join(lacking)}")
    if "name" not in {spec.name for spec in parameters(candidate)}:
        raise TypeError(f"policy {candidate.__name__} lacks the field 'name'")
    if findings.policies.setdefault(kind, candidate) is not candidate:
        findings.warnings.append(f"{source}: policy '{kind}' is there already")


def _take_uplinks(findings: Findings, module: ModuleType) -> None:
    for kind, declared in getattr(module, "KINDS", {}).items():
        parameters(declared.settings)
        findings.uplinks[kind] = declared


def _take_folder(package: str, findings: Findings) -> None:
    """The folder of a package that carries profiles."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        findings.warnings.append(f"{package}: there is no such package of profiles")
        return
    findings.profile_folders += [str(place) for place in spec.submodule_search_locations]


def _take_entry_points(findings: Findings) -> None:
    for point in importlib.metadata.entry_points(group="plantroom.drivers"):
        _attempt_entry(point, findings, partial(_entry_drivers, findings, point))
    for point in importlib.metadata.entry_points(group="plantroom.policies"):
        _attempt_entry(point, findings, partial(_entry_policy, findings, point))
    for point in importlib.metadata.entry_points(group="plantroom.profiles"):
        try:
            _take_folder(point.value, findings)
        except Exception as error:  # noqa: BLE001 - as above
            findings.warnings.append(f"{point.value}: {type(error).__name__}: {error}")


def _attempt_entry(
    point: importlib.metadata.EntryPoint, findings: Findings, take: Callable[[Any], None]
) -> None:
    try:
        take(point.load())
    except Exception as error:  # noqa: BLE001 - as above
        findings.warnings.append(f"{point.value}: {type(error).__name__}: {error}")


def _entry_drivers(findings: Findings, point: importlib.metadata.EntryPoint, loaded: Any) -> None:
    """A DriverKind, a mapping of them, or a module with KINDS."""
    if isinstance(loaded, ModuleType):
        _take_drivers(findings, point.value, loaded)
        return
    kinds = loaded if isinstance(loaded, Mapping) else {point.name: loaded}
    for kind, declared in kinds.items():
        _add_driver(str(kind), declared, point.value, findings)


def _entry_policy(findings: Findings, point: importlib.metadata.EntryPoint, loaded: Any) -> None:
    """A policy's dataclass; its own `kind` is the name it is used by."""
    _add_policy(str(getattr(loaded, "kind", point.name)), loaded, point.value, findings)
