"""What a stage file and pictures give a solver: the model as the file has it, and every corner that was seen."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.shots import Shot
from bridge.calibrate.stage.bundle import Corners, Free, Model, Told
from bridge.calibrate.stage.markers import Face, Marker, picture_coordinates
from bridge.calibrate.stage.placement import matrix_of, placement, turns_freely
from bridge.distortion import distort, pixel_from_plane, plane_from_pixel, undistort
from bridge.frames import matrix_from_quat
from bridge.lens import lens_at, lens_table
from bridge.messages import LensState
from bridge.rigs import rig_of
from bridge.stage import Camera, Stage
from bridge.stage_walls import AnyWall, ArcWall
from bridge.wall.shape import pitch_m, points
from bridge.wall.surfaces import shape_of

Floats = NDArray[np.float64]

_SMALL = 1e-5
FEWEST_MARKERS = 4
"""In a picture; fewer place a camera badly."""


class Picture(NamedTuple):
    """What was found in one."""

    size_px: tuple[int, int]
    corners_px: Mapping[int, Floats]


class Gathered(NamedTuple):
    """Ready to be solved. Shots without a use are in `Told`, and have no corners."""

    corners: Corners
    told: Told
    lenses: list[LensState]
    unknown: int
    """Markers that are not of these patterns."""
    poor: dict[int, int]
    """Shot -> markers, where there were too few."""


def faces(stage: Stage, folder: Path) -> list[Face]:
    """The walls as a marker layout must know them."""
    return [_face(wall, folder) for wall in stage.walls]


def _face(wall: AnyWall, folder: Path) -> Face:
    columns = max(1, wall.columns) if isinstance(wall, ArcWall) else 1
    return Face(wall.name, wall.pixels, pitch_m(shape_of(wall, folder), wall.pixels), columns)


def model_of(stage: Stage, camera: Camera) -> Model:
    """As the stage file has it."""
    rig = rig_of(stage, camera)
    tracker, tracker_m = matrix_of(rig.stage_from_tracker)
    mount, mount_m = matrix_of(rig.body_from_sensor)
    walls = [matrix_of(placement(wall)) for wall in stage.walls]
    return Model(
        tracker=tracker,
        tracker_m=tracker_m,
        mount=mount,
        mount_m=mount_m,
        across_m=np.zeros(2),
        nodal_m=rig.nodal_offset_m,
        walls=np.stack([rotation for rotation, _ in walls]),
        walls_m=np.stack([position for _, position in walls]),
    )


def free_walls(stage: Stage, seen: Sequence[int], held: Sequence[str]) -> list[Free]:
    """Walls that were seen and are not held."""
    return [
        Free(index, turns_freely(wall))
        for index, wall in enumerate(stage.walls)
        if index in seen and wall.name not in held
    ]


def local_points(wall: AnyWall, folder: Path, coordinates: Floats) -> Floats:
    """Picture coordinates [n, 2] of a wall as points [n, 3] in its own frame."""
    rotation, position = matrix_of(placement(wall))
    return (points(shape_of(wall, folder), coordinates) - position) @ rotation


def edge_points(wall: AnyWall, folder: Path) -> Floats:
    """A wall's four corners and the middles of its edges, in its own frame: where an error shows most."""
    edge = np.array([(0, 0), (0.5, 0), (1, 0), (1, 0.5), (1, 1), (0.5, 1), (0, 1), (0, 0.5)])
    found = local_points(wall, folder, np.clip(edge, 1e-6, 1.0 - 1e-6))
    return found[np.isfinite(found).all(axis=1)]


def gather(
    stage: Stage,
    folder: Path,
    camera: Camera,
    markers: Sequence[Marker],
    shots: Sequence[Shot],
    pictures: Sequence[Picture],
) -> Gathered:
    """Everything that the pictures show of these patterns."""
    known = _known(stage, folder, markers)
    table = lens_table(next(lens for lens in stage.lenses if lens.name == camera.lens).points)
    lenses = [shot.lens or lens_at(table, shot.zoom_raw_unit, shot.focus_raw_unit) for shot in shots]
    parts: list[Corners] = []
    unknown, poor = 0, dict[int, int]()
    for index, (lens, picture) in enumerate(zip(lenses, pictures, strict=True)):
        mine = {marker: place for marker, place in picture.corners_px.items() if marker in known}
        unknown += len(picture.corners_px) - len(mine)
        if len(mine) < FEWEST_MARKERS:
            poor[index] = len(mine)
            continue
        parts.append(_corners(index, mine, known, camera, lens, picture.size_px))
    corners = _together(parts)
    told = Told(
        np.stack([matrix_from_quat(shot.tracker_rotation_wxyz) for shot in shots]),
        np.array([shot.tracker_position_m for shot in shots], dtype=np.float64),
        np.array([lens.entrance_pupil_m for lens in lenses]),
    )
    return Gathered(corners, told, lenses, unknown, poor)


def _together(parts: Sequence[Corners]) -> Corners:
    """All shots' corners; those beyond what lens or wall can say are left out."""
    if not parts:
        ints, twos = np.empty(0, np.int64), np.empty((0, 2))
        return Corners(ints, ints, ints, np.empty((0, 3)), twos, np.empty((0, 2, 2)), twos)
    corners = Corners(
        np.concatenate([part.shot for part in parts]),
        np.concatenate([part.wall for part in parts]),
        np.concatenate([part.marker for part in parts]),
        np.concatenate([part.local_m for part in parts]),
        np.concatenate([part.plane for part in parts]),
        np.concatenate([part.to_px for part in parts]),
        np.concatenate([part.seen_px for part in parts]),
    )
    return corners.of(np.flatnonzero(np.isfinite(np.hstack((corners.plane, corners.local_m))).all(axis=1)))


def _known(stage: Stage, folder: Path, markers: Sequence[Marker]) -> dict[int, tuple[int, Floats]]:
    """Marker -> its wall, and its corners [4, 3] in the wall's own frame."""
    found: dict[int, tuple[int, Floats]] = {}
    for index, wall in enumerate(stage.walls):
        mine = [marker for marker in markers if marker.wall == wall.name]
        if mine:
            spots = np.concatenate([picture_coordinates(marker, wall.pixels) for marker in mine])
            places = local_points(wall, folder, spots).reshape(-1, 4, 3)
            found.update({marker.id: (index, place) for marker, place in zip(mine, places, strict=True)})
    return found


def _corners(
    shot: int,
    seen: Mapping[int, Floats],
    known: Mapping[int, tuple[int, Floats]],
    camera: Camera,
    lens: LensState,
    size_px: tuple[int, int],
) -> Corners:
    ids = list(seen)
    pixels = np.concatenate([seen[marker] for marker in ids]) * (np.array(camera.resolution_px) / np.array(size_px))
    plane = undistort(lens.distortion, plane_from_pixel(lens, camera.sensor_mm, camera.resolution_px, pixels))
    return Corners(
        shot=np.full(4 * len(ids), shot),
        wall=np.repeat([known[marker][0] for marker in ids], 4),
        marker=np.repeat(ids, 4),
        local_m=np.concatenate([known[marker][1] for marker in ids]),
        plane=plane,
        to_px=_to_pixels(camera, lens, plane),
        seen_px=pixels,
    )


def _to_pixels(camera: Camera, lens: LensState, plane: Floats) -> Floats:
    """[n, 2, 2]: a small step on the undistorted plane in pixels of the camera."""
    steps = [np.array(step) for step in ((_SMALL, 0.0), (0.0, _SMALL))]
    ends = [
        pixel_from_plane(lens, camera.sensor_mm, camera.resolution_px, distort(lens.distortion, plane + sign * step))
        for step in steps
        for sign in (1.0, -1.0)
    ]
    by = [(ends[0] - ends[1]) / (2 * _SMALL), (ends[2] - ends[3]) / (2 * _SMALL)]
    return np.stack(by, axis=-1)
