"""A shot list: pictures of the film camera, and what its tracker said at each, as one `shots.json` in their folder.

The pose is the tracked point in the *tracker's own* origin, untouched by any offset of the stage file, so a list stays
good whatever a calibration changes.
"""

from pathlib import Path
from typing import Literal

import msgspec

from bridge.frames import Quaternion, Vector
from bridge.messages import LensState
from bridge.timecode import Timecode

FILE = "shots.json"
SCHEMA = 1


class ShotsFault(ValueError):
    """A shot list that cannot be used; the text says where, what was expected and what came."""


class Shot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One picture, and where the tracker saw the camera."""

    picture: str
    """File name in the list's folder: PNG, JPEG or TIFF."""
    tracker_position_m: Vector = (0.0, 0.0, 0.0)
    tracker_rotation_wxyz: Quaternion = (1.0, 0.0, 0.0, 0.0)
    """tracker_from_body."""
    zoom_raw_unit: float = 0.0
    focus_raw_unit: float = 0.0
    t_ns: int = 0
    timecode: Timecode | None = None
    moved_m: float = 0.0
    """How far the tracked point moved while the picture was taken; a still one is below a millimetre."""
    lens: LensState | None = None
    """Where the tracker itself knows the lens; else the stage file's table is asked at the counts above."""


class Shots(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What one camera shot for a calibration."""

    schema: Literal[1] = SCHEMA
    camera: str
    """Name in the stage file."""
    note: str = ""
    shots: tuple[Shot, ...]


def load(folder: Path) -> Shots:
    """The list of a folder. ShotsFault where there is none, it is not one, or a picture of it is missing."""
    shots, path = listed(folder), folder / FILE
    missing = [shot.picture for shot in shots.shots if not (folder / shot.picture).is_file()]
    if missing:
        raise ShotsFault(f"{path}: {len(missing)} of its pictures are not there, the first is {missing[0]}")
    return shots


def listed(folder: Path) -> Shots:
    """The list alone, whether or not its pictures have been copied yet. ShotsFault where there is none."""
    path = folder / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Shots)
    except OSError as error:
        raise ShotsFault(f"{path}: expected a shot list (`cyc calibrate shoot`), {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ShotsFault(f"{path}: not a shot list: {error}") from None


def refuse_taken(folder: Path) -> None:
    """ShotsFault where a folder has a shot list: simulated shots never take the place of somebody's."""
    if (folder / FILE).exists():
        raise ShotsFault(f"{folder / FILE}: there are shots already; expected a new folder for simulated ones")


def save(folder: Path, shots: Shots) -> None:
    """Write the list beside its pictures, in one step."""
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f"{FILE}.new"
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(shots), indent=2))
    beside.replace(folder / FILE)
