"""What the plugin pushes to Live Link, run without Unreal: its own sources on stand-ins, given the golden messages."""

import json
import shutil
import struct
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bridge.timecode import Timecode
from bridge.wire.engine import CameraFrame, encode
from bridge.wire.engine_people import FaceFrame, PoseFrame, SkeletonFrame, encode_face, encode_pose, encode_skeleton
from tests.plugin.running import called
from tests.plugin.seeded_faults import FAULTS, Fault, is_of_meaning
from ue_plugin.tools import uestub

pytestmark = pytest.mark.skipif(shutil.which("g++") is None, reason="no g++ here: the Unreal layer was not run")
VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "engine.json").read_text(encoding="utf-8"))
GOLDEN = {frame["name"]: frame for frame in VECTORS["frames"]}
CAMERA = GOLDEN["a camera with everything: pan 30 tilt 10 roll 5 at (1, 2, 3) m, 01:00:59;29"]
SKELETON = GOLDEN["a skeleton of three bones and a curve"]
POSE = GOLDEN["a pose of it, predicted, 10:00:00:24 at 25"]
Said = list[dict[str, Any]]
Tell = Callable[..., Said]


def built(plugin: Path, folder: Path) -> Path:
    """The program of ue_plugin/stubs/Running, with the plugin's sources of `plugin`."""
    source, program = plugin / "Source" / "Cyclorama", folder / "subjects"
    private = source / "Private"
    files = [
        uestub.STUBS / "Running" / "subjects.cpp",
        *(private / "Core" / name for name in ("Router.cpp", "SphericalLens.cpp")),
        *(private / "LiveLink" / name for name in ("CycloramaSubjects.cpp", "CycloramaConvert.cpp")),
    ]
    defines = ["-DSTAND_INS_RUN", "-DENGINE_MINOR_VERSION=4", "-DCYCLORAMA_API="]
    includes = [f"-I{place}" for place in (uestub.STUBS, private, source / "Public")]
    call = ["g++", "-std=c++17", "-O0", "-fno-exceptions", "-fno-rtti", *defines, *includes]
    objects = [folder / f"{file.stem}.o" for file in files]
    compiles = [[*call, "-c", str(file), "-o", str(made)] for file, made in zip(files, objects, strict=True)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(called, compiles))
    called(["g++", "-o", str(program), *map(str, objects)])
    return program


def asked(program: Path, messages: list[tuple[str, str]], *options: str) -> Said:
    lines = "".join(f"{header} {payload}\n" for header, payload in messages)
    ran = subprocess.run([str(program), *options], input=lines, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


@pytest.fixture(scope="module")
def tell(tmp_path_factory: pytest.TempPathFactory) -> Tell:
    program = built(uestub.PLUGIN, tmp_path_factory.mktemp("subjects"))
    return lambda messages, *options: asked(program, messages, *options)


def golden(vector: dict[str, Any]) -> tuple[str, str]:
    return vector["header"], vector["payload"]


def made(message: tuple[bytes, bytes, bytes]) -> tuple[str, str]:
    return message[1].hex(), message[2].hex()


def pushes(said: Said, what: str) -> Said:
    return [one for one in said if one["push"] == what]


def test_a_camera_arrives_as_it_was_sent_and_nothing_is_turned(tell: Tell) -> None:
    (static,), (frame,) = (pushes(tell([golden(CAMERA)]), what) for what in ("static", "frame"))
    sent = CAMERA["values"]
    assert frame["subject"] == static["subject"] == sent["name"]
    assert frame["position_cm"] == sent["position_cm"]
    assert frame["rotation_xyzw"] == pytest.approx(sent["rotation_xyzw"], abs=1e-15)
    assert frame["lens"] == [sent["focal_length_mm"], sent["f_number_unit"], sent["focus_distance_cm"]]
    assert (static["role"], static["supported"]) == ("camera", [1, 1, 1])
    assert static["film_back_mm"] == [sent["sensor_width_mm"], sent["sensor_height_mm"]]


def test_scene_time_is_the_label_with_its_rate_and_drop_frame(tell: Tell) -> None:
    said = pushes(tell([golden(CAMERA), golden(SKELETON), golden(POSE)]), "frame")
    assert [one["timecode"] for one in said] == [[1, 0, 59, 29, 1], [10, 0, 0, 24, 0]]
    assert [one["rate"] for one in said] == [[30000, 1001], [25, 1]]


def test_world_time_is_in_the_receivers_clock(tell: Tell) -> None:
    """The program's messages arrive 10 ms apart from second 100 on; the camera's was 0.4 ms old when it was sent."""
    said = tell([golden(CAMERA), skeleton(7, (("root", -1),)), pose(7, 1, t_ns=3_600_000_000_000)])
    camera, other_clock = pushes(said, "frame")
    assert camera["world_s"] == pytest.approx([0.999999999, 100.01 - 0.000400001], abs=1e-6)
    assert other_clock["world_s"] == pytest.approx([100.03, 100.03], abs=1e-6)  # an hour off: when it came


def camera(**changes: Any) -> tuple[str, str]:
    told = {"name": "A-cam", "sequence": 1, "t_ns": 1}
    told |= {"position_cm": (0.0, 0.0, 0.0), "rotation_xyzw": (0.0, 0.0, 0.0, 1.0)}
    return made(encode(CameraFrame(**{**told, **changes})))


def test_a_bridge_that_comes_back_with_another_clock_is_believed_at_once(tell: Tell) -> None:
    """Messages arrive at 100.01, 100.02, ... of ours; each was true 1 ms before it was sent."""
    before = {"clock_id": 7, "t_ns": 49_999_000_000, "t_sent_ns": 50_000_000_000}
    after = {"clock_id": 8, "t_ns": 2_999_000_000, "t_sent_ns": 3_000_000_000}
    late = {"clock_id": 8, "t_ns": 3_001_000_000, "t_sent_ns": 3_002_000_000}
    cameras = [camera(**one) for one in (before, after, late)]
    said = tell([*cameras, skeleton(7, (("root", -1),)), pose(7, 1, t_ns=3_003_000_000)])
    *seen, body = [one["world_s"] for one in pushes(said, "frame")]
    assert [one[1] for one in seen] == pytest.approx([100.009, 100.019, 100.021], abs=1e-6)
    assert body == pytest.approx([100.05, 100.05], abs=1e-6)  # a time of no clock that is known: when it came


LENS = (0.2, 0.02, 0.001, -0.001, 0.001, 0.4, 0.05, 0.003)


def test_a_lens_of_the_rational_model_goes_out_in_unreals_with_what_it_misses(tell: Tell) -> None:
    wide = camera(distortion_unit=LENS, fxfy_unit=(0.7, 1.25))
    plain = camera(distortion_unit=(0.1, 0.2, 0.3, 0.4, 0.5, 0.0, 0.0, 0.0), fxfy_unit=(0.7, 1.25))
    folds = camera(distortion_unit=(-3.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.0, 0.0), fxfy_unit=(0.7, 1.25))
    said = tell([wide, plain, folds], "lenses")
    fitted, as_it_was, none = (one["values"] for one in pushes(said, "frame"))
    assert len(fitted) == 5 and fitted[0] == pytest.approx(LENS[0] - LENS[5], abs=0.02)  # the first of either series
    assert as_it_was == pytest.approx([0.1, 0.2, 0.5, 0.3, 0.4]) and none == []
    missed, whole, unknown = (one["lens"] for one in pushes(said, "none"))
    assert missed[0] >= 0 and missed[1] == 0 and whole == [0, 0] and unknown[1] == 1


def test_static_data_goes_out_once_however_often_it_is_said(tell: Tell) -> None:
    said = tell([golden(CAMERA), golden(SKELETON), golden(POSE)] * 3)
    assert [one["subject"] for one in pushes(said, "static")] == ["A-cam", "performer-1"]
    assert len(pushes(said, "frame")) == 6


def skeleton(definition: int, bones: tuple[tuple[str, int], ...]) -> tuple[str, str]:
    frame = SkeletonFrame(name="anna", sequence=1, t_ns=1, definition=definition, bones=bones, curves=("smile",))
    return made(encode_skeleton(frame))


def pose(definition: int, bones: int, t_ns: int = 1) -> tuple[str, str]:
    rows = struct.pack("<7f", 0.5, -0.5, 0.5, 0.5, 1.0, 2.0, 3.0) * bones
    code = Timecode(hours=1, minutes=2, seconds=3, frames=4, rate_num=24, rate_den=1)
    frame = PoseFrame(
        name="anna", sequence=1, t_ns=t_ns, timecode=code, definition=definition, bones_f32=rows, curves_f32=bytes(4)
    )
    return made(encode_pose(frame))


def test_poses_wait_for_the_skeleton_they_are_of(tell: Tell) -> None:
    said = tell(
        [
            pose(7, 1),
            skeleton(7, (("root", -1),)),
            pose(7, 1),
            pose(8, 2),
            skeleton(8, (("root", -1), ("head", 0))),
            pose(8, 2),
        ]
    )
    assert [len(one["bones"]) for one in pushes(said, "frame")] == [1, 2]
    assert [one["parents"] for one in pushes(said, "static")] == [[-1], [-1, 0]]
    assert [one["trouble"][3] for one in pushes(said, "none")] == [1, 1, 0, 1, 1, 0]
    assert pushes(said, "frame")[0]["bones"][0]["rotation_xyzw"] == [0.5, -0.5, 0.5, 0.5]


def test_a_pose_with_rows_that_its_skeleton_has_not_is_not_passed_on(tell: Tell) -> None:
    assert pushes(tell([skeleton(7, (("root", -1),)), pose(7, 2)]), "frame") == []


def test_a_face_is_curves_and_a_head_beside_the_body(tell: Tell) -> None:
    shapes = struct.pack("<52f", *(row / 64 for row in range(52)))
    face = FaceFrame(name="performer-1", sequence=1, t_ns=1, head_position_cm=(1.5, -2.5, 170.0), shapes_f32=shapes)
    said = tell([golden(SKELETON), made(encode_face(face))])
    assert [one["subject"] for one in pushes(said, "static")] == ["performer-1", "performer-1_face", "performer-1_head"]
    names = pushes(said, "static")[1]["properties"]
    assert len(set(names)) == 52 and (names[0], names[51]) == ("EyeBlinkLeft", "TongueOut")
    curves, head = pushes(said, "frame")
    assert curves["values"] == [row / 64 for row in range(52)] and head["position_cm"] == [1.5, -2.5, 170.0]


def test_a_frustum_that_is_off_is_a_property_of_the_camera(tell: Tell) -> None:
    off = GOLDEN["frozen, and its frustum off"]
    said = tell([golden(CAMERA), golden(off)])
    assert [one["properties"] for one in pushes(said, "static")] == [["InnerFrustum"]] * 2
    assert [one["values"] for one in pushes(said, "frame")] == [[1], [0]]


def test_lost_stale_and_frozen_are_counted_until_they_are_over(tell: Tell) -> None:
    lost = GOLDEN["stale and lost, no timecode, a name of 23 bytes"]
    frozen = GOLDEN["frozen, and its frustum off"]
    said = tell([golden(lost), golden(lost), golden(frozen), golden(CAMERA)])
    assert [one["trouble"][:3] for one in pushes(said, "none")] == [[1, 1, 0], [1, 1, 0], [0, 0, 1], [0, 0, 1]]


@pytest.mark.slow
@pytest.mark.parametrize("fault", [fault for fault in FAULTS if is_of_meaning(fault)], ids=lambda fault: fault.name)
def test_faults_of_meaning_are_seen_by_running(fault: Fault, tmp_path: Path) -> None:
    plugin = tmp_path / "Cyclorama"
    shutil.copytree(uestub.PLUGIN, plugin)
    text = (plugin / fault.path).read_text(encoding="utf-8")
    (plugin / fault.path).write_text(text.replace(fault.old, fault.new), encoding="utf-8")
    program = built(plugin, tmp_path)

    def faulty(messages: list[tuple[str, str]], *options: str) -> Said:
        return asked(program, messages, *options)

    with pytest.raises((AssertionError, ValueError)):
        test_a_camera_arrives_as_it_was_sent_and_nothing_is_turned(faulty)
        test_static_data_goes_out_once_however_often_it_is_said(faulty)
        test_a_bridge_that_comes_back_with_another_clock_is_believed_at_once(faulty)
