"""What the bus says the walls should show: the newest camera poses, whose frusta are on, how bright."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from bridge.messages import CameraPose, CameraSettings, Message, SceneSettings
from bridge.sight import sight_of
from bridge.stage import Camera
from bridge.wall.frustum import Inner, inner_frusta
from bridge.world.world import World, gain

TOPICS = ("CameraPose", "CameraSettings", "SceneSettings")
AsSet = Callable[[SceneSettings], World]
"""The world as an operator has set it."""


class Heard:
    """Cameras that the stage does not know are not drawn, nor are those whose frustum an operator turned off."""

    def __init__(self, cameras: Mapping[str, Camera], as_set: AsSet | None = None) -> None:
        self._cameras, self._as_set = cameras, as_set
        self._poses: dict[str, CameraPose] = {}
        self._off: set[str] = set()
        self._scene = SceneSettings(subject="scene", t_ns=0)
        self._made: tuple[SceneSettings, World] | None = None

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
                was, self._scene = self._scene, replace(message, t_ns=0)
                return was != self._scene
            case _:
                return False

    def poses(self) -> list[CameraPose]:
        """Of the cameras that are drawn, in the order of `inner`'s camera indices."""
        return [pose for name, pose in self._poses.items() if name not in self._off]

    def inner(self) -> Inner:
        """Their frusta."""
        poses = self.poses()
        cameras = [self._cameras[pose.subject] for pose in poses]
        sights = [sight_of(pose, camera.resolution_px) for pose, camera in zip(poses, cameras, strict=True)]
        margins_deg = [camera.frustum_margin_deg for camera in cameras]
        return inner_frusta(sights, margins_deg, [camera.frustum_priority for camera in cameras])

    def lit(self, world: World) -> World:
        """The stage's own world as the operator has set it; made anew only when something was set."""
        scene = self._scene
        if scene == SceneSettings(subject=scene.subject, t_ns=0):
            return world
        if self._as_set is None:
            return world._replace(gain_unit=world.gain_unit * gain(scene.exposure_ev))
        if self._made is None or self._made[0] != scene:
            self._made = scene, self._as_set(scene)
        return self._made[1]
