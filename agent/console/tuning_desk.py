"""Changing parameters: modes, tuning for good or on probation, and taking it back. With a preview before, and a name after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.console.look import Look
from agent.console.tuning_look import TuningLook
from agent.console.tuning_views import ChangePreview, ModeView, TuningView
from agent.console.unknown_name import UnknownNameError
from agent.console.views import AreaView
from agent.control.tunings import Tunings
from agent.core.point import Value
from agent.core.tuning import AS_FILED, Layer, tunable


class TuningDesk:
    """Errors are ValueError (with the sentence for the person) or UnknownNameError."""

    def __init__(self, tunings: Tunings, view: TuningLook, look: Look) -> None:
        self._tunings = tunings
        self._view = view
        self._look = look

    def modes(self, area: str) -> Sequence[ModeView]:
        self._look.known_area(area)
        return self._view.modes(area)

    def preview_mode(self, area: str, name: str) -> ChangePreview:
        """`name` empty: none, the site file as it is."""
        self._known_mode(area, name)
        return self._view.change(area, self._tunings.would_be(area, name), name)

    async def set_mode(
        self, area: str, name: str, *, seconds: float | None, actor: str, reason: str
    ) -> AreaView:
        self._known_mode(area, name)
        await self._tunings.choose(area, name, seconds=seconds, actor=actor, reason=reason)
        return self._look.area(area)

    async def end_mode(self, area: str, *, actor: str, reason: str) -> AreaView:
        """A person's choice ends: what the calendar says holds, else the site file."""
        self._look.known_area(area)
        stands = self._tunings.mode(area)
        if stands is None:
            raise ValueError(f"no mode is chosen in area {area}")
        await self._tunings.undo(stands.id, actor=actor, reason=reason)
        return self._look.area(area)

    def tunings(self) -> Sequence[TuningView]:
        return self._view.tunings()

    def preview_tuning(self, policy: str, values: Mapping[str, Value]) -> ChangePreview:
        area = self._known_policy(policy, values)
        return self._view.change(area, {policy: self._tunings.would_be_tuned(policy, values)}, None)

    async def tune(self, policy: str, parameter: str, value: Value, *, actor: str, reason: str) -> AreaView:
        """One parameter, for good."""
        area = self._known_policy(policy, {parameter: value})
        await self._tunings.tune(policy, {parameter: value}, actor=actor, reason=reason)
        return self._look.area(area)

    async def try_out(
        self,
        policy: str,
        values: Mapping[str, Value],
        *,
        seconds: float | None,
        ends_on: tuple[str, ...],
        actor: str,
        reason: str,
    ) -> TuningView:
        """Several parameters at once; with `seconds` on probation: they go back unless somebody confirms them."""
        self._known_policy(policy, values)
        made = await self._tunings.tune(
            policy, values, actor=actor, reason=reason, seconds=seconds, ends_on=ends_on
        )
        return self._view.tuning(made)

    async def confirm_tuning(self, tuning: str, *, actor: str, reason: str) -> TuningView:
        trials = [one.id for one in self._tunings.layers if one.on_probation]
        if tuning not in trials:
            raise UnknownNameError("tuning on probation", tuning, trials)
        return self._view.tuning(await self._tunings.confirm(tuning, actor=actor, reason=reason))

    async def undo_tuning(self, which: str, *, actor: str, reason: str) -> TuningView:
        """`which`: an id, or a policy (its newest); empty: the newest of all."""
        tuned = [one for one in self._tunings.layers if one.layer is Layer.TUNED]
        found = [one for one in tuned if which in ("", one.id) or which in one.values]
        if not found:
            if not which:
                raise ValueError("nothing was tuned: the site file holds")
            names = [one.id for one in tuned] + [name for one in tuned for name in one.values]
            raise UnknownNameError("tuning", which, names)
        return self._view.tuning(await self._tunings.undo(found[-1].id, actor=actor, reason=reason))

    def _known_mode(self, area: str, name: str) -> None:
        self._look.known_area(area)
        modes = self._tunings.modes.get(area, {})
        if name != AS_FILED and name not in modes:
            raise UnknownNameError("mode", name, modes)

    def _known_policy(self, policy: str, values: Mapping[str, Value]) -> str:
        area = self._tunings.area_of(policy)
        if area is None:
            raise UnknownNameError("policy", policy, self._tunings.policies())
        known = [one.name for one in tunable(type(self._tunings.filed(policy)))]
        for name in values:
            if name not in known:
                raise UnknownNameError("parameter", name, known)
        return area
