"""Whether the cameras still stand where they were calibrated: what each sees of people against what the others see."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.calibrate.clips import RigFault
from capture.calibrate.neighbours import triangulated
from capture.calibrate.offsets import Track, at_times
from capture.rig import Rig, plane_from_pixel, plane_from_stage, project

Floats = NDArray[np.float64]

SOUND_PX, TIMES = 12.0, 2.5
"""A detector of people is itself off by so much; a camera so many times worse than the others was moved."""
_FEWEST = 200


class Standing(NamedTuple):
    """One camera."""

    name: str
    median_px: float
    """Between what it saw and what the others' points would be in its picture; nan: too little was seen."""
    points: int
    moved: bool


def standing(rig: Rig, tracks: Mapping[str, Track]) -> list[Standing]:
    """From landmarks of people. Cameras that are not in the rig are passed over."""
    cameras = [camera for camera in rig.cameras if camera.name in tracks and len(tracks[camera.name].t_s) > 2]
    if len(cameras) < 2:
        raise RigFault("expected landmarks of two or more cameras of the rig: nothing can be compared")
    lead = tracks[cameras[0].name].t_s
    px = np.stack([at_times(tracks[camera.name], lead + camera.late_s - cameras[0].late_s) for camera in cameras])
    flat = np.stack([plane_from_pixel(camera, one) for camera, one in zip(cameras, px, strict=True)])
    matrices = np.stack([plane_from_stage(camera) for camera in cameras])
    apart = [_apart(Rig(tuple(cameras)), matrices, px, flat, number) for number in range(len(cameras))]
    names = [camera.name for camera in cameras]
    if len(cameras) == 2:
        return judged(names, [one.median_px for one in apart], [one.points for one in apart])
    best = min(range(len(apart)), key=lambda number: np.nan_to_num(apart[number].rest_px, nan=np.inf))
    moved = apart[best].median_px > max(SOUND_PX, TIMES * apart[best].rest_px)
    return [
        Standing(name, one.median_px, one.points, bool(moved and number == best))
        for number, (name, one) in enumerate(zip(names, apart, strict=True))
    ]


class _Apart(NamedTuple):
    median_px: float
    """This camera against what the others place without it."""
    rest_px: float
    """The others against that themselves: small where they agree, so small without the one that was moved."""
    points: int


def _apart(rig: Rig, matrices: Floats, px: Floats, flat: Floats, number: int) -> _Apart:
    count, shape = len(rig.cameras), flat.shape[1:3]
    others = [c for c in range(count) if c != number] if count > 2 else [0, 1]
    placed = triangulated(matrices[others], flat[others].reshape(len(others), -1, 2)).reshape(*shape, 3)
    off = _off(px[number] - project(rig.cameras[number], placed))
    rest = [_off(px[c] - project(rig.cameras[c], placed)) for c in others]
    medians = [float(np.median(one)) for one in rest if one.size]
    median = float(np.median(off)) if off.size >= _FEWEST else float("nan")
    return _Apart(median, max(medians, default=float("nan")), int(off.size))


def _off(away: Floats) -> Floats:
    far = np.linalg.norm(away, axis=-1)
    return far[np.isfinite(far)]


def judged(names: Sequence[str], medians_px: Sequence[float], points: Sequence[int]) -> list[Standing]:
    """The one that was moved spoils the others' figures too, so only the worst is named."""
    known = [one for one in medians_px if np.isfinite(one)]
    worst = max(known, default=float("nan"))
    rest = float(np.median([one for one in known if one != worst])) if len(known) > 1 else float("nan")
    bad = worst > SOUND_PX and (len(names) == 2 or worst > TIMES * rest)
    return [
        Standing(name, median, count, bool(bad and median == worst))
        for name, median, count in zip(names, medians_px, points, strict=True)
    ]
