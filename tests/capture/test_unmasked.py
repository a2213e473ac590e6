"""Pose networks without their mask: fewer operators, the same answers to the last bit."""

import base64
import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from bridge.flatbuffer import field_at, integers, root_at, tables_at
from bridge.model_bundle import DETECTOR, LANDMARKS
from capture.unmasked import network_without_mask, without_mask

# Written by the flatbuffers library from the schema's own classes. Tensors: 0 picture 8x8, 1 early, 2 heat map 4x4,
# 3 landmarks, 4 wide, 5 mask 8x8. Operators: 0->1, 1->4, 1->2, (4, 2)->5, 2->3. Answers: landmarks, mask, heat map.
TINY = base64.b64decode(
    "CAAAAFRGTDPG////FAAAABwAAAAkAAAAWAIAAAMAAAABAAAABAAAALD9//8EAAAAdGlueQAAAAABAAAAFAAAAAAADgAYABQAEAAMAAgABAAOAAAA"
    "FAAAABwAAADQAAAA3AAAAOAAAAAEAAAAbWFpbgAAAAAFAAAAmAAAAGwAAABIAAAAJAAAAAQAAACG////CAAAAAwAAAABAAAAAwAAAAEAAAACAAAA"
    "ov///wgAAAAMAAAAAQAAAAUAAAACAAAABAAAAAIAAADC////CAAAAAwAAAABAAAAAgAAAAIAAAABAAAA/////+L///8IAAAADAAAAAEAAAAEAAAA"
    "AQAAAAEAAAAAAAoADAAAAAgABAAKAAAACAAAAAwAAAABAAAAAQAAAAEAAAAAAAAAAwAAAAMAAAAFAAAAAgAAAAEAAAAAAAAABgAAAPwAAADAAAAA"
    "kAAAAGQAAAA0AAAABAAAACj///8IAAAAEAAAAAQAAABtYXNrAAAAAAQAAAABAAAACAAAAAgAAAABAAAAVP///wgAAAAQAAAABAAAAHdpZGUAAAAA"
    "BAAAAAEAAAAIAAAACAAAAAIAAACA////CAAAABQAAAAJAAAAbGFuZG1hcmtzAAAAAgAAAAEAAAAGAAAAqP///wgAAAAQAAAABAAAAGhlYXQAAAAA"
    "BAAAAAEAAAAEAAAABAAAAAIAAADU////CAAAABAAAAAFAAAAZWFybHkAAAAEAAAAAQAAAAgAAAAIAAAAAgAAAAwADAAIAAAAAAAEAAwAAAAIAAAA"
    "EAAAAAcAAABwaWN0dXJlAAQAAAABAAAACAAAAAgAAAADAAAAAQAAAAgAAAAEAAQABAAAAA=="
)


def graph(model: bytes) -> tuple[list[tuple[list[int], list[int]]], list[int]]:
    """Its operators' inputs and outputs, and its answers."""
    (main,) = tables_at(model, field_at(model, root_at(model, b"TFL3"), 2))
    operators = [
        (integers(model, field_at(model, one, 1)), integers(model, field_at(model, one, 2)))
        for one in tables_at(model, field_at(model, main, 3))
    ]
    return operators, integers(model, field_at(model, main, 2))


def task(network: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(DETECTOR, b"the detector")
        archive.writestr(LANDMARKS, network)
    return packed.getvalue()


def test_what_only_the_mask_needs_is_not_computed_and_its_place_stays() -> None:
    assert graph(TINY)[1] == [3, 5, 2]
    operators, answers = graph(network_without_mask(TINY))
    assert operators == [([0], [1]), ([1, -1], [2]), ([2], [3])], "in the order of execution"
    assert answers == [3, 2, 2], "MediaPipe tells answers by their order"


def test_a_bundle_changes_in_its_network_alone_and_stays_stored() -> None:
    with zipfile.ZipFile(io.BytesIO(without_mask(task(TINY)))) as made:
        assert {info.compress_type for info in made.infolist()} == {zipfile.ZIP_STORED}
        assert made.read(DETECTOR) == b"the detector"
        assert made.read(LANDMARKS) == network_without_mask(TINY)


@pytest.mark.parametrize(
    "bundle",
    [b"no zip", task(b"no model"), task(TINY[:60]), task(network_without_mask(TINY))],
    ids=["no bundle", "no model", "cut off", "without a mask already"],
)
def test_what_is_built_otherwise_stays_as_it_is(bundle: bytes) -> None:
    assert without_mask(bundle) == bundle


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pose-lite", "pose-full", "pose-heavy"])
def test_landmarks_are_the_same_to_the_last_bit(name: str) -> None:
    """MediaPipe itself, with the file as it came and with ours, on the pictures of a walk through a portrait."""
    mediapipe = pytest.importorskip("mediapipe")
    data = pytest.importorskip("skimage.data")
    folder = Path(os.environ.get("CYC_MODELS") or Path.home() / ".cyclorama" / "models") / name
    if not (found := sorted(folder.glob("*.task"))):
        pytest.skip(f"cyc models get {name} --accept-licence")
    vision, whole = mediapipe.tasks.vision, found[0].read_bytes()

    def said(bundle: bytes) -> np.ndarray:
        base = mediapipe.tasks.BaseOptions(model_asset_buffer=bundle)
        options = vision.PoseLandmarkerOptions(base_options=base, running_mode=vision.RunningMode.VIDEO)
        with vision.PoseLandmarker.create_from_options(options) as does:
            rows = []
            for step in range(4):
                picture = np.ascontiguousarray(data.astronaut()[:, 20 * step :])
                image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=picture)
                result = does.detect_for_video(image, 33 * step)
                rows += [(p.x, p.y, p.z, p.visibility) for p in result.pose_landmarks[0]]
                rows += [(p.x, p.y, p.z, p.visibility) for p in result.pose_world_landmarks[0]]
            return np.array(rows)

    pruned = without_mask(whole)
    assert pruned != whole
    assert np.array_equal(said(pruned), said(whole))
