"""Looking at changed parameters: layers and modes as views, and the rehearsal of a change in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agent.console.tuning_views import ChangePreview, ModeView, ParameterChange, PointChange, TuningView
from agent.console.wording import by_whose_word, differing
from agent.control.loop import AreaLoop
from agent.control.rehearsal import rehearse
from agent.control.tunings import Tunings
from agent.core.clock import Clock
from agent.core.parameter import ParameterSpec, parameters
from agent.core.serial import to_plain
from agent.core.tuning import DAYS, Effective, Span, Tuning


class TuningLook:
    """Made once; asks the tunings afresh each time."""

    def __init__(self, tunings: Tunings, loops: Mapping[str, AreaLoop], clock: Clock) -> None:
        self._tunings = tunings
        self._loops = loops
        self._clock = clock

    def tunings(self) -> Sequence[TuningView]:
        """Oldest first."""
        return [self.tuning(one) for one in self._tunings.layers]

    def tuning(self, one: Tuning) -> TuningView:
        left = None if one.until is None else max(0.0, one.until - self._clock.elapsed())
        return TuningView(
            id=one.id,
            layer=one.layer.value,
            area=one.area,
            name=one.name,
            values={name: dict(to_plain(values)) for name, values in one.values.items()},
            owner=one.owner,
            reason=one.reason,
            made=one.made,
            seconds_left=left,
            until=None if left is None else self._clock.utc() + left,
            on_probation=one.on_probation,
            ends_on=one.ends_on,
            left_aside=self._tunings.aside(one),
        )

    def mode(self, area: str) -> TuningView | None:
        """The mode that stands."""
        found = self._tunings.mode(area)
        return None if found is None else self.tuning(found)

    def modes(self, area: str) -> Sequence[ModeView]:
        chosen = self.mode(area)
        return [
            ModeView(
                area=area,
                name=one.name,
                help=one.help,
                policies={name: dict(to_plain(values)) for name, values in one.policies.items()},
                calendar=tuple(_hours(span) for span in one.when),
                chosen=chosen if chosen is not None and chosen.name == one.name else None,
            )
            for one in self._tunings.modes.get(area, {}).values()
        ]

    def differing(self, policy: str) -> tuple[dict[str, Any], ...]:
        """The parameters of a policy that are not those of the site file, and by whose word."""
        return differing(self._tunings.effective(policy))

    def change(self, area: str, wanted: Mapping[str, Effective], mode: str | None) -> ChangePreview:
        """Old and new of each parameter, and what would be set otherwise in this moment."""
        loop = self._loops[area]
        changes = tuple(change for name, one in wanted.items() for change in self._changes(name, one))
        rehearsal = rehearse(loop, {name: one.policy for name, one in wanted.items()})
        points = loop.setup.model.points
        note = "the area has not decided yet" if rehearsal is None else "; ".join(rehearsal.faults)
        return ChangePreview(
            area=area,
            mode=mode,
            parameters=changes,
            points=tuple(
                PointChange(
                    point=one.point,
                    label=points[one.point].label,
                    unit=points[one.point].unit,
                    old=one.now,
                    new=one.then,
                    reason=one.reason,
                )
                for one in (() if rehearsal is None else rehearsal.differences)
            ),
            note=note,
        )

    def _changes(self, policy: str, wanted: Effective) -> Iterator[ParameterChange]:
        now = self._tunings.effective(policy)
        for name, spec in _specs(now.policy).items():
            old, new = getattr(now.policy, name), getattr(wanted.policy, name)
            if old != new:
                source = now.sources.get(name)
                yield ParameterChange(
                    policy=policy,
                    parameter=name,
                    unit=spec.unit,
                    old=to_plain(old),
                    new=to_plain(new),
                    by=by_whose_word(source.tuning if source else None),
                    restarts=spec.restarts,
                )


def _specs(policy: Any) -> dict[str, ParameterSpec]:
    return {spec.name: spec for spec in parameters(type(policy)) if spec.name != "name"}


def _hours(span: Span) -> str:
    days = {"all": "every day", "working": "working days", "off": "days off"}[span.days]
    whole = span.start == 0.0 and span.end == DAYS
    return days if whole else f"{days} {_clock(span.start)}-{_clock(span.end)}"


def _clock(seconds: float) -> str:
    return f"{int(seconds // 3600):02d}:{int(seconds % 3600 // 60):02d}"
