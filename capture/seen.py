"""What one camera saw of one performer at one moment: landmarks in pixels, before any geometry.

Body landmarks are the 33 of BlazePose, hands the 21 of MediaPipe's hand model, faces its 478 points; all are named by
their row. Other detectors are brought to these rows where they are read.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.timecode import Timecode

Floats = NDArray[np.float64]

# fmt: off
BODY: tuple[str, ...] = (
    "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye", "right_eye_outer",
    "left_ear", "right_ear", "mouth_left", "mouth_right", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_pinky", "right_pinky", "left_index", "right_index",
    "left_thumb", "right_thumb", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
    "left_heel", "right_heel", "left_foot_index", "right_foot_index",
)
# fmt: on
"""BlazePose's landmarks, in its order; left and right are the performer's own."""

HAND_POINTS, FACE_POINTS = 21, 478

HEAD_FROM_MODEL = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
"""A face model's axes (x to the own left cheek, y up, z out of the face) in the head's own: the face looks to -Y."""


class Seen(NamedTuple):
    """Parts that were not looked for or not found are None."""

    camera: str
    t_ns: int
    """The picture's moment, on this host's clock."""
    t_arrival_ns: int
    size_px: tuple[int, int]
    """Width, height of the picture that the pixels count in."""
    timecode: Timecode | None = None
    body_px: Floats | None = None
    """[33, 2]: right, down; the first pixel's centre is (0.5, 0.5)."""
    body_visibility: Floats | None = None
    """[33], 0..1."""
    body_world_m: Floats | None = None
    """[33, 3]: the model's own guess in the image plane's axes (x right, y down, z forward), from between the hips."""
    left_hand_px: Floats | None = None
    """[21, 2]; the performer's own left."""
    right_hand_px: Floats | None = None
    left_hand_score_unit: float = 0.0
    right_hand_score_unit: float = 0.0
    face_px: Floats | None = None
    """[478, 2]."""
    face_shapes: Floats | None = None
    """[52] in the order of bridge.performed.ARKIT_SHAPES, as the model says it: no neutral taken out."""
    camera_from_head: Floats | None = None
    """[4, 4], metres: the model's head (`HEAD_FROM_MODEL`) in the image plane's axes (x right, y down, z forward)."""
