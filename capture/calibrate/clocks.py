"""How late each camera of a rig is, by what its clips show of a performer: found and known to be, or refused."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.calibrate.clips import RigFault
from capture.calibrate.offsets import Track, by_place, by_speed, not_found
from capture.rig import Rig

Floats = NDArray[np.float64]

_FEWEST = 30
"""Pictures with a performer, of each camera: less is no movement."""


class Clocks(NamedTuple):
    """Of the cameras that filmed, in the rig's order; the first is who the others are measured against."""

    rig: Rig
    """All its cameras. The first keeps its lateness, so that those without a clip stay in step."""
    names: tuple[str, ...]
    late_s: Floats
    """[C], as in the rig."""
    sigma_s: Floats
    """[C]; inf: nothing tells. 0 for the first."""
    frame_s: float
    refused: str
    """Why it must not be used; empty where it may."""


def clocks(rig: Rig, tracks: Mapping[str, Track], most_s: float) -> Clocks:
    """From clocks that are at most so far apart. RigFault where the clips show too little to begin with."""
    filmed = tuple(camera for camera in rig.cameras if camera.name in tracks)
    names = tuple(camera.name for camera in filmed)
    if len(filmed) < 2:
        raise RigFault("expected clips of two or more cameras: a clock is late against another's")
    blind = [f"{name} in {len(tracks[name].t_s)}" for name in names if len(tracks[name].t_s) < _FEWEST]
    if blind:
        raise RigFault(
            f"a performer was seen by {', '.join(blind)} pictures, expected {_FEWEST} or more: film somebody whom all "
            "cameras see whole, or leave that clip out"
        )
    seen = [tracks[name] for name in names]
    found = by_place(Rig(filmed, rig.rms_px), seen, [lag.late_s for lag in by_speed(seen, most_s)])
    frame_s = float(np.median(np.diff(seen[0].t_s)))
    late_s = found.late_s + filmed[0].late_s
    put = dict(zip(names, late_s, strict=True))
    cameras = tuple(one._replace(late_s=float(put.get(one.name, one.late_s))) for one in rig.cameras)
    return Clocks(
        rig._replace(cameras=cameras), names, late_s, found.sigma_s, frame_s, not_found(found, names, frame_s)
    )
