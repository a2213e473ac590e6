"""What the view service thinks: which scene is on, which is coming, how finely to draw; no socket, no disk."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from bridge.clock import NS_PER_S, Clock
from bridge.frames import Vector
from bridge.messages import CameraPose, CameraSettings, EnvironmentState, Message, SceneSettings
from bridge.sight import sight_of
from bridge.stage import Camera as StageCamera
from bridge.wall.heard import UNSET
from generators.camera import Camera
from generators.view import framing, pacing

Floats32 = NDArray[np.float32]

FADE_NS = NS_PER_S
SURROUND_PX = 512
AROUND_NS = NS_PER_S // 8
"""While scenes fade the outer content is said this often: its six pictures take as long as a camera's."""
BUILT_IN = ("sky", "test-set")
"""Worlds that the walls draw themselves."""
SAY_NS = NS_PER_S

Publish = Callable[[str, Camera, Floats32, CameraPose | None, str], Message]
"""Subject, camera, light, pose, environment -> what to say of it."""


class Scene(Protocol):
    """Something to look at, at 0 EV."""

    @property
    def content(self) -> str: ...

    @property
    def title(self) -> str: ...

    def count(self, level: int) -> int: ...

    def light(self, camera: Camera, level: int, threads: int) -> Floats32: ...


class Surround(NamedTuple):
    """Six faces of one scene, from the outer viewpoint."""

    scene: Scene
    faces: tuple[Floats32, ...]


class Show:
    """Scenes in, pictures out. The outer content changes only with the scene, so it is drawn when a scene is loaded."""

    def __init__(self, cameras: Sequence[StageCamera], viewpoint_m: Vector, publish: Publish, clock: Clock) -> None:
        self._publish, self._clock = publish, clock
        self._own: Surround | None = None
        self._cameras: Mapping[str, StageCamera] = {camera.name: camera for camera in cameras}
        self._places = framing.surround(viewpoint_m, SURROUND_PX)
        self._shown: Surround | None = None
        self._coming: Surround | None = None
        self._since_ns = 0
        self._poses: dict[str, CameraPose] = {}
        self._drawn: dict[str, int] = {}
        self._off: set[str] = set()
        widest = max((camera.resolution_px[0] for camera in cameras), default=640)
        self._rungs = pacing.ladder(widest)
        self._pace = pacing.start(self._rungs)
        self._drawings_ns: list[int] = []
        self._age_s, self._said_ns, self._changed = 0.0, 0, True
        self._around_due_ns: int | None = None
        self.wanted: str | None = None
        """Environment to be shown, empty for none; None until the spine has said which."""
        self.loading, self.fault = "", ""
        self.scene = UNSET

    # --- what comes ---

    def hear(self, message: Message) -> None:
        """Poses, frusta and what is to be shown."""
        match message:
            case CameraPose() if message.subject in self._cameras:
                self._poses[message.subject] = message
            case CameraSettings():
                (self._off.discard if message.frustum else self._off.add)(message.subject)
            case SceneSettings():
                self.scene = message
                self.wanted = "" if message.environment in BUILT_IN else message.environment
            case _:
                pass

    def own(self, own: Surround) -> None:
        """What the stage shows without an environment, as it is set now; needed before the first comes."""
        self._shown = own if self._shown is self._own else self._shown
        self._coming = own if self._coming is self._own else self._coming
        self._own = own

    def go_on_with(self, scene: Surround) -> None:
        """At once, without a fade: the walls have its pictures still, from this service's last life."""
        self._shown = self._coming = scene
        self._changed, self._around_due_ns = True, 0

    def bring(self, scene: Surround | None) -> None:
        """Fade to this one; None: back to the stage's own world. A fade under way is turned round where it came from
        there, else finished at once first."""
        coming = scene or self._own
        if coming is None or self._coming is None or coming.scene.content == self._coming.scene.content:
            return
        now_ns, back = self._clock(), self._shown and coming.scene.content == self._shown.scene.content
        done_ns = min(now_ns - self._since_ns, FADE_NS) if back else FADE_NS
        self._shown, self._coming, self._since_ns = self._coming, coming, now_ns - (FADE_NS - done_ns)
        self._changed, self._around_due_ns = True, 0
        self._pace = self._pace._replace(took_s=(), calm=0, left_s=0.0)
        self._drawn.clear()

    # --- what follows ---

    @property
    def note(self) -> str:
        """For the service's health."""
        if self.fault or self.loading:
            return self.fault or f"loading {self.loading}"
        rung, title = self._rungs[self._pace.rung], self._coming.scene.title if self._coming else ""
        return "the stage's own world" if self.idle else f"{title}, {rung.width_px} px wide, level {rung.level}"

    @property
    def idle(self) -> bool:
        """The stage's own world is on, and nothing is coming: the walls draw it themselves."""
        return self._shown is self._own and self._coming is self._own  # at first all are None

    def turn(self, threads: int) -> list[Message]:
        """One round: each camera's newest pose once, the surround while it changes, and how things stand."""
        now_ns = self._clock()
        said: list[Message] = []
        if self._shown and self._coming and not self.idle:
            fade = _Fade(self._shown, self._coming, min(1.0, (now_ns - self._since_ns) / FADE_NS))
            said += self._inner(fade, threads)
            said += self._around(fade, now_ns)
            if fade.share_unit >= 1.0:
                self._shown = self._coming
        return said + self._state(self._clock())

    def _inner(self, fade: "_Fade", threads: int) -> list[Message]:
        due = [pose for name, pose in self._poses.items() if name not in self._off]
        due = [pose for pose in due if fade.on or self._drawn.get(pose.subject) != pose.sequence]
        if not due:
            return []
        rung, began_ns = self._rungs[self._pace.rung], self._clock()
        said: list[Message] = []
        for pose in due:
            camera = self._cameras[pose.subject]
            frame = framing.of_sight(sight_of(pose, camera.resolution_px), camera.frustum_margin_deg, rung.width_px)
            light = fade.light(frame, rung.level, threads)
            said.append(self._publish(pose.subject, frame, light, pose, fade.coming.scene.content))
            self._drawn[pose.subject] = pose.sequence
            self._age_s = (self._clock() - pose.t_ns) / NS_PER_S
        now_ns = self._clock()
        self._drawings_ns = [t_ns for t_ns in self._drawings_ns if now_ns - t_ns < NS_PER_S] + [now_ns]
        if not fade.on:  # two scenes are drawn then: that pace is no measure
            self._pace = pacing.step(self._rungs, self._pace, (now_ns - began_ns) / NS_PER_S)
        return said

    def _around(self, fade: "_Fade", now_ns: int) -> list[Message]:
        over = fade.share_unit >= 1.0
        if self._around_due_ns is None or (now_ns < self._around_due_ns and not over):
            return []
        self._around_due_ns = None if over else now_ns + AROUND_NS
        pairs = zip(self._places, fade.shown.faces, fade.coming.faces, strict=True)
        content = fade.coming.scene.content
        return [
            self._publish(name, camera, mixed(old, new, fade.share_unit), None, content)
            for (name, camera), old, new in pairs
        ]

    def _state(self, now_ns: int) -> list[Message]:
        if self.wanted is None or (not self._changed and now_ns - self._said_ns < SAY_NS):
            return []
        self._said_ns, self._changed = now_ns, False
        coming, rung = self._coming.scene if self._coming else None, self._rungs[self._pace.rung]
        shown = self._shown.scene.content if self._shown else ""
        content = coming.content if coming else ""
        return [
            EnvironmentState(
                subject="view",
                t_ns=now_ns,
                environment="" if self.idle else (content or shown),
                title=coming.title if coming else "",
                loading=self.loading,
                fade_unit=round(min(1.0, (now_ns - self._since_ns) / FADE_NS), 3),
                splats=coming.count(rung.level) if coming else 0,
                level=rung.level,
                width_px=rung.width_px,
                rate_hz=float(sum(now_ns - t_ns < NS_PER_S for t_ns in self._drawings_ns)),
                age_s=round(self._age_s, 4),
                fault=self.fault,
            )
        ]


class _Fade(NamedTuple):
    """From one scene to the next; the same twice where none is under way."""

    shown: Surround
    coming: Surround
    share_unit: float

    @property
    def on(self) -> bool:
        return self.shown is not self.coming

    def light(self, frame: Camera, level: int, threads: int) -> Floats32:
        if not self.on:
            return self.coming.scene.light(frame, level, threads)
        level = min(level + 1, 2)  # twice the work
        first, second = (one.scene.light(frame, level, threads) for one in (self.shown, self.coming))
        return mixed(first, second, self.share_unit)


def around(scene: Scene, viewpoint_m: Vector, threads: int) -> Surround:
    """A scene and its surround, drawn."""
    level = 0 if scene.count(0) < 800_000 else 1
    return Surround(
        scene,
        tuple(scene.light(camera, level, threads) for _, camera in framing.surround(viewpoint_m, SURROUND_PX)),
    )


def mixed(first: Floats32, second: Floats32, share_unit: float) -> Floats32:
    """Light of two scenes, the second's share eased in and out."""
    eased = np.float32(0.5 - 0.5 * math.cos(math.pi * min(max(share_unit, 0.0), 1.0)))
    return np.asarray(first + eased * (second - first), np.float32)
