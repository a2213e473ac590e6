"""The lens table: what a lens does at its encoders' counts. Scalar, for the live path; `distortion` has the optics."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from bridge.messages import Distortion, LensState
from bridge.stage import LensPoint

Values = tuple[float, ...]  # focal length mm, pupil m, 1 / focus distance m (nan: unknown), offset x y mm, k1 ... k6


class ZoomRow(NamedTuple):
    """One zoom position: its focus stops ascending, and the lens at each."""

    focuses_unit: tuple[float, ...]
    values: tuple[Values, ...]


class LensTable(NamedTuple):
    """A lens's points, sorted by zoom and then focus for `lens_at`."""

    zooms_unit: tuple[float, ...]
    rows: tuple[ZoomRow, ...]
    focus_span_unit: tuple[float, float]
    """The least and the greatest focus stop of any zoom."""

    def held(self, zoom_raw: float, focus_raw: float) -> tuple[float, float]:
        """The counts that matter: beyond the table, those of its edge, where `lens_at` says the same."""
        low, high = self.focus_span_unit
        zooms = self.zooms_unit
        return min(max(zoom_raw, zooms[0]), zooms[-1]), min(max(focus_raw, low), high)


def lens_table(points: Sequence[LensPoint]) -> LensTable:
    """Prepare points, in any order: a prime, a line, a grid, or other focus stops at each zoom.

    ValueError where there is no point, where two share a place, or where some of them do not know the focus distance.
    """
    if not points:
        raise ValueError("lens table: expected at least one point, got none")
    ordered = sorted(points, key=_place)
    for first, second in pairwise(ordered):
        if _place(first) == _place(second):
            raise ValueError(
                f"lens table: two points at zoom {_place(first)[0]:g}, focus {_place(first)[1]:g}; keep one"
            )
    if len({point.focus_distance_m is None for point in points}) > 1:
        raise ValueError("lens table: some points have a focus_distance_m and some have not; give it to all or to none")
    rows = [list(row) for _, row in groupby(ordered, key=lambda point: point.zoom_raw_unit)]
    return LensTable(
        tuple(row[0].zoom_raw_unit for row in rows),
        tuple(ZoomRow(tuple(point.focus_raw_unit for point in row), tuple(map(_values, row))) for row in rows),
        (min(point.focus_raw_unit for point in points), max(point.focus_raw_unit for point in points)),
    )


def _place(point: LensPoint) -> tuple[float, float]:
    return point.zoom_raw_unit, point.focus_raw_unit


def _values(point: LensPoint) -> Values:
    inverse = math.nan if point.focus_distance_m is None else 1.0 / point.focus_distance_m
    k = (*point.opencv_distortion_unit, *(0.0,) * 8)[:8]
    return (point.focal_length_mm, point.entrance_pupil_m, inverse, *point.projection_offset_mm, *k)


def lens_at(table: LensTable, zoom_raw: float, focus_raw: float) -> LensState:
    """The lens at these counts: linear along focus at the two neighbouring zooms, then linear along zoom.

    So every value is exact at its point and monotone between two; the focus distance is linear in 1/distance.
    Outside the table the nearest edge holds, nothing is extrapolated: `is_outside` says when.
    """
    zooms, rows, _ = table
    above = bisect_right(zooms, zoom_raw)
    if above == 0 or above == len(zooms):
        near, far, s = _stops(rows[above and -1], focus_raw)
        return _state([a + (b - a) * s for a, b in zip(near, far, strict=True)])
    start = zooms[above - 1]
    t = (zoom_raw - start) / (zooms[above] - start)
    near, far, s = _stops(rows[above - 1], focus_raw)
    next_near, next_far, u = _stops(rows[above], focus_raw)
    quads = zip(near, far, next_near, next_far, strict=True)
    return _state([(v := a + (b - a) * s) + (c + (d - c) * u - v) * t for a, b, c, d in quads])


def _stops(row: ZoomRow, focus_raw: float) -> tuple[Values, Values, float]:
    """The two focus stops around a count, and how far it lies from the first to the second."""
    focuses, values = row
    above = bisect_right(focuses, focus_raw)
    if above == 0 or above == len(focuses):
        return values[above and -1], values[above and -1], 0.0
    start = focuses[above - 1]
    return values[above - 1], values[above], (focus_raw - start) / (focuses[above] - start)


def _state(values: Sequence[float]) -> LensState:
    focal, pupil, inverse, right, down, k1, k2, p1, p2, k3, k4, k5, k6 = values
    return LensState(
        focal_length_mm=focal,
        entrance_pupil_m=pupil,
        projection_offset_mm=(right, down),
        distortion=Distortion(k1, k2, p1, p2, k3, k4, k5, k6),
        focus_distance_m=None if inverse != inverse else 1.0 / inverse if inverse else math.inf,
    )


def is_outside(table: LensTable, zoom_raw: float, focus_raw: float) -> bool:
    """Whether `lens_at` holds an edge here. A lens with one zoom (or one focus stop) has no edge in that direction."""
    zooms, rows, _ = table
    if len(zooms) > 1 and not zooms[0] <= zoom_raw <= zooms[-1]:
        return True
    above = bisect_right(zooms, zoom_raw)
    used = rows[max(above - 1, 0) : above + 1]
    return any(
        len(row.focuses_unit) > 1 and not row.focuses_unit[0] <= focus_raw <= row.focuses_unit[-1] for row in used
    )


def lens_between(one: LensState, other: LensState, t: float) -> LensState:
    """`t` of the way from one moment's lens to another's, in a straight line; the distortion is the nearer one's."""
    if not t or one == other:
        return one
    (right, down), (to_right, to_down) = one.projection_offset_mm, other.projection_offset_mm
    near, far = one.focus_distance_m, other.focus_distance_m
    return LensState(
        focal_length_mm=_mix(one.focal_length_mm, other.focal_length_mm, t),
        entrance_pupil_m=_mix(one.entrance_pupil_m, other.entrance_pupil_m, t),
        projection_offset_mm=(_mix(right, to_right, t), _mix(down, to_down, t)),
        distortion=one.distortion if t < 0.5 else other.distortion,
        focus_distance_m=near if near is None or far is None else _mix(near, far, t),
        f_number_unit=one.f_number_unit,
    )


def _mix(a: float, b: float, t: float) -> float:
    return a + (b - a) * t
