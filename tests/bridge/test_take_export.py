"""Exports are opened again by somebody else's code: pxr for USD, scipy's rotations for `.chan`."""

import itertools
import json
import math
from pathlib import Path

import jsonschema
import msgspec
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from bridge.clock import NS_PER_S, FakeClock
from bridge.frames import Quaternion, Vector, quat_from_pan_tilt_roll, quat_rotate
from bridge.messages import CameraPose, ClockPair, LensState, topic
from bridge.take.chunks import TakeFault
from bridge.take.export import Track, chan, opentrackio, track, write
from bridge.take.read import Take
from bridge.take.recording import Beginning, TakeWriter
from bridge.take.track import frames, measured
from bridge.timecode import Timecode, frame_number, timecode_at

UTC_NS = 1_760_000_000 * NS_PER_S
STAGE = b'[[cameras]]\nname = "camA"\nrate = "24000/1001"\n'
PAN_DEG, TILT_DEG, ROLL_DEG = 30.0, 10.0, 5.0


def rotation(seconds: float) -> Quaternion:
    return quat_from_pan_tilt_roll(PAN_DEG + 20.0 * seconds, TILT_DEG, ROLL_DEG)


def position(seconds: float) -> Vector:
    return (1.0 + seconds, 2.0 - 0.5 * seconds, 3.0)


def pose(seconds: float, timecode: Timecode | None = None, **more: object) -> CameraPose:
    t_ns = NS_PER_S + round(seconds * NS_PER_S)
    return CameraPose(
        subject="camA",
        t_ns=t_ns,
        sequence=0,
        position_m=(9.0, 9.0, 9.0),
        lens=LensState(focal_length_mm=35.0, projection_offset_mm=(0.5, -0.25), focus_distance_m=4.0),
        sensor_mm=(36.0, 24.0),
        t_arrival_ns=t_ns,
        t_display_ns=t_ns,
        timecode=timecode,
        measured_position_m=position(seconds),
        measured_rotation_wxyz=rotation(seconds),
        **more,  # type: ignore[arg-type]
    )


def take(path: Path, poses: list[CameraPose], stage: bytes = b"") -> Take:
    pair = ClockPair(subject="recorder", t_ns=NS_PER_S, utc_ns=UTC_NS, clock_id=7)
    writer = TakeWriter(path, Beginning(pair, {}, {"stage.toml": stage}), FakeClock(0))
    for number, said in enumerate(poses, 1):
        writer.write(topic(said), said, boot=1, sequence=number, t_sent_ns=said.t_ns)
    writer.finish()
    return Take(path)


def test_frames_lie_on_the_rates_grid_whatever_the_trackers_rate() -> None:
    found = frames([pose(number / 120) for number in range(241)], (24000, 1001))
    assert len(found) == 48
    for number, frame in enumerate(found):
        seconds = number * 1001 / 24000
        assert frame.t_ns == NS_PER_S + round(seconds * NS_PER_S)
        assert frame.position_m == pytest.approx(position(seconds), abs=1e-8)
        assert frame.rotation_wxyz == pytest.approx(rotation(seconds), abs=1e-8)
        assert frame.timecode is None


def test_one_pose_a_label_means_the_labels_are_the_frames_even_over_a_hole() -> None:
    labels = [n for n in range(1000, 1050) if n not in (1010, 1011, 1020)]
    found = frames([pose((n - 1000) / 25, timecode_at(n, 25)) for n in labels], (25, 1))
    assert [frame_number(frame.timecode) for frame in found if frame.timecode] == list(range(1000, 1050))
    assert found[11].position_m == pytest.approx(position(11 / 25))
    assert found[11].t_ns == NS_PER_S + 11 * NS_PER_S // 25


def test_labels_of_a_faster_tracker_begin_where_they_change() -> None:
    """Five poses a label; the take begins in the middle of one."""
    poses = [pose(n / 125, timecode_at((n + 3) // 5 + 100, 25)) for n in range(100)]
    found = frames(poses, (25, 1))
    assert found[0].t_ns == NS_PER_S + 2 * NS_PER_S // 125
    assert [str(frame.timecode) for frame in found[:3]] == ["00:00:04:01", "00:00:04:02", "00:00:04:03"]


def test_what_was_not_measured_is_left_out() -> None:
    poses = [pose(n / 25, concealed=n == 5, stale=n == 6, lost=n == 7) for n in range(10)]
    assert [p.t_ns for p in measured(reversed(poses))] == [p.t_ns for n, p in enumerate(poses) if n not in (5, 6, 7)]
    with pytest.raises(ValueError, match="no measured poses"):
        frames([], (25, 1))


def test_a_wild_time_is_refused_before_it_makes_a_billion_frames() -> None:
    with pytest.raises(ValueError, match="times jump"):
        frames([pose(0), pose(1e9)], (25, 1))
    with pytest.raises(ValueError, match="times jump"):
        frames([pose(0, timecode_at(0, 960)), pose(86399, timecode_at(86399 * 960, 960))], (960, 1))


def test_where_the_timecode_jumps_the_frames_go_by_our_own_time() -> None:
    """An hour on, in the middle of a take: no frame is made up in between, and the first label counts on."""
    poses = [pose(n / 25, timecode_at(n + (90_000 if n >= 10 else 0), 25)) for n in range(20)]
    found = frames(poses, (25, 1))
    assert len(found) == 20
    assert [str(found[n].timecode) for n in (0, 10, 19)] == ["00:00:00:00", "00:00:00:10", "00:00:00:19"]
    for n in (0, 10, 19):
        assert found[n].position_m == pytest.approx(position(n / 25))


def test_the_rate_comes_from_the_stage_then_the_timecode_then_the_operator(tmp_path: Path) -> None:
    labelled = [pose(n / 25, timecode_at(n, 25)) for n in range(50)]
    with take(tmp_path / "a.mcap", labelled, STAGE) as found:
        assert track(found, "camA").rate == (24000, 1001)
        assert track(found, "camA", "50").rate == (50, 1)
    with take(tmp_path / "b.mcap", labelled) as found:
        assert track(found, "camA").rate == (25, 1)
    with take(tmp_path / "c.mcap", [pose(n / 25) for n in range(50)]) as found:
        with pytest.raises(TakeFault, match="give one, such as --rate 25"):
            track(found, "camA")
        with pytest.raises(TakeFault, match="expected one of the cameras camA, got 'camB'"):
            track(found, "camB")


def test_usd_opens_in_pxr_and_looks_where_the_camera_looked(tmp_path: Path) -> None:
    from pxr import Gf, Usd, UsdGeom

    made = Track("cam-A.1", (25, 1), frames([pose(n / 25, timecode_at(n + 50, 25)) for n in range(25)], (25, 1)))
    write(tmp_path / "a.usda", made, "usd", 1001)
    stage = Usd.Stage.Open(str(tmp_path / "a.usda"))
    assert (UsdGeom.GetStageUpAxis(stage), UsdGeom.GetStageMetersPerUnit(stage)) == ("Z", 1.0)
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode(), stage.GetTimeCodesPerSecond()) == (1001, 1025, 25)
    prim = stage.GetDefaultPrim()
    assert prim.GetCustomDataByKey("timecode") == "00:00:02:00"
    camera = UsdGeom.Camera(prim)
    for number in range(25):
        seen = camera.GetCamera(1001 + number)
        frustum = seen.frustum
        seconds = number / 25
        assert tuple(frustum.GetPosition()) == pytest.approx(position(seconds))
        assert tuple(frustum.ComputeViewDirection()) == pytest.approx(quat_rotate(rotation(seconds), (0, 1, 0)))
        assert tuple(frustum.ComputeUpVector()) == pytest.approx(quat_rotate(rotation(seconds), (0, 0, 1)))
    view = seen.GetFieldOfView(Gf.Camera.FOVHorizontal)
    assert view == pytest.approx(2 * math.degrees(math.atan(18 / 35)), abs=1e-4)
    assert seen.focusDistance == 4.0
    # A point straight ahead is where the optical axis meets the sensor: 0.5 mm right of the middle, 0.25 mm above.
    ahead = Gf.Vec3d(*np.add(position(0.96), np.multiply(quat_rotate(rotation(0.96), (0, 1, 0)), 5.0)).tolist())
    clip = (frustum.ComputeViewMatrix() * frustum.ComputeProjectionMatrix()).Transform(ahead)
    assert (clip[0] * 18, clip[1] * 12) == pytest.approx((0.5, 0.25), abs=1e-4)


def test_chan_parsed_back_is_the_pose() -> None:
    made = Track("camA", (25, 1), frames([pose(n / 25) for n in range(25)], (25, 1)))
    for number, line in enumerate(chan(made, 1001)):
        frame, *numbers = line.split()
        tx, ty, tz, rx, ry, rz, vfov = (float(value) for value in numbers)
        seconds = number / 25
        assert int(frame) == 1001 + number
        # Y-up world, camera along -Z: x stays, our y is -z, our z is y.
        assert (tx, -tz, ty) == pytest.approx(position(seconds))
        turn = Rotation.from_euler("YXZ", [ry, rx, rz], degrees=True)  # intrinsic: Ry Rx Rz
        for axis, ours in (((0, 0, -1), (0, 1, 0)), ((0, 1, 0), (0, 0, 1)), ((1, 0, 0), (1, 0, 0))):
            x, y, z = turn.apply(axis)
            assert (x, -z, y) == pytest.approx(quat_rotate(rotation(seconds), ours), abs=1e-7)
        assert vfov == pytest.approx(2 * math.degrees(math.atan(12 / 35)))


def test_chan_angles_do_not_jump_a_turn() -> None:
    poses = [pose(n / 25) for n in range(500)]  # 400 degrees of pan
    angles = [float(line.split()[5]) for line in chan(Track("camA", (25, 1), frames(poses, (25, 1))), 1)]
    assert max(abs(b - a) for a, b in itertools.pairwise(angles)) == pytest.approx(0.8)


SCHEMA = Path(__file__).parents[2] / "../shared/data/opentrackio"


def test_opentrackio_lines_hold_the_pose_and_the_timecode() -> None:
    """The golden pose of the standard: pan 30, tilt 10, roll 5; the sensor lies behind the entrance pupil."""
    pupil = LensState(focal_length_mm=35.0, entrance_pupil_m=0.1)
    said = msgspec.structs.replace(pose(0, timecode_at(1800, 30000, 1001, True)), lens=pupil)
    (line,) = opentrackio(Track("camA", (30000, 1001), frames([said], (30000, 1001))), 1)
    sample = json.loads(line)
    (transform,) = sample["transforms"]
    rotation = transform["rotation"]
    assert (rotation["pan"], rotation["tilt"], rotation["roll"]) == pytest.approx((30.0, 10.0, 5.0))
    forward = (-0.492404, 0.852869, 0.173648)  # Unreal's golden forward, X and Y swapped back
    at = [transform["translation"][axis] for axis in "xyz"]
    assert at == pytest.approx(np.subtract(position(0), np.multiply(forward, 0.1)), abs=1e-6)
    assert sample["lens"]["entrancePupilOffset"] == 0.1
    assert sample["timing"]["timecode"] == {
        "hours": 0,
        "minutes": 1,
        "seconds": 0,
        "frames": 2,
        "frameRate": {"num": 30000, "denom": 1001},
        "dropFrame": True,
    }


@pytest.mark.data
def test_opentrackio_lines_validate_against_the_standards_schema() -> None:
    found = sorted(SCHEMA.rglob("schema*.json")) if SCHEMA.is_dir() else []
    if not found:
        pytest.skip(f"no OpenTrackIO schema in {SCHEMA}")
    schema = json.loads(found[0].read_text())
    poses = [pose(n / 25, timecode_at(n, 25)) for n in range(5)]
    for line in opentrackio(Track("camA", (25, 1), frames(poses, (25, 1))), 1):
        jsonschema.validate(json.loads(line), schema)
