"""The shooting door: poses of the spine become a list in the tracker's own origin, pictures beside them."""

from pathlib import Path

import numpy as np
import pytest

from bridge.calibrate.grab import Folder, GrabFault, source
from bridge.calibrate.shots import Shots, ShotsFault, listed, load
from bridge.frames import quat_from_pan_tilt_roll
from bridge.messages import CameraPose, CameraSettings, Message, TrackerSample
from bridge.own_process import Stopping
from bridge.rigs import rig_of
from bridge.stage_file import load as load_stage
from bridge.tracking import start, step
from bridge.verbs.calibrate_shoot import _begun, _Session, _shoot

CONFIGS = Path(__file__).parents[2] / "stage_configs"
STAGE = load_stage(CONFIGS / "small_wall.toml")
RIG = rig_of(STAGE, STAGE.cameras[0])
PLACES = [
    ((0.1, 0.2, 1.0), (10.0, 3.0, -8.0)),
    ((0.8, 0.1, 1.4), (-20.0, -9.0, 4.0)),
    ((0.3, -0.4, 1.2), (5.0, 12.0, 0.0)),
]


class Poses:
    """A mailbox that is handed one pose at a time, and asks to stop after the last."""

    def __init__(self, stop: Stopping, settings: list[Message]) -> None:
        self.stop, self.settings = stop, settings
        self.poses = list(said())

    def take(self, _timeout_s: float) -> list[Message]:
        if self.settings:
            return [self.settings.pop()]
        if not self.poses:
            self.stop.ask("no more poses")
            return []
        return [self.poses.pop(0)]


def said() -> list[CameraPose]:
    """A second at each place, at 25 Hz, as the spine says it."""
    state, poses = start(RIG), []
    for frame in range(75):
        place, turned = PLACES[frame // 25]
        t_ns = frame * 40_000_000
        state, said_now = step(
            RIG, state,
            TrackerSample(subject="arm", t_ns=t_ns, t_arrival_ns=t_ns, position_m=place, zoom_raw_unit=5135.0,
                          rotation_wxyz=quat_from_pan_tilt_roll(*turned)),
        )  # fmt: skip
        poses += said_now
    return poses


def session(stop: Stopping, out: Path, pictures: object, settings: list[Message] | None = None) -> _Session:
    return _Session(RIG, Poses(stop, settings or []), pictures, out, True, 0)  # type: ignore[arg-type]


def test_a_shot_at_every_place_where_the_camera_stands_still(tmp_path: Path) -> None:
    stop = Stopping()
    shots = _shoot(session(stop, tmp_path, source(None)), _begun(tmp_path, "camA"), stop)
    assert [shot.picture for shot in shots.shots] == ["0001.png", "0002.png", "0003.png"]
    for shot, (place, turned) in zip(shots.shots, PLACES, strict=True):
        assert np.allclose(shot.tracker_position_m, place, atol=1e-9)
        assert np.allclose(shot.tracker_rotation_wxyz, quat_from_pan_tilt_roll(*turned), atol=1e-9)
        assert shot.moved_m < 1e-6 and shot.zoom_raw_unit == 5135.0
    assert listed(tmp_path) == shots
    with pytest.raises(ShotsFault, match=r"3 of its pictures are not there, the first is 0001\.png"):
        load(tmp_path)


def test_a_list_is_continued_and_stills_are_taken_from_a_folder(tmp_path: Path) -> None:
    inbox, out = tmp_path / "inbox", tmp_path / "shots"
    inbox.mkdir()
    (inbox / "old.jpg").write_bytes(b"before")
    pictures = Folder(inbox)
    with pytest.raises(GrabFault, match="expected a new picture since the last shot"):
        pictures.grab(out / "0001")
    out.mkdir()
    (inbox / "A001.JPG").write_bytes(b"now")
    assert pictures.grab(out / "0001") == "0001.jpg" and (out / "0001.jpg").read_bytes() == b"now"
    stop = Stopping()
    first = _shoot(session(stop, out, source(None)), _begun(out, "camA"), stop)
    again = Stopping()
    more = _shoot(session(again, out, source(None)), _begun(out, "camA"), again)
    assert len(more.shots) == 2 * len(first.shots) and more.shots[-1].picture == "0006.png"
    with pytest.raises(ShotsFault, match="is a list of camera camA, expected one of camB"):
        _begun(out, "camB")


def test_zeroed_tracking_is_refused_and_a_missing_device_named(tmp_path: Path) -> None:
    stop = Stopping()
    zeroed: list[Message] = [CameraSettings(subject="camA", t_ns=0, zeroed=True)]
    with pytest.raises(GrabFault, match="its tracking is zeroed"):
        _shoot(session(stop, tmp_path, source(None), zeroed), Shots(camera="camA", shots=()), stop)
    with pytest.raises(GrabFault, match=r"--device nothing-there\.mp4: expected a capture device's number"):
        source(str(tmp_path / "nothing-there.mp4").replace(str(tmp_path) + "/", ""))
