"""Policies of a site: instantiated from their parameters, and checked against the equipment they read and command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from agent.config.document import Where
from agent.config.draft import Draft
from agent.config.names import nearest
from agent.config.parameters import Settings
from agent.config.schema import PolicyShape
from agent.core.command import Priority
from agent.core.equipment import Equipment
from agent.core.policy import AnyPolicy, RoleClaim, RoleNeed

_SHARED = ("kind", "area")
CHOSEN = ("groups", "equipment")
"""Parameters (tuples of equipment names) by which a policy narrows itself to some of the area's equipment."""


@dataclass(slots=True)
class PolicyBuilder:
    """Builds policies into a draft whose equipment is built."""

    draft: Draft
    settings: Settings
    _claimed: dict[tuple[str, int], str] = field(default_factory=dict)  # point, priority -> policy

    def build(self) -> None:
        for name, shape, where in self.draft.entries("policies", PolicyShape):
            self._policy(name, shape, where)

    def _policy(self, name: str, shape: PolicyShape, where: Where) -> None:
        area_known = self.draft.known("areas", shape.area, "area", (*where, "area"))
        kind = self.draft.catalogue.policies.get(shape.kind)
        if kind is None:
            mend = nearest(shape.kind, self.draft.catalogue.policies)
            self.draft.document.add((*where, "kind"), f"there is no policy '{shape.kind[:60]}'", mend)
            return
        data = self.draft.section("policies")[name]
        policy = self.settings.build(kind, data, where, shared=_SHARED, given={"name": name})
        if policy is None or not area_known:
            return
        self._check_chosen(policy, shape.area, where)
        for need in policy.reads:
            self._check_need(need, policy, shape, where)
        found = [self._check_claim(claim, policy, shape, where) for claim in policy.claims]
        if found and not any(found) and not self._failed() and not self.draft.incomplete:
            roles = " or ".join(
                dict.fromkeys(f"{claim.role} of a {claim.equipment}" for claim in policy.claims)
            )
            message = f"{name} has nothing to command in area {shape.area}: no {roles}"
            self.draft.document.warn((*where, "kind"), message, "bind such a point, or remove the policy")
        self.draft.policies[name] = (shape.area, policy)

    def _check_chosen(self, policy: AnyPolicy, area: str, where: Where) -> None:
        machines = [one.id for one in self.draft.equipment.values() if one.area == area]
        for parameter in CHOSEN:
            for index, name in enumerate(getattr(policy, parameter, ()) or ()):
                if name not in machines and name not in self._failed():
                    place = (*where, parameter, index)
                    message = f"area {area} has no equipment '{str(name)[:60]}'"
                    self.draft.document.add(place, message, nearest(name, machines))

    def _check_need(self, need: RoleNeed, policy: AnyPolicy, shape: PolicyShape, where: Where) -> None:
        if not need.required:
            return
        machines = list(reached(self.draft, policy, shape.area, need.equipment))
        place = (*where, "kind")
        if not machines and not self._failed():
            what = need.equipment or "equipment"
            message = f"{shape.kind} needs a {what} in area {shape.area}; there is none"
            self.draft.document.add(place, message, f"add equipment of kind {what} to area {shape.area}")
        for machine in machines:
            if need.role not in machine.roles and machine.id not in self.draft.incomplete:
                message = f"{machine.id} has no {need.role}, which {shape.kind} needs"
                mend = f"add {need.role}: <device>.<point> to {machine.id}"
                self.draft.document.add(("equipment", machine.id), message, mend, key=True)

    def _check_claim(self, claim: RoleClaim, policy: AnyPolicy, shape: PolicyShape, where: Where) -> bool:
        """Whether the claim reaches any point."""
        place = (*where, "kind")
        if claim.priority == Priority.GUARD:
            message = f"{shape.kind} claims priority 6, which belongs to the equipment guards"
            self.draft.document.add(place, message, "use another policy, or tell its author")
            return True
        found = False
        for machine in reached(self.draft, policy, shape.area, claim.equipment):
            if (point_id := machine.roles.get(claim.role)) is None:
                continue
            found = True
            self._claim(point_id, claim, policy, where)
            if not self.draft.points[point_id].commandable:
                message = (
                    f"{shape.kind} commands {claim.role} of {machine.id}, but {point_id} cannot be written"
                )
                mend = "bind a point with access: read_write"
                self.draft.document.add(("equipment", machine.id, claim.role), message, mend)
        return found

    def _claim(self, point_id: str, claim: RoleClaim, policy: AnyPolicy, where: Where) -> None:
        other = self._claimed.setdefault((point_id, claim.priority), policy.name)
        if other != policy.name:
            message = f"{policy.name} and {other} could both write {point_id} at priority {claim.priority}"
            self.draft.document.add(where, message, "remove one, or give each its own equipment", key=True)

    def _failed(self) -> frozenset[str]:
        """Equipment that stands in the file and could not be built: then nothing is said about lacks."""
        return frozenset(map(str, self.draft.section("equipment"))) - frozenset(self.draft.equipment)


def reached(draft: Draft, policy: AnyPolicy, area: str, kind: str) -> Iterator[Equipment]:
    """The area's equipment of that kind ("" or "*": any) the policy is not told to leave alone."""
    chosen = {name for parameter in CHOSEN for name in getattr(policy, parameter, ()) or ()}
    for machine in draft.equipment.values():
        if machine.area != area or kind not in ("", "*", machine.kind):
            continue
        if not chosen or machine.id in chosen:
            yield machine
