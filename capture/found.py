"""MediaPipe's answers as rows of what a camera saw, in pixels of the whole picture. Pure: answers are only read."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import axes_matrix, convert_positions
from bridge.performed import ARKIT_SHAPES
from capture.cameras.picture import Picture
from capture.detector import Box, same_head
from capture.seen import BODY, HAND_POINTS, Seen

Floats = NDArray[np.float64]
_WRIST = {side: BODY.index(f"{side}_wrist") for side in ("left", "right")}
_SAME_WRIST_UNIT = 0.5
"""Of the crop's width: a hand whose wrist is further from the body's is another hand."""
_LEAST_SCORE_UNIT = 0.2


class Cropped(NamedTuple):
    """What was found in a part of a picture."""

    what: str
    """`left` or `right`, whose hand it should be, or `face`."""
    said: Any
    part: tuple[slice, slice]
    """Rows and columns."""
    box: Box | None
    """As it was wanted; None: the whole picture."""


def nobody(picture: Picture) -> Seen:
    """A picture without anybody in it."""
    return Seen(picture.camera, picture.t_ns, picture.t_arrival_ns, picture.size_px, picture.timecode)


def body(seen: Seen, part: tuple[slice, slice], points: Any, world: Any) -> Seen:
    """With a body. What lies outside the picture is the model's invention, and not seen."""
    pixels = _pixels(points, part)
    inside = ((pixels >= 0) & (pixels <= seen.size_px)).all(axis=1)
    visibility = np.array([point.visibility for point in points]) * inside
    metres = np.array([(point.x, point.y, point.z) for point in world])
    return seen._replace(body_px=pixels, body_visibility=visibility, body_world_m=metres)


def with_hand(seen: Seen, cropped: Cropped) -> Seen:
    """With the hand at this body's wrist, if there is one.

    The score is the model's for that side, so the other hand in the crop has little.
    """
    assert cropped.box is not None and seen.body_px is not None
    side, width_px = cropped.what, cropped.box.right_px - cropped.box.left_px
    best: tuple[float, Floats | None] = (0.0, None)
    for points, labels in zip(cropped.said.hand_landmarks, cropped.said.handedness, strict=True):
        pixels = _pixels(points, cropped.part)
        score = labels[0].score if labels[0].category_name.lower() == side else 1.0 - labels[0].score
        near = float(np.hypot(*(pixels[0] - seen.body_px[_WRIST[side]]))) < _SAME_WRIST_UNIT * width_px
        if near and score >= max(_LEAST_SCORE_UNIT, best[0]) and len(pixels) == HAND_POINTS:
            best = (float(score), pixels)
    score, pixels = best
    return seen if pixels is None else seen._replace(**{f"{side}_hand_px": pixels, f"{side}_hand_score_unit": score})


def carried(seen: Seen, before: Seen, side: str) -> Seen:
    """With the hand of an earlier picture, if it has one, moved as this body's wrist has since."""
    hand = before.left_hand_px if side == "left" else before.right_hand_px
    if hand is None or seen.body_px is None or before.body_px is None:
        return seen
    moved_px = seen.body_px[_WRIST[side]] - before.body_px[_WRIST[side]]
    score = before.left_hand_score_unit if side == "left" else before.right_hand_score_unit
    return seen._replace(**{f"{side}_hand_px": hand + moved_px, f"{side}_hand_score_unit": score})


def with_face(seen: Seen, cropped: Cropped) -> Seen:
    """With a face, where it is this body's or no body was looked for."""
    box, said = cropped.box, cropped.said
    points = _pixels(said.face_landmarks[0], cropped.part)
    if box and seen.body_px is not None and not same_head(points, seen.body_px, box.right_px - box.left_px):
        return seen
    told = {shape.category_name: shape.score for shape in said.face_blendshapes[0]}
    shapes = np.array([told.get(name, 0.0) for name in ARKIT_SHAPES])
    turned = _head_pose(said.facial_transformation_matrixes[0], box is None)
    return seen._replace(face_px=points, face_shapes=shapes, camera_from_head=turned)


def _pixels(points: Any, part: tuple[slice, slice]) -> Floats:
    """MediaPipe counts a picture from edge to edge as 0 to 1: the first pixel's centre comes out at 0.5."""
    rows, columns = part
    size = (columns.stop - columns.start, rows.stop - rows.start)
    return np.array([(point.x, point.y) for point in points]) * size + (columns.start, rows.start)


def _head_pose(matrix: Any, is_whole: bool) -> Floats:
    """[4, 4]; the head's own axes are the model's: x to the left cheek, y up, z out of the face.

    Of a crop only the turn is known: where the head is would count from a camera that does not exist, and is NaN.
    """
    said, pose = np.asarray(matrix, dtype=np.float64), np.eye(4)
    pose[:3, :3] = axes_matrix("opencv", "mediapipe") @ said[:3, :3]
    pose[:3, 3] = convert_positions(said[:3, 3], "opencv", "mediapipe") if is_whole else np.nan
    return pose
