"""What an operator should do about a lens calibration: one line a finding, each with a verdict."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens.outcome import Found, Outcome
from bridge.calibrate.lens.sightings import runs, span_of
from bridge.calibrate.lens.solve import FEWEST_SHOTS, Optics

Floats = NDArray[np.float64]

OK, LOOK, FIX = "OK", "look", "fix"

ENOUGH_SHOTS = 6
RMS_LOOK_PX, RMS_FIX_PX = 1.0, 2.5
FOCAL_LOOK, FOCAL_FIX = 0.001, 0.004
CORNER_LOOK_PX, CORNER_FIX_PX = 0.3, 1.5
ASLANT_LOOK_DEG, ASLANT_FIX_DEG = 20.0, 10.0
SHAPE_UNIT, SHAPE_SIGMAS = 0.003, 5.0
MOUNT_M, MOUNT_RAD = 0.005, math.radians(0.3)
STICKS_OUT_UNIT, STICKS_OUT_TIMES = 0.01, 4.0
_ENOUGH_ROWS = 6


class Verdict(NamedTuple):
    """One line of the report."""

    where: str
    what: str
    value: str
    verdict: str
    advice: str


def verdicts(outcome: Outcome, optics: Optics) -> list[Verdict]:
    """In the order of importance."""
    return [*_of_all(outcome, optics), *(line for row in outcome.rows for line in _of_row(row)), *_smooth(outcome.rows)]


def is_bad(lines: Sequence[Verdict]) -> bool:
    """Whether the table must not be written."""
    return any(line.verdict == FIX for line in lines)


# --- the whole ----------------------------------------------------------------------------------------------------


def _of_all(outcome: Outcome, optics: Optics) -> Iterator[Verdict]:
    yield from _shape(outcome, optics)
    for place in outcome.thin:
        few = len(place.shots)
        advice = f"take {ENOUGH_SHOTS - few} more there, or none at all: {FEWEST_SHOTS} are the least"
        yield Verdict(place.name, "usable shots", str(few), FIX, advice)
    yield from _shots("no board found", outcome.unseen, "light, focus, or another board than board.json says")
    yield from _shots("blurred or moving", outcome.blurred, "hold still and in focus, and shoot these again")
    yield from _shots("board elsewhere", outcome.loose, "the board or the tracker had moved: shoot these again")
    yield from _tracker(outcome)


def _shape(outcome: Outcome, optics: Optics) -> Iterator[Verdict]:
    shape = outcome.shape
    if shape is None or abs(shape.error_unit) < max(SHAPE_UNIT, SHAPE_SIGMAS * shape.sigma_unit):
        return
    width_mm, height_mm = optics.sensor_mm
    percent, wider = f"{abs(shape.error_unit):.1%}", "wider" if shape.error_unit > 0 else "narrower"
    fitting_mm = height_mm / (1.0 + shape.error_unit)
    advice = (
        f"the sensor seems {percent} {wider} against its height than sensor_mm says: as pixels are, "
        f"{width_mm:g} mm across would be {fitting_mm:.3f} mm down"
    )
    yield Verdict("all", "sensor_mm", f"{width_mm:g} x {height_mm:g} mm", FIX, advice)


def _shots(what: str, names: Sequence[str], advice: str) -> Iterator[Verdict]:
    if names:
        shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        yield Verdict("all", what, shown, LOOK, advice)


def _tracker(outcome: Outcome) -> Iterator[Verdict]:
    exact_m, exact_rad = outcome.tracker_sigma_m, outcome.tracker_sigma_rad
    if exact_m is None:
        yield Verdict("all", "entrance pupils", "as they were", LOOK, outcome.no_pupils)
        return
    value = f"{exact_m * 1e3:.2f} mm, {math.degrees(exact_rad):.3f} degrees"
    yield Verdict("all", "tracker noise", value, OK, "how far poses and pictures disagree, one sigma")
    off_m, off_rad = outcome.mount_off_m, outcome.mount_off_rad
    if off_m > MOUNT_M or off_rad > MOUNT_RAD:
        value = f"{off_m * 1e3:.1f} mm, {math.degrees(off_rad):.2f} degrees off"
        yield Verdict("all", "mount", value, LOOK, "left as it is: `cyc calibrate stage` finds it, with the walls")


# --- a row --------------------------------------------------------------------------------------------------------


def _of_row(row: Found) -> Iterator[Verdict]:
    where, shots = row.position.name, len(row.position.shots)
    if shots < ENOUGH_SHOTS:
        yield Verdict(where, "usable shots", str(shots), LOOK, f"take {ENOUGH_SHOTS} or more at each position")
    yield from _judged(where, "residual", row.rms_px, (RMS_LOOK_PX, RMS_FIX_PX), "px", _RESIDUAL)
    if row.odd:
        yield Verdict(
            where, "shots left out", ", ".join(row.odd), LOOK, "they did not fit the others: was a ring moved?"
        )
    if row.aslant_deg < ASLANT_LOOK_DEG:
        verdict = FIX if row.aslant_deg < ASLANT_FIX_DEG else LOOK
        advice = "nearly face-on, where focal length and distance are confused: tilt the board by 30 to 45 degrees"
        yield Verdict(where, "board tilted by", f"{row.aslant_deg:.0f} degrees", verdict, advice)
    sigma = row.focal_sigma_unit * 100
    yield from _judged(where, "focal length known to", sigma, (FOCAL_LOOK * 100, FOCAL_FIX * 100), "%", _FOCAL)
    if row.bare:
        advice = f"bring the board into the {' and the '.join(row.bare)} corner of the picture"
        value = f"{row.covered_unit:.0%} of the picture"
        yield Verdict(where, "corners seen in", value, FIX if len(row.bare) == 4 else LOOK, advice)
    limits = (CORNER_LOOK_PX, CORNER_FIX_PX)
    yield from _judged(where, "distortion known to", row.corner_sigma_px, limits, "px", _CORNER)
    if row.folded:
        advice = "a closer fit would fold inside the picture and was refused: cover the corners"
        yield Verdict(where, "distortion", f"{row.terms} terms", LOOK, advice)


_RESIDUAL = "corners do not fit: is the board flat, its square_mm right, all shots at one zoom and focus?"
_FOCAL = "more shots, aslant and at several distances"
_CORNER = "more shots with the board in the picture's corners"


def _judged(
    where: str, what: str, value: float, limits: tuple[float, float], unit: str, advice: str
) -> Iterator[Verdict]:
    if not value <= limits[0]:
        yield Verdict(where, what, f"{value:.3g} {unit}", LOOK if value <= limits[1] else FIX, advice)


# --- the table ----------------------------------------------------------------------------------------------------


def _smooth(rows: Sequence[Found]) -> Iterator[Verdict]:
    """Focal lengths go one way along the zoom ring, and no row strays from a curve through its neighbours."""
    focuses = [(row.position.focus_unit, index) for index, row in enumerate(rows)]
    for run in runs(focuses, span_of([count for count, _ in focuses])):
        along = sorted((rows[index] for index in run), key=lambda row: row.position.zoom_unit)
        steps = [math.log(b.point.focal_length_mm / a.point.focal_length_mm) for a, b in pairwise(along)]
        for index, (first, second) in enumerate(pairwise(steps), start=1):
            if first * second < 0 and min(abs(first), abs(second)) > STICKS_OUT_UNIT:
                yield _stray(along[index], "the focal length turns round here")
        yield from _off_curve(along)


def _off_curve(along: Sequence[Found]) -> Iterator[Verdict]:
    """The row without which all others lie on a curve, where there are enough rows to tell."""
    if len(along) < _ENOUGH_ROWS:
        return
    zoom = np.array([row.position.zoom_unit for row in along])
    focal = np.log([row.point.focal_length_mm for row in along])
    inner = range(1, len(along) - 1)
    others = [_roughness(np.delete(zoom, index), np.delete(focal, index)) for index in inner]
    odd = 1 + int(np.argmin(others))
    off = abs(focal[odd] - _foretold(zoom, focal, odd))
    if off > max(STICKS_OUT_UNIT, STICKS_OUT_TIMES * min(others)):
        yield _stray(along[odd], f"{off:.1%} from a curve through its neighbours")


def _roughness(zoom: Floats, focal: Floats) -> float:
    return max(abs(focal[index] - _foretold(zoom, focal, index)) for index in range(1, len(zoom) - 1))


def _foretold(zoom: Floats, focal: Floats, index: int) -> float:
    order = np.argsort(np.abs(zoom - zoom[index]))
    near = order[order != index][:4]
    scale = max(float(np.ptp(zoom[near])), 1e-12)
    at = (zoom[near] - zoom[index]) / scale
    return float(np.linalg.solve(np.vander(at, 4), focal[near])[-1])


def _stray(row: Found, why: str) -> Verdict:
    focal = f"{row.point.focal_length_mm:.2f} mm"
    return Verdict(row.position.name, "focal length", focal, LOOK, f"sticks out of the table ({why}): shoot it again")
