"""From the sizes of a plant file to a group of pumps: by their duty, or with the maker's curve of the user's own pump."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hil.plant.central_design import PumpGroup
from hil.plant.pump import PumpCurve
from hil.ready_site.sizes import Sizes, wrong

KEYS = ("rise", "head", "curve", "dedicated", "variable", "efficiency", "motor", "minimum")
MISS = (
    0.05  # of the shut-off head: a curve that misses its points by more is no parabola of a centrifugal pump
)


def pump_group(part: Sizes, flows: Sequence[float]) -> PumpGroup:
    """`flows`: l/s that each pump has to give at design. Raises ConfigurationError."""
    part.allow(KEYS)
    variable = part.flag("variable", default=True)
    shape = PumpCurve(
        design_flow=1.0,
        design_head=1.0,
        efficiency=part.number("efficiency", "%", 80.0) / 100.0,
        motor=part.number("motor", "%", 93.0) / 100.0,
        drive=0.97 if variable else 1.0,
    )
    return PumpGroup(
        pumps=tuple(_pump(part, shape, flow) for flow in flows),
        dedicated=part.flag("dedicated", default=True),
        variable=variable,
        minimum=part.number("minimum", "%", 40.0),
    )


def _pump(part: Sizes, shape: PumpCurve, flow: float) -> PumpCurve:
    if not part.has("curve"):
        return replace(shape, design_flow=flow, design_head=part.number("head", "m"))
    if part.has("head"):
        raise wrong(f"{part.where}.head", "is said by the curve already", "leave out head or curve")
    top, fall = _parabola(part)
    head = top - fall * flow * flow
    if head <= 0.0:
        mend = "another pump, or a larger rise"
        raise wrong(f"{part.where}.curve", f"ends before the {flow:.1f} l/s that the plant needs", mend)
    return replace(shape, design_flow=flow, design_head=head, shut_off=top / head)


def _parabola(part: Sizes) -> tuple[float, float]:
    """Shut-off head (m) and fall (m per (l/s)2) of the parabola through points of [l/s, m], by least squares."""
    points = part.data["curve"]
    where = f"{part.where}.curve"
    if not isinstance(points, list) or len(points) < 2 or not all(_is_point(one) for one in points):
        raise wrong(
            where,
            "is a list of at least two points",
            "write curve: [[0, 40], [40, 36], [80, 25]], l/s and m at full speed",
        )
    xs, ys = [float(flow) ** 2 for flow, _ in points], [float(head) for _, head in points]
    middle, height = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - middle) ** 2 for x in xs)
    fall = (
        -sum((x - middle) * (y - height) for x, y in zip(xs, ys, strict=True)) / spread
        if spread > 0.0
        else 0.0
    )
    top = height + fall * middle
    if fall <= 0.0:
        raise wrong(where, "does not fall with the flow", "points are [l/s, m] at full speed")
    missed = max(abs(top - fall * x - y) for x, y in zip(xs, ys, strict=True))
    if missed > MISS * top:
        raise wrong(
            where, f"is no parabola: it misses a point by {missed:.1f} m", "points are [l/s, m] at full speed"
        )
    return top, fall


def _is_point(one: object) -> bool:
    return (
        isinstance(one, list)
        and len(one) == 2
        and all(
            isinstance(number, int | float) and not isinstance(number, bool) and number >= 0 for number in one
        )
    )
