"""The view service: environments of the library on the walls, for the newest camera poses, faded from one to the next.

A thread of its own loads an environment and draws its surround; until that is done the last one stays. It draws for
the newest poses only, and steps down in size and detail rather than fall behind.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bridge.at_ticks import draw_at_ticks
from bridge.bus.keys import BusKeys
from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import Publisher
from bridge.clock import Clock, system_clock
from bridge.library.shelf import Entry, Library, LibraryFault
from bridge.messages import CameraPose, EnvironmentView, Message, PictureTicket, SceneSettings
from bridge.pictures import PictureWriter
from bridge.service import Desk, Say
from bridge.stage import Stage
from generators.camera import Camera
from generators.view.framing import rotation_of
from generators.view.show import Floats32, Show, Surround, around

TOPICS = ("CameraPose", "CameraSettings", "SceneSettings")
TICK_S = 1.0 / 60.0
_SLOTS = 4
ALL_CORES = 0
"""The service stands behind the others by its priority, not by leaving cores idle."""
_BRIGHTEST_UNIT = 60_000.0
"""What a half float holds."""


class Pictures:
    """One memory map per subject, made anew when its picture changes size."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._writers: dict[str, tuple[tuple[int, int], PictureWriter]] = {}

    def publish(
        self, subject: str, camera: Camera, light: Floats32, pose: CameraPose | None, content: str
    ) -> EnvironmentView:
        """Write it, and say where it is and from where it was seen."""
        writer = self._writer(subject, camera.size_px)
        with writer.slot() as pixels:
            np.copyto(pixels, np.minimum(light, np.float32(_BRIGHTEST_UNIT)), casting="same_kind")
        t_ns = pose.t_ns if pose else self._clock()
        ticket = PictureTicket(subject=subject, t_ns=t_ns, colour_space="linear Rec.709", **writer.last)
        return EnvironmentView(
            subject=subject,
            t_ns=t_ns,
            environment=content,
            position_m=camera.position_m,
            rotation_wxyz=rotation_of(camera),
            focal_px=camera.focal_px,
            centre_px=camera.centre_px,
            picture=ticket,
            pose=pose,
        )

    def close(self) -> None:
        """Remove them."""
        for _, writer in self._writers.values():
            writer.close()

    def _writer(self, subject: str, size_px: tuple[int, int]) -> PictureWriter:
        had = self._writers.get(subject)
        if had is None or had[0] != size_px:
            if had:
                had[1].close()
            width, height = size_px
            name = f"view-{subject}"
            self._writers[subject] = size_px, PictureWriter(name, (height, width, 3), "float16", slots=_SLOTS)
        return self._writers[subject][1]


class Loaded(NamedTuple):
    """An environment, and what the stage shows without one."""

    own: Surround
    scene: Surround


class Loader:
    """Loads in a thread, the newest asked for: `ask` as often as you like, `take` what has become of it."""

    def __init__(self, load: Callable[[str], Loaded]) -> None:
        self._load = load
        self._thread: threading.Thread | None = None
        self._result: tuple[str, Loaded | str] | None = None
        self.asked = ""

    def ask(self, name: str) -> None:
        """A hash or its beginning."""
        self.asked = name
        if name and (self._thread is None or not self._thread.is_alive()):
            self._thread = threading.Thread(target=self._work, args=(name,), name="loader", daemon=True)
            self._thread.start()

    def take(self) -> Loaded | str | None:
        """What was asked for last, or in one sentence why it is not to be had; None while it takes its time."""
        if self._result is None or (self._thread and self._thread.is_alive()):
            return None
        (name, result), self._result = self._result, None
        if name == self.asked:
            return result
        self.ask(self.asked)  # another was asked for meanwhile
        return None

    def _work(self, name: str) -> None:
        try:
            self._result = name, self._load(name)
        except Exception as fault:  # shown, for a thread's end must not be silent
            known = isinstance(fault, LibraryFault | ValueError | OSError)
            self._result = name, str(fault) if known else f"{type(fault).__name__}: {fault}"


class Curtain:
    """A show and what brings its scenes."""

    def __init__(self, show: Show, loader: Loader, desk: Desk, pictures: Pictures) -> None:
        self._show, self._loader, self._desk, self._pictures = show, loader, desk, pictures
        self._had: str | None = None
        self._goes_on = False
        """Something was on when this process began: the one before was killed, and the walls keep its pictures."""

    def hear(self, message: Message) -> None:
        """From the bus."""
        self._show.hear(message)

    @property
    def note(self) -> str:
        """For the service's health."""
        return self._show.note

    def tick(self, _now_ns: int) -> list[Message]:
        """Whatever is due."""
        show, wanted = self._show, self._show.wanted
        if wanted is not None and wanted != self._had:
            self._goes_on = bool(wanted) and (self._goes_on or self._had is None)
            self._had, show.fault = wanted, ""
            show.loading = wanted
            self._loader.ask(wanted)
            if not wanted:
                show.bring(None)
        come = self._loader.take()
        if isinstance(come, Loaded):
            show.loading = ""
            show.own(come.own)
            (show.go_on_with if self._goes_on else show.bring)(come.scene)
            self._goes_on = False
            self._desk.say([f"{come.scene.scene.title} is on: {come.scene.scene.count(0):,} splats"])
        elif come:
            show.loading, show.fault = "", come
            self._desk.refuse("environment", self._loader.asked, come)
        return show.turn(ALL_CORES)

    def close(self) -> None:
        """Remove the pictures."""
        self._pictures.close()


def serve(
    stage: Stage,
    stage_folder: Path,
    library: Path,
    *,
    spine_pub: str,
    outbox: Publisher,
    stop: Callable[[], bool],
    keys: BusKeys | None = None,
    say: Say | None = None,
) -> None:
    """Until `stop()`. What draws is loaded with the first environment: until then this is a small process."""
    clock = system_clock
    desk, pictures = Desk("view", clock, say), Pictures(clock)
    show = Show(stage.cameras, stage.world.viewpoint_m, pictures.publish, clock)
    loader = Loader(lambda name: loaded(stage, stage_folder, Library(library).find(name), show.scene))
    curtain = Curtain(show, loader, desk, pictures)
    mailbox = Mailbox([spine_pub], TOPICS, keys=keys)
    draw_at_ticks(curtain, mailbox, desk, tick_s=TICK_S, outbox=outbox, clock=clock, stop=stop)


def loaded(stage: Stage, stage_folder: Path, entry: Entry, scene: SceneSettings) -> Loaded:
    """An environment of the library and its surround. Raises what reading files does, as ValueError or OSError."""
    from bridge.world.file import world_as_set  # with these come the kernels
    from generators.view.scenes import of_stage, stored

    viewpoint_m = stage.world.viewpoint_m
    own = of_stage(world_as_set(stage.world, stage_folder, scene))
    return Loaded(around(own, viewpoint_m, ALL_CORES), around(stored(entry), viewpoint_m, ALL_CORES))
