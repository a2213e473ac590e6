"""Rigs to film the performer with: one to eight cameras round, and one close to the face or the hands."""

import numpy as np
from numpy.typing import NDArray

from bridge.frames import quat_from_matrix
from bridge.messages import Distortion
from capture.rig import Rig, RigCamera

Floats = NDArray[np.float64]

AZIMUTHS_DEG: dict[int, tuple[float, ...]] = {
    1: (0.0,),
    2: (-35.0, 55.0),
    3: (-45.0, 45.0, 180.0),
    4: (-45.0, 45.0, 135.0, -135.0),
    5: (0.0, -65.0, 65.0, 140.0, -140.0),
    6: (-30.0, 30.0, 90.0, 150.0, -150.0, -90.0),
    7: (0.0, -50.0, 50.0, 100.0, -100.0, 155.0, -155.0),
    8: (-22.5, 22.5, 67.5, 112.5, 157.5, -157.5, -112.5, -67.5),
}
"""Where round the performer each camera stands: 0 in front, + towards the own left."""
HEIGHTS_M = (1.35, 2.1, 1.5, 2.2)
SIZE_PX, FOCAL_PX, DISTANCE_M = (1280, 720), 880.0, 3.3


def looking(
    name: str, position_m: Floats, at_m: Floats, focal_px: float, size_px: tuple[int, int] = SIZE_PX
) -> RigCamera:
    """A level camera that has a point in its middle."""
    forward = at_m - position_m
    forward = forward / np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    turn = np.stack((right, forward, np.cross(right, forward)), axis=1)
    x, y, z = (float(value) for value in position_m)
    centre = (size_px[0] / 2, size_px[1] / 2)
    return RigCamera(name, size_px, (focal_px, focal_px), centre, (x, y, z), quat_from_matrix(turn))


def ring(count: int, size_px: tuple[int, int] = SIZE_PX, distance_m: float = DISTANCE_M) -> Rig:
    """One to eight cameras round the stage's origin, alternately at eye height and above."""
    scale = size_px[1] / SIZE_PX[1]
    azimuths = np.array(AZIMUTHS_DEG[count]) * (np.pi / 180.0)
    cameras = [
        looking(
            f"cam{number + 1}",
            np.array([distance_m * np.sin(azimuth), -distance_m * np.cos(azimuth), HEIGHTS_M[number % 4]]),
            np.array([0.0, 0.0, 0.98]),
            FOCAL_PX * scale,
            size_px,
        )
        for number, azimuth in enumerate(azimuths)
    ]
    return Rig(tuple(cameras))


def face_camera(eyes_m: Floats, size_px: tuple[int, int] = SIZE_PX) -> RigCamera:
    """Close before a face that looks along -Y."""
    return looking("face", eyes_m + [0.05, -0.8, 0.0], eyes_m - [0.0, 0.0, 0.04], 2.2 * size_px[1], size_px)


def hands_camera(chest_m: Floats, size_px: tuple[int, int] = SIZE_PX) -> RigCamera:
    """Close before the hands held up to the chest."""
    return looking("hands", chest_m + [0.0, -1.25, 0.1], chest_m, 1.7 * size_px[1], size_px)


def imperfect(rig: Rig, late_s: tuple[float, ...] = (), bend: bool = False) -> Rig:
    """The same rig with late cameras and, if wanted, lenses that bend as small webcams do."""
    lens = Distortion(k1_unit=-0.09, k2_unit=0.035) if bend else Distortion()
    late = [*late_s, *([0.0] * len(rig.cameras))]
    return Rig(tuple(c._replace(late_s=float(s), distortion=lens) for c, s in zip(rig.cameras, late, strict=False)))
