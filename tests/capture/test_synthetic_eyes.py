"""The synthetic performer's cameras: they stand where their names say, and drop nothing before anybody looks."""

import math
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cv2")
from bridge.clock import NS_PER_S, FakeClock
from bridge.frames import matrix_from_quat, quat_rotate
from bridge.models import Home
from bridge.stage_file import load
from capture.bones import ROW
from capture.live.service import Plan, settings_of
from capture.live.show import ShowState, joints_of, step
from capture.live.staged import staged
from capture.live.synthetic_eyes import SyntheticCamera
from capture.synthetic.bodies import MANNEQUIN, body_named
from capture.synthetic.cameras import ring
from capture.synthetic.observe import observed
from capture.synthetic.truth import Performance

STAGE = Path(__file__).parents[2] / "stage_configs" / "small_wall.toml"
SIGNS = {"left": (0, -1.0), "right": (0, 1.0), "front": (1, -1.0), "back": (1, 1.0)}
"""Stage axes: X right, Y into the set, where the wall is; the performer looks to -Y."""


def test_the_demos_cameras_stand_where_their_names_say_and_look_at_the_performer(tmp_path: Path) -> None:
    capture = load(STAGE).capture
    assert capture is not None
    rig = staged(capture, STAGE.parent, Home(tmp_path), FakeClock()).plan.rig
    assert rig is not None and len(rig.cameras) == 4
    for camera in rig.cameras:
        for word in camera.name.split("-"):
            axis, sign = SIGNS[word]
            assert sign * camera.position_m[axis] > 1.0, f"{camera.name} is at {camera.position_m}"
        ahead = quat_rotate(camera.rotation_wxyz, (0.0, 1.0, 0.0))
        assert ahead[0] * camera.position_m[0] < 0 and ahead[1] * camera.position_m[1] < 0, "it looks inwards"


def test_what_passed_before_anybody_looked_was_not_dropped() -> None:
    clock = FakeClock(0)
    camera = SyntheticCamera("a", (1280, 720), clock, 0)
    clock.advance(20.0)
    first = camera.wait(0.0)
    assert first is not None and first.number > 500
    assert (camera.report().seen, camera.report().dropped) == (1, 0)
    clock.now_ns = first.t_ns + NS_PER_S // 10 + NS_PER_S // 50
    assert camera.wait(0.0) is not None
    assert (camera.report().seen, camera.report().dropped) == (2, 2)


def test_the_demos_head_looks_where_its_skeleton_does() -> None:
    """The face says its own turn, in a face model's axes; it must come out in the head's."""
    rig, apart_deg = ring(2), list[float]()
    settings, state = settings_of(Plan(("demo",), "full", rig), rig), ShowState()
    for frame in observed(Performance(body_named(MANNEQUIN, None)), rig, range(40)):
        for seen in frame:
            state, _ = step(settings, state, (seen,), seen.t_ns)
        if state.face_said is not None and "demo" in state.poses:
            _, turns = joints_of(state.definitions["demo"], state.poses["demo"])
            apart = turns[ROW["head"]].T @ matrix_from_quat(state.face_said.head_rotation_wxyz)
            apart_deg.append(math.degrees(math.acos(min(1.0, (np.trace(apart) - 1.0) / 2.0))))
    assert len(apart_deg) > 20
    assert max(apart_deg) < 30.0, "landmarks of a head tell its turn less well than its face"
