"""What the bus says the walls should show: the newest camera poses, whose frusta are on, which world and how bright."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from bridge.messages import CameraPose, CameraSettings, EnvironmentState, EnvironmentView, Message, SceneSettings
from bridge.sight import sight_of
from bridge.stage import Camera
from bridge.wall.frustum import Inner, inner_frusta
from bridge.world.world import World, gain

TOPICS = ("CameraPose", "CameraSettings", "SceneSettings", "EnvironmentView", "EnvironmentState")
SURROUND = "surround."
"""How the subjects of an outer viewpoint's views begin."""
AsSet = Callable[[SceneSettings], World]
"""The world as an operator has set it."""
UNSET = SceneSettings(subject="scene", t_ns=0)


class Wish(NamedTuple):
    """What to show at one moment."""

    poses: tuple[CameraPose, ...]
    """Of the cameras that are drawn, in the order of `inner`'s camera indices."""
    cameras: tuple[Camera, ...]
    """Theirs."""
    scene: SceneSettings = UNSET
    views: tuple[EnvironmentView, ...] = ()
    """Of the environment that is on: each camera's newest, and the surround's."""

    def inner(self) -> Inner:
        """Their frusta; about a millisecond a camera."""
        pairs = zip(self.poses, self.cameras, strict=True)
        sights = [sight_of(pose, camera.resolution_px) for pose, camera in pairs]
        margins_deg = [camera.frustum_margin_deg for camera in self.cameras]
        return inner_frusta(sights, margins_deg, [camera.frustum_priority for camera in self.cameras])


class Lit:
    """The stage's own world, and as an operator has set it: another place or hour is made anew only when it is set,
    and brightness is only a number on top, so that a fader of exposure reads no panorama from the disk."""

    def __init__(self, world: World, as_set: AsSet | None = None) -> None:
        self._own, self._as_set = world, as_set
        self._made = UNSET, world

    def world(self, scene: SceneSettings) -> World:
        """For these settings; their time does not matter."""
        place = replace(scene, exposure_ev=0.0)
        if place != self._made[0]:
            again = self._as_set if place != UNSET else None
            self._made = place, again(place) if again else self._own
        world = self._made[1]
        return world._replace(gain_unit=world.gain_unit * gain(scene.exposure_ev)) if scene.exposure_ev else world


class Heard:
    """Cameras that the stage does not know are not drawn, nor are those whose frustum an operator turned off."""

    def __init__(self, cameras: Mapping[str, Camera]) -> None:
        self._cameras = cameras
        self._poses: dict[str, CameraPose] = {}
        self._off: set[str] = set()
        self._scene = UNSET
        self._views: dict[str, EnvironmentView] = {}

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
                before, self._scene = self._scene, replace(message, t_ns=0)
                return before != self._scene
            case EnvironmentView():
                self._views[message.subject] = message
                return True
            case EnvironmentState() if self._views and _nothing_is_to_be_on(message):
                self._views.clear()
                return True
            case _:
                return False

    def wish(self) -> Wish:
        """What to show now."""
        poses = tuple(pose for name, pose in self._poses.items() if name not in self._off)
        cameras = tuple(self._cameras[pose.subject] for pose in poses)
        return Wish(poses, cameras, self._scene, tuple(self._views.values()))


def _nothing_is_to_be_on(said: EnvironmentState) -> bool:
    """A view service that was killed has nothing on either, but loads it again; or cannot, and what is there stays."""
    return not (said.environment or said.loading or said.fault)
