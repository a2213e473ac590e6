"""Where each photo was taken from: pycolmap's structure from motion (Schoenberger & Frahm 2016), on this CPU.

Every step is kept in the work folder under the photos' hash and is not done again.
"""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pycolmap
from numpy.typing import NDArray

from generators.camera import Camera
from generators.photos.features import FEATURES, FEATURES_AT_PX, FIRST_OCTAVE, SEED, Standing, match, standings
from generators.photos.solved import FEWEST, Gathered, Photo, PhotosFault, Solved, View
from generators.photos.stoppable import stoppable

Tell = Callable[[str], None]

_QUALITY = 95

_colmap: Any = pycolmap


def solve(gathered: Gathered, work: Path, tell: Tell) -> Solved:
    """Cameras and points of the photos that agree on one place. PhotosFault where fewer than three do."""
    _colmap.logging.minloglevel = 3
    key = _key(gathered.photos)
    database, sparse, flat = work / f"features-{key}.db", work / f"sparse-{key}", work / f"flat-{key}"
    try:
        if not sparse.is_dir():
            names = [_inner(photo) for photo in gathered.photos]
            match(database, work / "photos", names, gathered.in_order, tell)
            _map(database, work / "photos", sparse, len(names), tell)
        if not flat.is_dir():
            _undistort(sparse, work / "photos", flat, tell)
    except (RuntimeError, ValueError, OSError) as error:
        if isinstance(error, PhotosFault):
            raise
        raise PhotosFault(f"the photos could not be placed: {_last_line(error)}; work folder {work}") from error
    return _read(gathered, sparse, flat, standings(database))


def _key(photos: tuple[Photo, ...]) -> str:
    told = f"{_colmap.__version__} {FEATURES} {FEATURES_AT_PX} {FIRST_OCTAVE} {SEED} " + " ".join(
        photo.sha256 for photo in photos
    )
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _map(database: Path, photos: Path, sparse: Path, count: int, tell: Tell) -> None:
    """The largest model, in a folder that is there only when it is whole."""
    options, token = _colmap.IncrementalPipelineOptions(), _colmap.CancellationToken()
    options.min_model_size, options.random_seed = FEWEST, SEED
    placed = [2]
    found: dict[int, Any] = {}
    beside = _afresh(sparse)

    def one_more() -> None:
        placed[0] += 1

    def run() -> None:
        told = {"options": options, "next_image_callback": one_more, "cancellation_token": token}
        found.update(_colmap.incremental_mapping(database, photos, beside, **told))

    stoppable(run, token.cancel, lambda: tell(f"placing photos: {min(placed[0], count)} of {count}"))
    largest = max(found.values(), key=lambda model: model.num_reg_images(), default=None)
    agreed = 0 if largest is None else int(largest.num_reg_images())
    if largest is None or agreed < FEWEST:
        raise PhotosFault(
            f"{agreed} of {count} photos agree on where they were taken, expected {FEWEST} or more: take more, each a "
            "step to the side of the last and two thirds of it the same, of something with detail"
        )
    _afresh(sparse)
    largest.write(beside)
    beside.rename(sparse)


def _undistort(sparse: Path, photos: Path, flat: Path, tell: Tell) -> None:
    beside, token = _afresh(flat), _colmap.CancellationToken()
    stoppable(
        lambda: _colmap.undistort_images(beside, sparse, photos, jpeg_quality=_QUALITY, cancellation_token=token),
        token.cancel,
        lambda: tell("taking the lens out of the photos"),
    )
    beside.rename(flat)


def _afresh(folder: Path) -> Path:
    """An empty folder beside the one it becomes when it is whole."""
    beside = Path(f"{folder}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    return beside


def _read(gathered: Gathered, sparse: Path, flat: Path, standing: dict[str, Standing]) -> Solved:
    bent, model = _colmap.Reconstruction(sparse), _colmap.Reconstruction(flat / "sparse")
    straight = {image.name: image for image in model.images.values() if image.has_pose}
    as_taken = {image.name: image for image in bent.images.values() if image.has_pose}
    numbers = {number: index for index, number in enumerate(sorted(bent.points3D))}
    views = [
        View(
            photo.name,
            f"{flat.name}/images/{_inner(photo)}",
            _camera(straight[_inner(photo)]),
            *_observed(as_taken[_inner(photo)], numbers),
        )
        for photo in gathered.photos
        if _inner(photo) in straight
    ]
    missing = [photo for photo in gathered.photos if _inner(photo) not in straight]
    points = [bent.points3D[number] for number in numbers]
    return Solved(
        tuple(views),
        np.array([point.xyz for point in points], dtype=np.float64).reshape(-1, 3),
        np.array([point.color for point in points], dtype=np.float64).reshape(-1, 3) / 255.0,
        float(bent.compute_mean_reprojection_error()),
        (*gathered.left_out, *((photo.name, reason(standing.get(_inner(photo)))) for photo in missing)),
    )


def reason(standing: Standing | None) -> str:
    """Why a photo did not find its place."""
    features, shared = standing or Standing(0, 0)
    if features < 100:
        return f"only {features} places in it can be recognised: it is blurred, dark, or of something bare"
    if shared < 30:
        return f"it has {shared} places in common with any other photo: it shows what the others do not"
    return f"it has {shared} places in common with another photo, but they do not fit the rest: something moved"


def _observed(image: Any, numbers: dict[int, int]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    found = [point for point in image.points2D if point.has_point3D()]
    size = float(image.camera.width), float(image.camera.height)
    places = np.array([point.xy for point in found], dtype=np.float64).reshape(-1, 2) / size
    return places, np.array([numbers[point.point3D_id] for point in found], dtype=np.int64)


def _camera(image: Any) -> Camera:
    lens, pose = image.camera, image.cam_from_world().matrix()
    turn, shift = np.asarray(pose[:, :3], dtype=np.float64), np.asarray(pose[:, 3], dtype=np.float64)
    x, y, z = (float(value) for value in -turn.T @ shift)
    focal = float(lens.focal_length_x), float(lens.focal_length_y)
    centre = float(lens.principal_point_x), float(lens.principal_point_y)
    return Camera((x, y, z), turn, focal, centre, (int(lens.width), int(lens.height)), near_m=0.0)


def _inner(photo: Photo) -> str:
    return photo.file.removeprefix("photos/")


def _last_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1]


def engine_name() -> str:
    """What a recipe says of it."""
    return f"pycolmap {_colmap.__version__}"
