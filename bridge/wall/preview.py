"""The wall service: draws small pictures of all walls for the newest camera poses and says where they lie.

It always draws for the newest poses and skips what came between; it rests as long as it draws, so that it never takes
more than half a core from those who matter more.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.at_ticks import draw_at_ticks
from bridge.bus.keys import BusKeys
from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import Publisher
from bridge.clock import NS_PER_S, Clock, system_clock
from bridge.frames import Vector
from bridge.messages import CameraPose, Message, PictureTicket
from bridge.pictures import PictureWriter
from bridge.service import Desk, Say
from bridge.stage import Camera, Stage
from bridge.tone import PREVIEW_SPACE, preview
from bridge.wall.draw import WallPicture, blank, paint_rows
from bridge.wall.heard import TOPICS, AsSet, Heard, Lit, Wish
from bridge.wall.paintings import Paintings
from bridge.wall.shape import Screen
from bridge.wall.surfaces import screens
from bridge.world.file import world_as_set, world_of
from bridge.world.world import World

WIDTH_PX = 768
TOTAL_PX = 240_000
"""Of all walls together: about a tenth of a second of drawing."""
RATE_HZ = 12.0
_TICK_S = 1.0 / 48.0
_SLOTS = 4


class Canvas(NamedTuple):
    """One wall's preview: what is drawn into, and where it is published."""

    screen: Screen
    picture: WallPicture
    writer: PictureWriter


class Look(NamedTuple):
    """What the walls show besides the cameras."""

    world: World
    viewpoint_m: Vector
    exposure_ev: float = 0.0
    """The stage file's: views of environments come without it."""


class Preview:
    """The newest poses and settings in, tickets out."""

    def __init__(
        self,
        walls: list[Screen],
        cameras: Mapping[str, Camera],
        look: Look,
        clock: Clock,
        as_set: AsSet | None = None,
    ) -> None:
        self._heard, self._viewpoint_m, self._clock = Heard(cameras), look.viewpoint_m, clock
        self._lit, self._paintings = Lit(look.world, as_set), Paintings()
        self._exposure_ev = look.exposure_ev
        self._fresh = True
        self._due_ns = self._drawn = self._busy_ns = 0
        self._since_ns = clock()
        self.note = ""
        sizes = preview_sizes([screen.pixels for screen in walls])
        self._canvases = [_canvas(screen, size_px) for screen, size_px in zip(walls, sizes, strict=True)]
        self._draw(self._heard.wish())  # compiles what draws

    def hear(self, message: Message) -> None:
        """A newer pose of one camera, or how an operator has set what is shown."""
        self._fresh = self._heard.hear(message) or self._fresh

    def tick(self, now_ns: int) -> list[Message]:
        """Tickets, when there is something new to show and time to show it."""
        self._measure(now_ns)
        if not self._fresh or now_ns < self._due_ns:
            return []
        wish = self._draw(self._heard.wish())
        self._fresh = False
        spent_ns = self._clock() - now_ns
        self._busy_ns += spent_ns
        self._drawn += 1
        every_ns = round(NS_PER_S / RATE_HZ)
        on_time = now_ns - self._due_ns < every_ns
        self._due_ns = max((self._due_ns if on_time else now_ns) + every_ns, now_ns + 2 * spent_ns)
        return [self._ticket(canvas, list(wish.poses)) for canvas in self._canvases]

    def close(self) -> None:
        """Remove the pictures."""
        for canvas in self._canvases:
            canvas.writer.close()
        self._paintings.close()

    def _draw(self, wish: Wish) -> Wish:
        """-> the wish with the poses that were drawn."""
        wish, painting = self._paintings.of(wish, self._exposure_ev)
        inner, world = wish.inner(), self._lit.world(wish.scene)
        for screen, picture, writer in self._canvases:
            paint_rows(screen, world, inner, painting, self._viewpoint_m, picture, (0, len(picture.owner)))
            with writer.slot() as pixels:
                preview(picture.light, pixels)
        return wish

    def _ticket(self, canvas: Canvas, poses: list[CameraPose]) -> PictureTicket:
        """In the name of the camera that has most of the wall; without one, of nobody and now."""
        fields = canvas.writer.last
        pose = _most_shown(canvas.picture.owner, poses)
        name = canvas.screen.name
        if pose is None:
            return PictureTicket(subject=name, t_ns=self._clock(), colour_space=PREVIEW_SPACE, **fields)
        return PictureTicket(
            subject=name,
            t_ns=pose.t_ns,
            camera=pose.subject,
            pose_sequence=pose.sequence,
            timecode=pose.timecode,
            colour_space=PREVIEW_SPACE,
            **fields,
        )

    def _measure(self, now_ns: int) -> None:
        if now_ns - self._since_ns < 2 * NS_PER_S:
            return
        seconds = (now_ns - self._since_ns) / NS_PER_S
        each_s = self._busy_ns / NS_PER_S / max(self._drawn, 1)
        self.note = f"{self._drawn / seconds:.1f} drawings of {len(self._canvases)} walls a second, {each_s:.3f} s each"
        self._since_ns, self._drawn, self._busy_ns = now_ns, 0, 0


def serve(
    stage: Stage,
    stage_folder: Path,
    *,
    sources: Mapping[str, tuple[str, str]],
    outbox: Publisher,
    stop: Callable[[], bool],
    keys: BusKeys | None = None,
    say: Say | None = None,
) -> None:
    """Until `stop()`; `sources` has whoever says camera poses. Warm before it calls itself ready.

    Raises ObjFault, WorldFault and NoRoom before anything is said.
    """
    clock = system_clock
    look = Look(world_of(stage.world, stage_folder), stage.world.viewpoint_m, stage.world.exposure_ev)
    by_name = {camera.name: camera for camera in stage.cameras}
    as_set = partial(world_as_set, stage.world, stage_folder)
    maker = Preview(screens(stage, stage_folder), by_name, look, clock, as_set)
    mailbox = Mailbox([pub for pub, _ in sources.values()], TOPICS, keys=keys)
    desk = Desk("wall", clock, say)
    draw_at_ticks(maker, mailbox, desk, tick_s=_TICK_S, outbox=outbox, clock=clock, stop=stop)


def preview_sizes(walls_px: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """(width, height) per wall in its own proportions: at most WIDTH_PX wide, at most TOTAL_PX together."""
    shrunk = [min(1.0, WIDTH_PX / width) for width, _ in walls_px]
    total_px = sum(width * height * by * by for (width, height), by in zip(walls_px, shrunk, strict=True))
    all_by = min(1.0, math.sqrt(TOTAL_PX / total_px))
    return [
        (max(1, round(width * by * all_by)), max(1, round(height * by * all_by)))
        for (width, height), by in zip(walls_px, shrunk, strict=True)
    ]


def _canvas(screen: Screen, size_px: tuple[int, int]) -> Canvas:
    width, height = size_px
    writer = PictureWriter(f"wall-{screen.name}", (height, width, 4), "uint8", slots=_SLOTS)
    return Canvas(screen, blank(size_px), writer)


def _most_shown(owner: NDArray[np.int8], poses: list[CameraPose]) -> CameraPose | None:
    counts = np.bincount(owner[owner >= 0].ravel(), minlength=max(len(poses), 1))
    return poses[int(counts.argmax())] if poses else None
