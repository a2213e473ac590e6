"""What the bus says the walls should show: the newest camera poses, whose frusta are on, how bright."""

from collections.abc import Mapping
from typing import NamedTuple

from bridge.messages import CameraPose, CameraSettings, Message, SceneSettings
from bridge.sight import sight_of
from bridge.stage import Camera
from bridge.wall.frustum import Inner, inner_frusta
from bridge.world.world import World, gain

TOPICS = ("CameraPose", "CameraSettings", "SceneSettings")


class Wish(NamedTuple):
    """What to show at one moment."""

    poses: tuple[CameraPose, ...]
    """Of the cameras that are drawn, in the order of `inner`'s camera indices."""
    cameras: tuple[Camera, ...]
    """Theirs."""
    exposure_ev: float = 0.0

    def inner(self) -> Inner:
        """Their frusta; about a millisecond a camera."""
        pairs = zip(self.poses, self.cameras, strict=True)
        sights = [sight_of(pose, camera.resolution_px) for pose, camera in pairs]
        margins_deg = [camera.frustum_margin_deg for camera in self.cameras]
        return inner_frusta(sights, margins_deg, [camera.frustum_priority for camera in self.cameras])

    def lit(self, world: World) -> World:
        """The world at the operator's exposure."""
        return world._replace(gain_unit=world.gain_unit * gain(self.exposure_ev))


class Heard:
    """Cameras that the stage does not know are not drawn, nor are those whose frustum an operator turned off."""

    def __init__(self, cameras: Mapping[str, Camera]) -> None:
        self._cameras = cameras
        self._poses: dict[str, CameraPose] = {}
        self._off: set[str] = set()
        self._exposure_ev = 0.0

    def hear(self, message: Message) -> bool:
        """Whether this changes what the walls show."""
        match message:
            case CameraPose() if message.subject in self._cameras:
                self._poses[message.subject] = message
                return message.subject not in self._off
            case CameraSettings() if message.subject in self._cameras:
                was = message.subject not in self._off
                (self._off.discard if message.frustum else self._off.add)(message.subject)
                return was != message.frustum
            case SceneSettings():
                was_ev, self._exposure_ev = self._exposure_ev, message.exposure_ev
                return was_ev != message.exposure_ev
            case _:
                return False

    def wish(self) -> Wish:
        """What to show now."""
        poses = tuple(pose for name, pose in self._poses.items() if name not in self._off)
        return Wish(poses, tuple(self._cameras[pose.subject] for pose in poses), self._exposure_ev)
