"""A lens table with new rows in it."""

from collections.abc import Sequence

import msgspec

from bridge.calibrate.lens.sightings import span_of
from bridge.stage import LensPoint


def merged(before: Sequence[LensPoint], new: Sequence[LensPoint], *, add: bool) -> tuple[LensPoint, ...]:
    """The new rows, in order; with `add` the old ones too, except where a new one is. Focus distances: all or none."""
    kept = [old for old in before if add and not any(_same(old, row, [*before, *new]) for row in new)]
    rows = sorted([*kept, *new], key=lambda row: (row.zoom_raw_unit, row.focus_raw_unit))
    if any(row.focus_distance_m is None for row in rows):
        rows = [msgspec.structs.replace(row, focus_distance_m=None) for row in rows]
    return tuple(rows)


def _same(old: LensPoint, row: LensPoint, known: Sequence[LensPoint]) -> bool:
    zoom_span = span_of([point.zoom_raw_unit for point in known])
    focus_span = span_of([point.focus_raw_unit for point in known])
    near = abs(old.zoom_raw_unit - row.zoom_raw_unit) <= zoom_span
    return near and abs(old.focus_raw_unit - row.focus_raw_unit) <= focus_span
