"""Ready garages: the hall of the demonstration, and a parking hall of any size with 458 lamps at its default size."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from hil.plant.garage import GarageDesign
from hil.plant.garage_map import GarageMap, GroupKind, LampPlan, Point, lamps_along
from hil.plant.traffic import TrafficDesign


def demo_map() -> GarageMap:
    """Eight groups in a row, 290 lamps: a ramp of 24, six pieces of a hall of 42 each, stairs of 14 at the far end."""
    groups = [_plain("ramp", GroupKind.RAMP, ((-72.0, 0.0), (0.0, 0.0)), 24)]
    for number, letter in enumerate("abcdef"):
        path = ((56.0 * number, 0.0), (56.0 * (number + 1), 0.0))
        rows = (offset for offset in (-5.5, 0.0, 5.5))
        lamps = tuple(lamp for offset in rows for lamp in lamps_along(path, 14, offset))
        name = f"aisle_{letter}"
        groups.append(LampPlan(name=name, kind=GroupKind.AISLE, path=path, lamps=lamps, bays=44, width=16.5))
    stairs = ((336.0, 0.0), (356.0, 0.0))
    groups.append(_plain("stairs", GroupKind.STAIRS, stairs, 14, width=6.0))
    return GarageMap(groups=tuple(groups), gates=((-72.0, 0.0),), doors=((356.0, 0.0),))


def demo_garage() -> GarageDesign:
    """The garage of the demonstration site: 200 cars a day on 264 bays, so that there is always something to see."""
    return GarageDesign(plan=demo_map(), traffic=TrafficDesign(cars=200.0, wanderers=30.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class HallDesign:
    """A hall of parallel aisles between two cross lanes, bays on both sides of each aisle.

    Lengths in m. A piece of `piece` m with `lamps` lamps is one group; so is each row of bays along it. With the
    defaults: 458 lamps in 116 groups and 352 bays on 9,300 m2: 26 m2 a bay, a tight plan (25-35 m2 is usual).
    """

    aisles: int = 8
    pieces: int = 4
    piece: float = 16.0
    lamps: int = 4
    bays: int = 6  # a row of one piece: 2.4 m each and a column
    pitch: float = 16.6  # between aisles: a lane of 6 m and two rows of bays of 5.3 m
    ramp: float = 40.0  # 4.8 m down at 12 % (JGJ 100-2015 allows 15 % for straight ramps)
    ramp_pieces: int = 2
    ramp_lamps: int = 5
    stairs: float = 6.0
    stair_lamps: int = 2


def hall_map(design: HallDesign) -> GarageMap:
    """The hall with a gate at the end of its ramp and a stair door at each of its four corners."""
    length, depth = design.pieces * design.piece, (design.aisles - 1) * design.pitch
    groups: list[LampPlan] = []
    for number in range(design.ramp_pieces):
        step = design.ramp / design.ramp_pieces
        path = ((number * step - design.ramp, 0.0), ((number + 1) * step - design.ramp, 0.0))
        groups.append(_plain(f"ramp_{number + 1}", GroupKind.RAMP, path, design.ramp_lamps))
    for side, x in (("west", 0.0), ("east", length)):
        levels = [design.pitch * number for number in range(design.aisles)]
        for number, (low, high) in enumerate(pairwise(levels), start=1):
            path = ((x, low), (x, high))
            groups.append(_plain(f"{side}_{number}", GroupKind.CROSSING, path, design.lamps))
    for number in range(design.aisles):
        groups += _aisle(design, number)
    doors: list[Point] = []
    for name, x, y, way in (("sw", 0.0, 0.0, -1), ("se", length, 0.0, -1), ("nw", 0.0, depth, 1), ("ne", length, depth, 1)):  # fmt: skip
        door = (x, y + way * design.stairs)
        doors.append(door)
        groups.append(
            _plain(f"stairs_{name}", GroupKind.STAIRS, ((x, y), door), design.stair_lamps, width=3.0)
        )
    return GarageMap(groups=tuple(groups), gates=((-design.ramp, 0.0),), doors=tuple(doors))


def _aisle(design: HallDesign, number: int) -> list[LampPlan]:
    """One aisle in pieces, each with a row of bays to its left (north) and its right."""
    groups: list[LampPlan] = []
    y, offset = design.pitch * number, 5.65  # half a lane and half a bay
    for piece in range(design.pieces):
        low, high = piece * design.piece, (piece + 1) * design.piece
        name = f"aisle_{number + 1}_{piece + 1}"
        groups.append(_plain(name, GroupKind.AISLE, ((low, y), (high, y)), design.lamps))
        for side, way in (("n", 1.0), ("s", -1.0)):
            first, last = piece == 0, piece == design.pieces - 1
            a, b = low + (3.0 if first else 0.0), high - (3.0 if last else 0.0)  # clear of the cross lanes
            path = ((a, y + way * offset), (b, y + way * offset))
            row = LampPlan(
                name=f"bays_{number + 1}_{piece + 1}_{side}",
                kind=GroupKind.BAYS,
                path=path,
                lamps=lamps_along(path, design.lamps),
                bays=design.bays - first - last,
                beside=name,
                width=5.3,
            )
            groups.append(row)
    return groups


def _plain(name: str, kind: GroupKind, path: tuple[Point, Point], lamps: int, width: float = 6.0) -> LampPlan:
    return LampPlan(name=name, kind=kind, path=path, lamps=lamps_along(path, lamps), width=width)
