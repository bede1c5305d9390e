"""5.20.4.14 Staging part-load ratios (SPLR) for the three classes of compressors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from policies.chiller_plant.pi_loop import clipped
from policies.chiller_plant.plant_layout import Compressor

if TYPE_CHECKING:
    from policies.chiller_plant.sequence import PlantSequence


def stage_class(compressors: Sequence[Compressor]) -> Compressor:
    """Any constant-speed centrifugal; all positive displacement; else any variable speed."""
    if Compressor.CONSTANT_SPEED in compressors:
        return Compressor.CONSTANT_SPEED
    if Compressor.VARIABLE_SPEED in compressors:
        return Compressor.VARIABLE_SPEED
    return Compressor.POSITIVE_DISPLACEMENT


def variable_speed_ratio(lift: float, lift_min: float, lift_max: float) -> float:
    """The part load at which one variable-speed centrifugal more pays, at this lift in K; not clipped.

    E = 0.9 / (Lmax - Lmin) * (L + 0.4 Lmax - 1.4 Lmin), 5.20.4.14.c.
    """
    return 0.9 / (lift_max - lift_min) * (lift + 0.4 * lift_max - 1.4 * lift_min)


def ratio_up(rule: PlantSequence, current: Compressor, above: Compressor, lift: float | None) -> float:
    """SPLRup: the class of the next stage up counts where it holds a constant-speed machine, else the present one."""
    if above is Compressor.CONSTANT_SPEED:
        return rule.constant_speed_ratio
    return _by_class(rule, current, lift)


def ratio_down(rule: PlantSequence, current: Compressor, below: Compressor, lift: float | None) -> float:
    """SPLRdown: the present class where it holds a constant-speed machine, else that of the next stage down."""
    if current is Compressor.CONSTANT_SPEED:
        return rule.constant_speed_ratio
    return _by_class(rule, below, lift)


def _by_class(rule: PlantSequence, one: Compressor, lift: float | None) -> float:
    if one is Compressor.POSITIVE_DISPLACEMENT:
        return rule.positive_displacement_ratio
    if one is Compressor.CONSTANT_SPEED or lift is None:  # outside the table, or blind: the cautious figure
        return rule.constant_speed_ratio
    ratio = variable_speed_ratio(lift, rule.lift_min, rule.lift_max)
    return clipped(ratio, rule.variable_speed_ratio_min, rule.variable_speed_ratio_max)
