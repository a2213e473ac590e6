"""Whether each camera still stands where it was calibrated, while it films: what it sees against where the solve is.

A detector of people is off by pixels itself, so a camera is measured against its fellows, not against its calibration.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.calibrate.health import Standing, judged
from capture.rig import Rig

Floats = NDArray[np.float64]

REMEMBERED_S, LEAST_S = 60, 20
"""A judgement looks back a minute, and none is made on less than a third of one."""


class Watched(NamedTuple):
    """What is remembered of all cameras; rows are [C] in the rig's order, pixels, NaN: nothing was seen."""

    moments: tuple[Floats, ...] = ()
    """Of the second that runs."""
    seconds: tuple[Floats, ...] = ()
    """Medians, of the last minute."""
    told: str = ""
    """The camera that was said to have moved."""


class Judged(NamedTuple):
    """Once a second."""

    second_px: Floats
    minute_px: Floats
    moved: str
    """A camera's name; empty where all stand."""
    news: str
    """A sentence when it was found out just now."""


def seen(watched: Watched, off_px: Floats) -> Watched:
    """One moment more."""
    return watched._replace(moments=(*watched.moments, off_px))


def judge(rig: Rig, watched: Watched) -> tuple[Watched, Judged]:
    """A second has passed."""
    nothing = np.full(len(rig.cameras), np.nan)
    second = _medians(watched.moments, nothing)
    seconds = (*watched.seconds, second)[-REMEMBERED_S:]
    minute = _medians(seconds, nothing)
    known = np.isfinite(np.array(seconds)).sum(axis=0)
    figures = [float(px) if count >= LEAST_S else float("nan") for px, count in zip(minute, known, strict=True)]
    stand = judged([camera.name for camera in rig.cameras], figures, [int(count) for count in known])
    moved = next((one for one in stand if one.moved), None) if len(rig.cameras) > 1 else None
    name = moved.name if moved else ""
    news = _sentence(rig, stand, moved) if moved and name != watched.told else ""
    return Watched((), seconds, name), Judged(second, minute, name, news)


def _sentence(rig: Rig, stand: Sequence[Standing], moved: Standing) -> str:
    others = float(np.nanmedian([one.median_px for one in stand if one is not moved]))
    rms_px = next(camera.rms_px for camera in rig.cameras if camera.name == moved.name)
    then = f", and {rms_px:.1f} px when it was calibrated" if rms_px else ""
    return (
        f"{moved.name} was moved, or one that looks across at it: {moved.median_px:.1f} px off where the others are "
        f"{others:.1f} px off{then}; put it back, or `cyc calibrate rig` again"
    )


def _medians(rows: Sequence[Floats], nothing: Floats) -> Floats:
    """Of each camera's known figures; NaN where there is none."""
    known = np.array(rows).reshape(len(rows), len(nothing))
    return np.array([np.median(one[np.isfinite(one)]) if np.isfinite(one).any() else np.nan for one in known.T])
