"""The people of anny: their bodies are sound, and MediaPipe takes them for people."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bridge.performed import ARKIT_SHAPES
from capture.bones import BONES, ROW
from capture.rig import RigCamera, project
from capture.seen import BODY
from capture.synthetic.body import Body, anchored, joints_in_rest
from capture.synthetic.cameras import face_camera, hands_camera, ring
from capture.synthetic.clips import Shoot, shot
from capture.synthetic.people import PEOPLE
from capture.synthetic.skin import skinned
from capture.synthetic.truth import Performance, performed
from tests.capture.synthetic_people import model, person

pytestmark = pytest.mark.slow
HEIGHTS_M = {"man": (1.72, 1.82), "woman": (1.52, 1.65), "tall": (1.85, 2.0), "heavy": (1.55, 1.72)}
LIMBS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")


@pytest.mark.parametrize("name", PEOPLE)
def test_a_person_stands_upright_in_a_t_pose(name: str) -> None:
    body = person(name)
    rest, turns = joints_in_rest(body.skeleton.rest_m), np.tile(np.eye(3), (len(BONES), 1, 1))
    vertices = skinned(body, turns, rest, turns, np.zeros(52))
    assert abs(vertices[:, 2].min()) < 0.004
    assert HEIGHTS_M[name][0] < vertices[:, 2].max() < HEIGHTS_M[name][1]
    for side, out in (("l", 1.0), ("r", -1.0)):
        shoulder, wrist = rest[ROW[f"upperarm_{side}"]], rest[ROW[f"hand_{side}"]]
        np.testing.assert_allclose((wrist - shoulder) / np.linalg.norm(wrist - shoulder), [out, 0, 0], atol=1e-6)
        hip, ankle = rest[ROW[f"thigh_{side}"]], rest[ROW[f"foot_{side}"]]
        np.testing.assert_allclose((ankle - hip) / np.linalg.norm(ankle - hip), [0, 0, -1], atol=1e-6)
    for bone in BONES:
        if bone.endswith("_l"):
            np.testing.assert_allclose(rest[ROW[bone]], rest[ROW[bone[:-1] + "r"]] * [-1, 1, 1], atol=2e-3)
    np.testing.assert_allclose(body.weights.sum(axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize("name", ["man", "heavy"])
def test_every_face_shape_moves_the_face_only(name: str) -> None:
    body = person(name)
    rest, turns = joints_in_rest(body.skeleton.rest_m), np.tile(np.eye(3), (len(BONES), 1, 1))
    still = skinned(body, turns, rest, turns, np.zeros(52))
    for row, shape in enumerate(ARKIT_SHAPES):
        moved = np.linalg.norm(skinned(body, turns, rest, turns, np.eye(52)[row]) - still, axis=1)
        assert 0.002 < moved.max() < 0.06, shape
        assert moved[still[:, 2] < rest[ROW["neck_01"], 2] - 0.05].max(initial=0.0) < 1e-6, shape


def pictures(body: Body, motion: str, camera: RigCamera, frames: list[int]) -> list[NDArray[np.uint8]]:
    rig = ring(1)._replace(cameras=(camera,))
    shots = shot([Performance(body, motion)], rig, Shoot(), camera, frames)
    return [np.ascontiguousarray(picture[..., ::-1]) for picture in shots]


def detector(kind: str, name: str, file: str, **options: Any) -> Any:
    """One of MediaPipe's landmarkers for single pictures."""
    pytest.importorskip("mediapipe")
    vision = pytest.importorskip("mediapipe.tasks.python.vision")
    base = pytest.importorskip("mediapipe.tasks.python").BaseOptions(model_asset_path=model(name, file))
    return getattr(vision, kind).create_from_options(getattr(vision, f"{kind}Options")(base_options=base, **options))


def found(landmarker: Any, picture: NDArray[np.uint8]) -> Any:
    import mediapipe

    return landmarker.detect(mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=picture))


@pytest.mark.parametrize("name", PEOPLE)
def test_mediapipe_sees_the_body_where_it_is(name: str) -> None:
    landmarker = detector("PoseLandmarker", "pose-full", "pose_landmarker_full.task")
    body, camera, frames = person(name), ring(1).cameras[0], [6, 57, 114]
    truth = performed(Performance(body, "arms"), np.array(frames) / 30.0)
    exact = project(camera, anchored(body.landmarks, truth.joints_m, truth.turns))
    limbs = [BODY.index(f"{side}_{limb}") for side in ("left", "right") for limb in LIMBS]
    for k, picture in enumerate(pictures(body, "arms", camera, frames)):
        seen = found(landmarker, picture).pose_landmarks[0]
        pixels = np.array([[mark.x * camera.size_px[0], mark.y * camera.size_px[1]] for mark in seen])
        assert min(seen[row].visibility for row in limbs) >= 0.8
        assert np.median(np.linalg.norm(pixels - exact[k], axis=1)) < 12.0


@pytest.mark.parametrize("name", PEOPLE)
def test_mediapipe_sees_hands_and_face_from_near(name: str) -> None:
    body = person(name)
    head = performed(Performance(body, "still"), np.zeros(1)).joints_m[0, ROW["head"]]
    eyes = head + [0.0, -0.08, 0.04]
    hands = detector("HandLandmarker", "hands", "hand_landmarker.task", num_hands=2)
    for picture in pictures(body, "fingers", hands_camera(eyes - [0.0, 0.12, 0.3]), [51, 250]):
        assert len(found(hands, picture).hand_landmarks) == 2
    faces = detector("FaceLandmarker", "face", "face_landmarker.task", output_face_blendshapes=True)
    surprised, smiling = pictures(body, "face", face_camera(eyes), [60, 20])
    scores = [{s.category_name: s.score for s in found(faces, p).face_blendshapes[0]} for p in (surprised, smiling)]
    assert scores[0]["jawOpen"] > scores[1]["jawOpen"] + 0.2
    assert scores[1]["mouthSmileLeft"] > scores[0]["mouthSmileLeft"] + 0.3
