"""5.20.4.8-9 Capacity requirement: the cooling the set-point asks for, a five-minute mean, frozen while stages change."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from agent.calc.cooling import WATER, cooling
from agent.core.frozen import quick
from policies.chiller_plant.pi_loop import Rolling, rolled

HOLD = 900.0  # s the value stands from the begin of a stage change, or as long as the change takes


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """Required cooling in kW (None: unknown); `blind`: s for which nothing could be measured."""

    window: Rolling = field(default_factory=Rolling)
    required: float | None = None
    held: float = HOLD  # s since the last stage change began
    blind: float = 0.0
    source: str = ""

    @property
    def present(self) -> float | None:
        """KW of just now."""
        return self.window.bins[-1][0] if self.window.bins else None


def instant(
    flow: float | None, back: float | None, supply: float | None, setpoint: float
) -> tuple[float | None, str]:
    """Kilowatts from flow (l/s), return and wanted supply temperature (degC), and why not.

    The measured supply only proves that the sensors can be believed together; a plant that is still warm has to be brought
    to its set-point, so that counts (5.20.4.8).
    """
    if flow is None or back is None:
        return None, "flow or return temperature not readable"
    fault = "" if supply is None else cooling(flow, supply, back).fault
    if fault:
        return None, fault
    return max(flow, 0.0) * WATER * max(back - setpoint, 0.0), ""


def capacity_step(
    before: Capacity, value: float | None, seconds: float, *, changing: bool, period: float
) -> Capacity:
    """`changing`: a stage change is under way; whoever begins one sets `held` to nothing."""
    since = before.held + seconds
    if value is None:
        return replace(before, held=since, blind=before.blind + seconds)
    window = rolled(before.window, value, seconds, period)
    frozen = (changing or since < HOLD) and before.required is not None
    return Capacity(
        window=window,
        required=before.required if frozen else window.mean,
        held=since,
        source=before.source,
    )
