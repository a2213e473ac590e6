"""What the view service thinks: which scene is on, which is coming, how finely to draw; no socket, no disk."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from bridge.clock import NS_PER_S, Clock
from bridge.frames import Vector
from bridge.messages import CameraPose, CameraSettings, EnvironmentState, Message, SceneSettings
from bridge.sight import sight_of
from bridge.stage import Camera as StageCamera
from generators.camera import Camera
from generators.view import framing, pacing
from generators.view.scenes import Floats32, Scene, mixed

FADE_NS = NS_PER_S
SURROUND_PX = 512
SAY_NS = NS_PER_S

Publish = Callable[[str, Camera, Floats32, CameraPose | None, str], Message]
"""Subject, camera, light, pose, environment -> what to say of it."""


class Surround(NamedTuple):
    """Six faces of one scene."""

    scene: Scene
    faces: tuple[Floats32, ...]


class Show:
    """Scenes in, pictures out. The outer content changes only with the scene, so it is drawn when a scene is loaded."""

    def __init__(
        self, own: Surround, cameras: Sequence[StageCamera], viewpoint_m: Vector, publish: Publish, clock: Clock
    ) -> None:
        self._own, self._publish, self._clock = own, publish, clock
        self._cameras: Mapping[str, StageCamera] = {camera.name: camera for camera in cameras}
        self._places = framing.surround(viewpoint_m, SURROUND_PX)
        self._shown, self._coming, self._since_ns = own, own, 0
        self._poses: dict[str, CameraPose] = {}
        self._drawn: dict[str, int] = {}
        self._off: set[str] = set()
        widest = max((camera.resolution_px[0] for camera in cameras), default=640)
        self._rungs = pacing.ladder(widest)
        self._pace = pacing.start(self._rungs)
        self._rates: list[int] = []
        self._age_s, self._said_ns, self._changed = 0.0, 0, True
        self._turned_surround = False
        self.wanted, self.loading, self.fault = "", "", ""

    # --- what comes ---

    def hear(self, message: Message) -> None:
        """Poses, frusta and what is to be shown."""
        match message:
            case CameraPose() if message.subject in self._cameras:
                self._poses[message.subject] = message
            case CameraSettings():
                (self._off.discard if message.frustum else self._off.add)(message.subject)
            case SceneSettings():
                self.wanted = message.environment
            case _:
                pass

    def bring(self, scene: Surround | None) -> None:
        """Fade to this one; None: back to the stage's own world. A fade under way is finished at once first."""
        coming = scene or self._own
        if coming.scene.content == self._coming.scene.content:
            return
        self._shown, self._coming, self._since_ns = self._coming, coming, self._clock()
        self._changed = self._turned_surround = True
        self._drawn.clear()

    # --- what follows ---

    @property
    def note(self) -> str:
        """For the service's health."""
        rung = self._rungs[self._pace.rung]
        if self.fault or self.idle:
            return self.fault or ("loading" if self.loading else "the stage's own world")
        return f"{self._coming.scene.title}, {rung.width_px} px wide, level {rung.level}"

    @property
    def idle(self) -> bool:
        """The stage's own world is on, and nothing is coming: the walls draw it themselves."""
        return self._shown is self._own and self._coming is self._own

    def turn(self, threads: int) -> list[Message]:
        """One round: each camera's newest pose once, the surround while it changes, and how things stand."""
        now_ns = self._clock()
        said: list[Message] = []
        if not self.idle:
            share = min(1.0, (now_ns - self._since_ns) / FADE_NS)
            said += self._inner(share, threads)
            said += self._around(share)
            if share >= 1.0 and self._shown is not self._coming:
                self._shown = self._coming
        return said + self._state(self._clock())

    def _inner(self, share: float, threads: int) -> list[Message]:
        fading = self._shown is not self._coming
        due = [pose for name, pose in self._poses.items() if name not in self._off]
        due = [pose for pose in due if fading or self._drawn.get(pose.subject) != pose.sequence]
        if not due:
            return []
        rung, began_ns = self._rungs[self._pace.rung], self._clock()
        said: list[Message] = []
        for pose in due:
            camera = self._cameras[pose.subject]
            frame = framing.of_sight(sight_of(pose, camera.resolution_px), camera.frustum_margin_deg, rung.width_px)
            light = self._light(frame, share, rung.level, threads)
            said.append(self._publish(pose.subject, frame, light, pose, self._coming.scene.content))
            self._drawn[pose.subject] = pose.sequence
            self._age_s = (self._clock() - pose.t_ns) / NS_PER_S
        now_ns = self._clock()
        self._rates = [t_ns for t_ns in self._rates if now_ns - t_ns < 2 * NS_PER_S] + [now_ns]
        if not fading:  # two scenes are drawn then: that pace is no measure
            self._pace = pacing.step(self._rungs, self._pace, (now_ns - began_ns) / NS_PER_S)
        return said

    def _light(self, frame: Camera, share: float, level: int, threads: int) -> Floats32:
        if self._shown is self._coming:
            return self._coming.scene.light(frame, level, threads)
        level = min(level + 1, 2)
        first, second = (one.scene.light(frame, level, threads) for one in (self._shown, self._coming))
        return mixed(first, second, share)

    def _around(self, share: float) -> list[Message]:
        if not self._turned_surround:
            return []
        self._turned_surround = share < 1.0
        pairs = zip(self._places, self._shown.faces, self._coming.faces, strict=True)
        content = self._coming.scene.content
        return [
            self._publish(name, camera, mixed(old, new, share), None, content) for (name, camera), old, new in pairs
        ]

    def _state(self, now_ns: int) -> list[Message]:
        coming, rung = self._coming.scene, self._rungs[self._pace.rung]
        if not self._changed and now_ns - self._said_ns < SAY_NS:
            return []
        self._said_ns, self._changed = now_ns, False
        return [
            EnvironmentState(
                subject="view",
                t_ns=now_ns,
                environment="" if self.idle else (coming.content or self._shown.scene.content),
                title=coming.title,
                loading=self.loading,
                fade_unit=round(min(1.0, (now_ns - self._since_ns) / FADE_NS), 3),
                splats=coming.count(rung.level),
                level=rung.level,
                width_px=rung.width_px,
                rate_hz=round(sum(now_ns - t_ns < NS_PER_S for t_ns in self._rates), 1),
                age_s=round(self._age_s, 4),
                fault=self.fault,
            )
        ]


def around(scene: Scene, viewpoint_m: Vector, threads: int) -> Surround:
    """A scene and its surround, drawn."""
    level = 0 if scene.count(0) < 800_000 else 1
    return Surround(
        scene,
        tuple(scene.light(camera, level, threads) for _, camera in framing.surround(viewpoint_m, SURROUND_PX)),
    )
