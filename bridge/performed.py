"""What is said on the bus about performers: their skeletons, faces, the cameras that see them, and their consent.

A subject is a performer's pseudonym, as the ledger of consents knows it; never a name. Rows of numbers stay the bytes
they are: numpy makes and reads them.
"""

from typing import Literal

from bridge.envelope import Message
from bridge.frames import IDENTITY, Quaternion, Vector
from bridge.timecode import Timecode, TimecodeSource

# fmt: off
ARKIT_SHAPES: tuple[str, ...] = (
    "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft", "eyeSquintLeft",
    "eyeWideLeft", "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight",
    "eyeSquintRight", "eyeWideRight", "jawForward", "jawLeft", "jawRight", "jawOpen", "mouthClose", "mouthFunnel",
    "mouthPucker", "mouthLeft", "mouthRight", "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft",
    "mouthFrownRight", "mouthDimpleLeft", "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft", "mouthPressRight",
    "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "browDownLeft",
    "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff", "cheekSquintLeft",
    "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut",
)
# fmt: on
"""ARKit's face shapes, in Apple's order (ARFaceAnchor.BlendShapeLocation as Live Link Face sends them)."""


class SkeletonDefinition(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What bones a performer's poses have, in which order; said once a second and when it changes.

    In rest every bone's axes are the stage's (all rotations identity) and the performer stands upright in a T-pose on
    the floor at the stage's origin, facing -Y, the own left hand towards +X.
    """

    definition: int
    """Names this list: poses carry the same number."""
    bones: tuple[tuple[str, int], ...]
    """Name (Unreal's mannequin) and row of the parent, which lies above; -1: a root."""
    rest_m: tuple[Vector, ...]
    """Each bone's joint in its parent's axes, in rest: the bone lengths."""
    curves: tuple[str, ...] = ()


class SkeletonPose(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One performer's skeleton at one moment: newest wins."""

    sequence: int
    definition: int
    bones_f32: bytes
    """[N, 7] little-endian float32, parent-relative: rotation wxyz (parent_from_bone), then the joint's position in
    the parent's axes, metres. The root's parent is the stage."""
    curves_f32: bytes = b""
    """[M] little-endian float32."""
    quality_u8: bytes = b""
    """[N] 0..255: how sure each joint is; 0 was not seen and is carried by its neighbours or held."""
    t_arrival_ns: int
    """When the newest picture in it was received."""
    timecode: Timecode | None = None
    timecode_source: TimecodeSource = ""
    cameras: int = 0
    """How many saw the performer; 1 is monocular: depth is a guess."""
    reprojection_px: float = 0.0
    """Median distance between what was seen and the solved joints, over the cameras."""
    stale: bool = False
    lost: bool = False
    """Nobody is seen: the rows are of the last moment somebody was."""


class FaceShapes(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One performer's face at one moment: newest wins."""

    sequence: int
    shapes_f32: bytes
    """[52] little-endian float32, 0..1, in the order of ARKIT_SHAPES; one that the model cannot tell is 0."""
    head_position_m: Vector = (0.0, 0.0, 0.0)
    head_rotation_wxyz: Quaternion = IDENTITY
    """stage_from_head; the head's axes in rest are the stage's, the face looks along -Y."""
    t_arrival_ns: int
    timecode: Timecode | None = None
    timecode_source: TimecodeSource = ""
    unsupported: tuple[str, ...] = ()
    """Shapes that the model in use cannot tell."""
    calibrated: bool = False
    """The performer's neutral and gain are taken out."""
    stale: bool = False
    lost: bool = False


class CaptureCamera(Message, frozen=True, kw_only=True, omit_defaults=True):
    """How one capture camera does; `subject` is its name. Once a second, and when its state changes."""

    state: Literal["starting", "running", "degraded", "missing", "ended"]
    source: str = ""
    """Device, address or file, without a password."""
    width_px: int = 0
    height_px: int = 0
    rate_hz: float = 0.0
    seen: int = 0
    """Pictures taken in since the start."""
    dropped: int = 0
    """Newer ones came before they were looked at."""
    corrupt: int = 0
    reconnects: int = 0
    age_s: float = 0.0
    """From a picture's moment to its landmarks."""
    reprojection_px: float = 0.0
    """Median of the last second; grows when the camera was moved."""
    offset_s: float = 0.0
    """How much later than the rig's clock its pictures are labelled; already taken out."""
    fault: str = ""
    position_m: Vector = (0.0, 0.0, 0.0)
    rotation_wxyz: Quaternion = IDENTITY
    """stage_from_camera: X right, Y forward along the optical axis, Z up."""
    half_view_unit: tuple[float, float] = (0.0, 0.0)
    """Tangents of half its field of view, across and up; 0: where it stands is not known yet."""
    calibrated: bool = False
    """Off: where it stands is a usual webcam's, which is a guess."""
    calibrated_px: float = 0.0
    """What the calibration left over in it; 0: not measured."""
    minute_px: float = 0.0
    """`reprojection_px` over the last minute."""
    moved: bool = False
    """It does not stand any more where it was calibrated, by what it sees of people against what the others see."""
    overlay: bool = False
    """Its pictures are being shown, with what was seen in them."""
    filmed: int = 0
    """Pictures in the video beside the take that runs."""
    unfilmed: int = 0
    """Pictures that should be in it and are not: the disk or the processor was too slow."""
    aside_px: tuple[float, float] = (0.0, 0.0)
    """Which way performers lie beside the solve in it, right and down, median of the last second; both 0: nobody is
    seen."""


class PerformerState(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What may be done with a performer and what is being done; once a second, and when it changes."""

    consent: Literal["granted", "suspended", "withdrawn", "expired", "none", "synthetic"]
    capturing: bool = False
    recording: bool = False
    """What is made of this performer goes into the take that runs."""
    reason: str = ""
    """In plain words, where something was refused or stopped."""
