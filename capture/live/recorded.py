"""The watch over cameras once more, from what takes have kept of each second: the same rule, over days if need be.

The first takes say how the cameras stood at the beginning; cameras that were calibrated anew begin anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.messages import CaptureCamera
from capture.live import standing
from capture.rig import Rig, RigCamera

Floats = NDArray[np.float64]


class Second(NamedTuple):
    """One second of a take in which a performer was seen."""

    rig: Rig
    off_px: Floats
    """[C], NaN: nothing was seen."""
    aside_px: Floats
    """[C, 2]."""


class Stood(NamedTuple):
    """The cameras of the last takes."""

    rig: Rig
    seconds: int
    """With a performer, since these cameras were calibrated."""
    off_px: Floats
    aside_deg: Floats
    """[C] each, medians of the last third of a minute."""
    moved: tuple[str, ...]
    """One of them was; the likeliest first."""
    verdict: str
    """A sentence; empty where all stand."""


def seconds_of(reports: Iterable[CaptureCamera]) -> list[Second]:
    """A take's, from what its calibrated cameras said of themselves once a second."""
    rounds: list[dict[str, CaptureCamera]] = [{}]
    for report in reports:
        if report.calibrated and report.width_px and report.half_view_unit[0] > 0.0:
            if report.subject in rounds[-1]:
                rounds.append({})
            rounds[-1][report.subject] = report
    last = {name: one for said in rounds for name, one in said.items()}
    rig = _rig([last[name] for name in sorted(last)])
    every = (_second(rig, said) for said in rounds)
    return [one for one in every if np.isfinite(one.off_px).sum() >= 2]


def _rig(cameras: Sequence[CaptureCamera]) -> Rig:
    rms_px = [one.calibrated_px for one in cameras]
    whole_px = float(np.sqrt(np.mean(np.square(rms_px)))) if all(rms_px) and rms_px else 0.0
    return Rig(tuple(_camera(one) for one in cameras), whole_px)


def _camera(one: CaptureCamera) -> RigCamera:
    """Its picture's middle stands for its lens's: only angles are asked of it."""
    size_px, (across, up) = (one.width_px, one.height_px), one.half_view_unit
    middle_px = (0.5 * size_px[0], 0.5 * size_px[1])
    focal_px = (middle_px[0] / across, middle_px[1] / up)
    placed = (one.position_m, one.rotation_wxyz)
    return RigCamera(one.subject, size_px, focal_px, middle_px, *placed, rms_px=one.calibrated_px)


def _second(rig: Rig, said: Mapping[str, CaptureCamera]) -> Second:
    off_px, aside_px = np.full(len(rig.cameras), np.nan), np.full((len(rig.cameras), 2), np.nan)
    for row, camera in enumerate(rig.cameras):
        one = said.get(camera.name)
        if one is not None and one.reprojection_px > 0.0:
            off_px[row] = one.reprojection_px
            aside_px[row] = one.aside_px if any(one.aside_px) else np.nan
    return Second(rig, off_px, aside_px)


def stood(seconds: Iterable[tuple[str, Second]]) -> Stood | None:
    """Judged one after the other, as the service does; each with the name of its take. None: nobody was seen."""
    rig, count, watched, verdict = Rig(()), 0, standing.Watched(), ""
    for take, second in seconds:
        if second.rig != rig:
            rig, count, watched, verdict = second.rig, 0, standing.Watched(), ""
        count += 1
        watched, found = standing.judge(rig, standing.seen(watched, second.off_px, second.aside_px))
        verdict = f"{take}: {found.news}" if found.news else verdict if watched.told else ""
    if not count:
        return None
    nothing = np.full(len(rig.cameras), np.nan)
    per_deg = np.array([camera.focal_px[0] for camera in rig.cameras]) * np.pi / 180.0
    aside_px = standing.medians([one.ravel() for one in watched.aside], np.repeat(nothing, 2)).reshape(-1, 2)
    off_px = standing.medians(watched.seconds[-standing.LEAST_S :], nothing)
    return Stood(rig, count, off_px, np.linalg.norm(aside_px, axis=1) / per_deg, watched.told, verdict)
