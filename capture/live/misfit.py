"""A camera that sends pictures of another shape than its calibration was made with: left out, and said in words.

A 4:3 picture of a camera that was calibrated at 16:9 is a crop or a stretch of it, nobody knows which, and its
landmarks would pull every joint aside. Another size of the same shape is the same view, and is scaled.
"""

from capture.rig import Rig
from capture.solve.matching import People

_SHAPE_UNIT = 0.012
"""How far two shapes may be from one: 1920x1088 is 1920x1080 and what a codec pads it with."""


def misfit(rig: Rig, people: People) -> str:
    """What is wrong with this camera's pictures, and what to do; empty: nothing. One camera alone is believed."""
    seen = people[0]
    if len(rig.cameras) < 2:
        return ""
    for camera in rig.cameras:
        (wide, high), (now_wide, now_high) = camera.size_px, seen.size_px
        if camera.name == seen.camera and abs(wide * now_high - high * now_wide) > _SHAPE_UNIT * wide * now_high:
            return (
                f"{seen.camera} sends pictures of {now_wide}x{now_high} and was calibrated with {wide}x{high}: it is "
                f"left out until it sends that shape again, or cyc calibrate rig anew"
            )
    return ""


def nobody_of(people: People) -> People:
    """The picture without bodies and hands: its moment, and its face."""
    return (
        people[0]._replace(
            body_px=None, body_visibility=None, body_world_m=None, left_hand_px=None, right_hand_px=None
        ),
    )
