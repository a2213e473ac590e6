"""Crops that a body leads, which faces are the body's, and the budget of pose models."""

import numpy as np
import pytest

from capture.budget import LEVELS, Budget, spent
from capture.detector import Box, hand_box, head_box, kept_box, same_head, whole
from capture.seen import BODY


def standing() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A body facing the camera, arms down: pixels, visibility, metres."""
    at = {
        "shoulder": (40, 100),
        "elbow": (50, 160),
        "wrist": (50, 210),
        "hip": (25, 230),
        "ear": (16, 50),
        "eye_outer": (12, 44),
    }
    body = np.full((33, 2), (320.0, 60.0))
    for row, name in enumerate(BODY):
        side, _, joint = name.partition("_")
        if joint in at:
            x, y = at[joint]
            body[row] = (320 + (x if side == "left" else -x), y)
    world = np.zeros((33, 3))
    world[BODY.index("nose"), 2] = -0.12
    return body, np.ones(33), world


def test_a_hand_is_looked_for_round_its_wrist_and_on_along_the_forearm() -> None:
    body, visibility, _ = standing()
    box = hand_box(body, visibility, "left")
    assert box is not None
    assert box.left_px < 370 < box.right_px and box.top_px < 210 < box.bottom_px
    assert (box.top_px + box.bottom_px) / 2 == pytest.approx(210 + 0.35 * 50), "fingers hang below the wrist"
    body[BODY.index("left_elbow")] = body[BODY.index("left_wrist")] + 1.0  # it points at the camera
    foreshortened = hand_box(body, visibility, "left")
    assert foreshortened is not None and foreshortened.right_px - foreshortened.left_px == pytest.approx(0.6 * 130)
    visibility[BODY.index("left_wrist")] = 0.2
    assert hand_box(body, visibility, "left") is None and hand_box(body, visibility, "right") is not None


def test_a_crop_stays_until_what_it_is_for_moves_or_grows() -> None:
    kept = Box(100.0, 100.0, 200.0, 200.0)
    assert kept_box(None, kept) is kept
    assert kept_box(kept, Box(112.0, 92.0, 212.0, 192.0)) is kept
    moved, grown = Box(118.0, 100.0, 218.0, 200.0), Box(80.0, 80.0, 220.0, 220.0)
    assert kept_box(kept, moved) is moved
    assert kept_box(kept, grown) is grown


def test_a_face_is_looked_for_only_where_one_can_be() -> None:
    body, visibility, world = standing()
    box = head_box(body, visibility, world)
    assert box is not None and box.left_px < 304 and box.right_px > 336
    assert head_box(body, visibility, world * (1, 1, -1)) is None, "the nose is behind the ears: the back of a head"
    visibility[0] = 0.1
    assert head_box(body, visibility, world) is None


def test_a_face_whose_eyes_are_not_the_body_s_is_none() -> None:
    body, _, _ = standing()
    face = np.full((478, 2), (320.0, 60.0))
    face[33], face[263] = (309, 45), (331, 45)
    assert same_head(face, body, 100.0)
    face[263] = (310, 50)
    assert not same_head(face, body, 100.0), "found in hair: one eye where it should be, the other not"


def test_a_box_is_cut_at_the_picture_and_a_sliver_is_none() -> None:
    assert whole(Box(-10.2, 5.4, 99.6, 700.0), (640, 480)) == (slice(5, 480), slice(0, 100))
    assert whole(Box(630.0, 0.0, 700.0, 100.0), (640, 480)) is None
    assert whole(Box(-50.0, -50.0, -10.0, -10.0), (640, 480)) is None


def after(budget: Budget, look_s: float, seconds: float, levels: tuple[str, ...] = LEVELS) -> Budget:
    for _ in range(round(seconds * 10)):
        budget = spent(budget, look_s, 1 / 30, 0.1, levels)
    return budget


def test_a_model_that_is_too_slow_gives_way_within_two_seconds() -> None:
    assert after(Budget(), 0.05, 0.5).level == "pose-full"
    assert after(Budget(), 0.05, 2.0).level == "pose-lite"
    assert after(Budget("pose-lite"), 0.05, 20.0).level == "pose-lite", "there is none below it"


def test_a_better_one_comes_only_when_there_is_room_for_long() -> None:
    assert after(Budget(), 0.008, 5.0).level == "pose-full"
    assert after(Budget(), 0.008, 12.0).level == "pose-heavy"
    assert after(Budget(), 0.008, 12.0, LEVELS[:2]).level == "pose-full", "it is not there"
    assert after(Budget(), 0.012, 60.0).level == "pose-full", "it would not fit"


def test_one_slow_look_changes_nothing() -> None:
    budget = after(Budget(), 0.015, 3.0)
    assert after(spent(budget, 0.5, 1 / 30, 0.1), 0.015, 3.0).level == "pose-full"
