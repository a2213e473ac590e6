"""What `cyc bench capture` says of a clip, on movements whose error is known by how they were made."""

import numpy as np
import pytest

from bridge.performed import ARKIT_SHAPES
from capture.benches.figures import Figures, figures, lag_s, worst
from capture.bones import ROW
from capture.solve.measures import TWELVE_ROWS
from tests.capture import performer_made as made

RATE_HZ = 30.0


def test_the_truth_itself_is_without_fault() -> None:
    joints = made.walk(frames=40).joints_m
    found = figures(joints, joints, RATE_HZ)
    assert found == pytest.approx(Figures(0, 0, 0, 0, 0, 0), abs=1e-9)


def test_a_steady_offset_is_distance_and_neither_lag_nor_jitter() -> None:
    joints = made.walk(frames=40).joints_m
    found = figures(joints + [0.006, 0.0, -0.008], joints, RATE_HZ)
    assert found == pytest.approx(Figures(10.0, 0, 0, 0, 0, 0), abs=1e-8)


@pytest.mark.parametrize("late_frames", [-0.5, 0.0, 0.4, 1.0])
def test_lag_is_found_in_parts_of_a_frame_whatever_the_offsets(late_frames: float) -> None:
    t_s, random = np.arange(90) / RATE_HZ, np.random.Generator(np.random.PCG64(1))
    phases = random.uniform(0, 6, (12, 3))

    def moved(at_s: np.ndarray) -> np.ndarray:
        return 0.2 * np.sin(3.0 * at_s[:, None, None] + phases)

    late_s = late_frames / RATE_HZ
    found = moved(t_s - late_s) + random.normal(0, 0.03, (12, 3)) + random.normal(0, 0.002, (90, 12, 3))
    assert lag_s(found, moved(t_s), RATE_HZ) == pytest.approx(late_s, abs=0.03 / RATE_HZ)


def test_one_long_forearm_is_seen_in_lengths_and_the_worst_clip_is_the_one_told() -> None:
    joints = made.walk(frames=40).joints_m
    wrong = joints.copy()
    forearm = joints[::2, ROW["hand_l"]] - joints[::2, ROW["lowerarm_l"]]
    wrong[::2, ROW["hand_l"]] += 0.2 * forearm
    found = figures(wrong, joints, RATE_HZ)
    assert found.variation_unit == pytest.approx(0.1 / 1.1 / 8)
    assert found.mean_mm == pytest.approx(0.1e3 * np.linalg.norm(forearm, axis=-1).mean() / len(TWELVE_ROWS))
    assert worst([found, figures(joints, joints, RATE_HZ)]) == found


def test_of_a_face_only_supported_shapes_that_move_are_judged() -> None:
    close_up = pytest.importorskip("capture.benches.close_up", exc_type=ImportError)
    row = {name: number for number, name in enumerate(ARKIT_SHAPES)}
    truth, wave = np.zeros((60, 52)), 0.5 + 0.5 * np.sin(np.arange(60) / 5.0)
    for name in ("jawOpen", "mouthPucker", "tongueOut", "browInnerUp"):
        truth[:, row[name]] = wave
    said = np.full((60, 52), 0.2)
    said[:, row["jawOpen"]], said[:, row["mouthPucker"]] = 0.1 + 0.3 * wave, 1.0 - wave
    rows, like = close_up.judged(said, truth)
    found = dict(zip((ARKIT_SHAPES[each] for each in rows), like, strict=True))
    assert found == pytest.approx({"jawOpen": 1.0, "mouthPucker": -1.0, "browInnerUp": 0.0})
