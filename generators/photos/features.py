"""What can be recognised in each photo, and in which other photos it is seen again: pycolmap's SIFT, on this CPU.

Done in small batches: each is in the database when it is done, so a kill costs one batch, and nothing reads the
database while pycolmap has it open (two SQLite libraries in one process break each other's locks).
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pycolmap

from generators.photos.picked import pairs
from generators.photos.stoppable import stoppable

Tell = Callable[[str], None]

FEATURES = 4096
FEATURES_AT_PX, FIRST_OCTAVE = 1400, 0
"""Matching costs by the square of the first. Pictures are not doubled (octave -1) before detail is looked for in them:
1400 pixels as they are take two thirds of the time of 1000 doubled, and the fox's poses fit as well."""
SEED = 7
"""Of every random choice of pycolmap's, so that the same photos give the same cameras."""
_PHOTOS_AT_ONCE, _PAIRS_AT_ONCE = 16, 256

_colmap: Any = pycolmap


class Standing(NamedTuple):
    """How a photo does among the others."""

    features: int
    shared: int
    """With the one photo it has most in common with."""


def match(database: Path, photos: Path, names: Sequence[str], in_order: bool, tell: Tell) -> None:
    """Fill the database; what is in it already is not done again. `names` are files under `photos`."""
    _colmap.logging.minloglevel = 3
    options = _colmap.FeatureExtractionOptions()
    options.max_image_size = FEATURES_AT_PX
    options.sift.max_num_features, options.sift.first_octave = FEATURES, FIRST_OCTAVE
    if not database.is_file():
        beside = Path(f"{database}.part")
        beside.unlink(missing_ok=True)
        _colmap.Database.open(beside).close()
        _colmap.import_images(beside, photos, _colmap.CameraMode.PER_FOLDER, list(names))
        beside.replace(database)
    for batch, done in _batches(names, _PHOTOS_AT_ONCE):
        _run(
            lambda token, batch=batch: _colmap.extract_features(
                database,
                photos,
                image_names=list(batch),
                camera_mode=_colmap.CameraMode.PER_FOLDER,
                extraction_options=options,
                device=_colmap.Device.cpu,
                cancellation_token=token,
            ),
            lambda done=done: tell(f"looking for detail: {done} of {len(names)} photos"),
        )
    _compare(database, [(names[a], names[b]) for a, b in pairs(len(names), in_order=in_order)], tell)


def _compare(database: Path, wanted: Sequence[tuple[str, str]], tell: Tell) -> None:
    listed, pairing = Path(f"{database}.pairs"), _colmap.ImportedPairingOptions()
    pairing.match_list_path = listed
    verifying = _colmap.TwoViewGeometryOptions()
    verifying.ransac.random_seed = SEED
    for batch, done in _batches(wanted, _PAIRS_AT_ONCE):
        listed.write_text("".join(f"{a} {b}\n" for a, b in batch), encoding="utf-8")
        _run(
            lambda token: _colmap.match_image_pairs(
                database,
                pairing_options=pairing,
                verification_options=verifying,
                device=_colmap.Device.cpu,
                cancellation_token=token,
            ),
            lambda done=done: tell(f"comparing photos: {done} of {len(wanted)} pairs"),
        )
    listed.unlink(missing_ok=True)


def standings(database: Path) -> dict[str, Standing]:
    """Of every photo, by file."""
    line = _colmap.Database.open(database)
    try:
        names = {int(image.image_id): str(image.name) for image in line.read_all_images()}
        features = {name: int(line.num_keypoints_for_image(number)) for number, name in names.items()}
        shared = dict.fromkeys(names.values(), 0)
        for pair, inliers in zip(*line.read_two_view_geometry_num_inliers(), strict=True):
            for number in _colmap.pair_id_to_image_pair(pair):
                shared[names[number]] = max(shared[names[number]], int(inliers))
    finally:
        line.close()
    return {name: Standing(features[name], shared[name]) for name in names.values()}


def _batches(items: Sequence[Any], size: int) -> list[tuple[Sequence[Any], int]]:
    return [(items[at : at + size], at) for at in range(0, len(items), size)]


def _run(work: Callable[[Any], None], report: Callable[[], None]) -> None:
    report()
    token = _colmap.CancellationToken()
    stoppable(lambda: work(token), token.cancel, report)
