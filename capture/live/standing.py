"""Whether each camera still stands where it was calibrated, while it films: what it sees against where the solve is.

A detector of people is off by pixels itself, but in all directions; a camera that was moved sees all of a performer
aside, the same way in every picture. So by how much it lies aside is compared with how it was at the beginning, which
finds a camera that is touched on set by a fine figure, and with none at all, which finds one that was touched before
by a coarse one. Distances from the solve, which have no direction, find the rest.
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
SINCE_DEG, EVER_DEG = 0.38, 0.75
"""How far aside a performer is seen, when it is the camera: since the beginning, and at all. A camera that was turned
by one degree shows four to six tenths of it; the solve goes along with the rest."""
GOOD_PX = 2.0
"""Left over by a calibration that is held to what it says; another is only held to what it was at the beginning."""
_USUAL_TIMES, _BAD_UNIT, _TIMES = 2.5, 0.5, 1.5
"""Of how it wavers, of the worst at the beginning, and of the cameras' median: less is no news."""
_AS_MUCH = 0.6


class Watched(NamedTuple):
    """What is remembered of all cameras; rows are [C] in the rig's order, pixels, NaN: nothing was seen."""

    moments: tuple[tuple[Floats, Floats], ...] = ()
    """Of the second that runs: distances [C], and ways [C, 2]."""
    seconds: tuple[Floats, ...] = ()
    """Medians, of the last minute."""
    aside: tuple[Floats, ...] = ()
    """[C, 2], medians of the last third of a minute, of seconds with a performer."""
    begun: "Begun | None" = None
    told: tuple[str, ...] = ()
    """The cameras that were said to have moved, or one of them; the likeliest first."""
    calm_s: int = 0
    """Since it last looked so."""


class Begun(NamedTuple):
    """How the cameras stood in the first third of a minute."""

    aside_px: Floats
    """[C, 2]."""
    wavers_px: Floats
    """[C], between seconds."""


class Judged(NamedTuple):
    """Once a second."""

    second_px: Floats
    aside_px: Floats
    """[C, 2], of the second."""
    minute_px: Floats
    moved: str
    """A camera's name; empty where all stand."""
    news: str
    """A sentence when it was found out just now."""


def seen(watched: Watched, off_px: Floats, aside_px: Floats) -> Watched:
    """One moment more."""
    return watched._replace(moments=(*watched.moments, (off_px, aside_px)))


def judge(rig: Rig, watched: Watched) -> tuple[Watched, Judged]:
    """A second has passed."""
    nothing = np.full(len(rig.cameras), np.nan)
    second = medians([off for off, _ in watched.moments], nothing)
    seconds = (*watched.seconds, second)[-REMEMBERED_S:]
    minute = medians(seconds, nothing)
    aside = medians([way.ravel() for _, way in watched.moments], np.full(2 * len(nothing), np.nan)).reshape(-1, 2)
    watched = _aside(watched, aside)
    known = np.isfinite(np.array(seconds)).sum(axis=0)
    figures = [float(px) if count >= LEAST_S else float("nan") for px, count in zip(minute, known, strict=True)]
    stand = judged([camera.name for camera in rig.cameras], figures, [int(count) for count in known])
    moved = next((one for one in stand if one.moved), None) if len(rig.cameras) > 1 else None
    names, sentence = ((moved.name,), _far(rig, stand, moved)) if moved else _turned(rig, watched)
    watched, news = _said(watched._replace(moments=(), seconds=seconds), names)
    return watched, Judged(second, aside, minute, watched.told[0] if watched.told else "", sentence if news else "")


def _said(watched: Watched, names: tuple[str, ...]) -> tuple[Watched, bool]:
    """Whether it is news: two cameras that look at each other take turns in looking worse, and a figure at its limit
    comes and goes."""
    if names and names[0] not in watched.told:
        return watched._replace(told=names, calm_s=0), True
    calm_s = 0 if names else watched.calm_s + 1
    return watched._replace(told=watched.told if calm_s < LEAST_S else (), calm_s=calm_s), False


# --- aside ------------------------------------------------------------------------------------------------------------


def _aside(watched: Watched, now: Floats) -> Watched:
    """With the second that ran; the first ones are how it all began."""
    if not np.isfinite(now).any():
        return watched
    aside = (*watched.aside, now)[-LEAST_S:]
    if watched.begun is None and len(aside) == LEAST_S:
        usual = _recent(aside)
        apart = [np.linalg.norm(one - usual, axis=1) for one in aside]
        watched = watched._replace(begun=Begun(usual, medians(apart, np.full(len(now), np.nan))))
    return watched._replace(aside=aside)


def _recent(aside: Sequence[Floats]) -> Floats:
    shape = aside[0].shape
    return medians([one.ravel() for one in aside], np.full(aside[0].size, np.nan)).reshape(shape)


def _turned(rig: Rig, watched: Watched) -> tuple[tuple[str, ...], str]:
    """The cameras of which one sees performers aside, and what to say of it; empty where none does."""
    if watched.begun is None or len(rig.cameras) < 3:
        return (), ""
    now, begun, focal_px = _recent(watched.aside), watched.begun, np.array([one.focal_px[0] for one in rig.cameras])
    per_deg = focal_px * np.pi / 180.0
    since = np.linalg.norm(now - begun.aside_px, axis=1) / per_deg
    ever = np.linalg.norm(now, axis=1) / per_deg
    wavers = _USUAL_TIMES * begun.wavers_px / per_deg
    bad = _BAD_UNIT * float(np.nanmax(np.linalg.norm(begun.aside_px, axis=1) / per_deg, initial=0.0))
    least = np.fmax(np.fmax(wavers, bad), SINCE_DEG)
    if 0.0 < rig.rms_px <= GOOD_PX and _stands_out(ever, np.full(len(ever), EVER_DEG)):
        return _aside_words(rig, ever, "beside where its calibration has them")
    if _stands_out(since, least):
        return _aside_words(rig, since, "beside where they were at the beginning")
    return (), ""


def _stands_out(deg: Floats, least: Floats) -> bool:
    """More than the least that counts, and more than the others; of three cameras all see aside what one does."""
    if not np.isfinite(deg).any():
        return False
    worst = int(np.nanargmax(deg))
    return bool(deg[worst] > least[worst] and (len(deg) < 4 or deg[worst] > _TIMES * np.nanmedian(deg)))


def _aside_words(rig: Rig, deg: Floats, since: str) -> tuple[tuple[str, ...], str]:
    worst = int(np.nanargmax(deg))
    others = [row for row in range(len(deg)) if row != worst and deg[row] > _AS_MUCH * deg[worst]]
    names = tuple(rig.cameras[row].name for row in (worst, *others))
    return names, (
        f"{' or '.join(names)} was moved: performers are {deg[worst]:.1f} degrees {since} there, "
        f"{np.nanmedian(deg):.1f} before most cameras; {_REMEDY}"
    )


# --- far --------------------------------------------------------------------------------------------------------------

_REMEDY = "put it back, or `cyc calibrate rig` again; `cyc calibrate rig rescue` brings it to about 20 mm"


def _far(rig: Rig, stand: Sequence[Standing], moved: Standing) -> str:
    others = float(np.nanmedian([one.median_px for one in stand if one is not moved]))
    rms_px = next(camera.rms_px for camera in rig.cameras if camera.name == moved.name)
    then = f", and {rms_px:.1f} px when it was calibrated" if rms_px else ""
    return (
        f"{moved.name} was moved, or one that looks across at it: {moved.median_px:.1f} px off where the others are "
        f"{others:.1f} px off{then}; {_REMEDY}"
    )


def medians(rows: Sequence[Floats], nothing: Floats) -> Floats:
    """Of each column's known figures; NaN where there is none."""
    known = np.array(rows).reshape(len(rows), len(nothing))
    return np.array([np.median(one[np.isfinite(one)]) if np.isfinite(one).any() else np.nan for one in known.T])
