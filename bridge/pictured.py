"""What is said on the bus about pictures: where their pixels lie, and what the view service makes of an environment."""

from typing import Literal

from bridge.envelope import Message
from bridge.timecode import Timecode


class PictureTicket(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A picture in a memory map of this host; the pixels never ride on the bus."""

    path: str
    slot: int
    generation: int
    height_px: int
    width_px: int
    channels: int
    dtype: Literal["uint8", "uint16", "float16", "float32"]
    colour_space: str = "ACEScg"
    camera: str = ""
    pose_sequence: int = -1
    """The CameraPose it was drawn with."""
    timecode: Timecode | None = None


class EnvironmentState(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What the view service shows; `subject` is `view`. Once a second, and when it changes."""

    environment: str = ""
    """Content hash; empty while nothing is drawn. Then the stage's own world is on; or, while something is loading or
    wrong, what the walls had."""
    title: str = ""
    loading: str = ""
    """Hash of what is being loaded."""
    fade_unit: float = 1.0
    """How much of the newest is shown, 0..1."""
    splats: int = 0
    level: int = 0
    """0 is full detail."""
    width_px: int = 0
    """Of the inner pictures."""
    rate_hz: float = 0.0
    """Inner pictures a second and camera."""
    age_s: float = 0.0
    """From a pose's moment to its picture being there, the newest."""
    fault: str = ""
    """Why what was asked for is not shown."""
