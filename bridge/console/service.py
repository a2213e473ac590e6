"""The operator's page as a service: hears the bus, draws at a few fixed rates, passes presses on.

It only listens: newest states from a mailbox, alarms from a feed, both fetched when the page is drawn. A browser that
hangs, or this whole process, holds nobody up; the bus drops what the page does not fetch.
"""

import math
from collections.abc import Callable, Container, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.at_ticks import AtTicks
from bridge.bus.command import command
from bridge.bus.feed import Feed
from bridge.bus.keys import BusKeys
from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import Publisher
from bridge.clock import system_clock
from bridge.console import budget, calibration
from bridge.console.facets import facets
from bridge.console.guard import close_page, open_page
from bridge.console.jobs import Jobs
from bridge.console.orders import addressee
from bridge.console.page import Files, Page, ReadPicture
from bridge.console.panel import Names
from bridge.console.room import Dots, WallShape
from bridge.messages import Acknowledged, Message, PictureTicket
from bridge.pictures import PictureReader
from bridge.service import Desk, Duty, Say, run
from bridge.services import live
from bridge.stage import Stage
from bridge.wall.shape import Shape, pitch_m, pixel_centres, points, tessellated
from bridge.wall.surfaces import shape_of

STATES = (
    *("CameraPose", "StreamHealth", "ServiceState", "ServiceHealth", "HopLatency", "PictureTicket", "TakeState"),
    *("CameraSettings", "SceneSettings", "EnvironmentState", "TimecodeState", "HostClock", "UnrealState"),
    *("DisplayState", "SkeletonDefinition", "SkeletonPose", "FaceShapes", "CaptureCamera", "PerformerState"),
)
DOTS = 12_000
TICK_S = 1.0 / 30.0
COMMAND_DEADLINE_S = 2.0
Sources = Mapping[str, tuple[str, str]]
"""Service -> its (pub, rpc) endpoints."""


class PageAddress(NamedTuple):
    """Where the page is served. Beyond loopback it needs a token of at least 16 characters."""

    host: str = "127.0.0.1"
    port: int = 8080
    token: str = ""

    @property
    def url(self) -> str:
        """What to open in a browser."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/" + (f"?token={self.token}" if self.token else "")


def serve(
    stage: Stage,
    files: Files,
    *,
    address: PageAddress,
    sources: Sources,
    outbox: Publisher,
    stop: Callable[[], bool],
    keys: BusKeys | None = None,
    say: Say | None = None,
) -> None:
    """Until `stop()`. Raises PortBusy, and ValueError for an open page without a token, before anything is shown."""
    clock = system_clock
    server = open_page(address.host, address.port, token=address.token, label="Cyclorama")
    jobs = Jobs(clock)
    walls, ask = wall_shapes(stage, files.stage.parent), _asking(sources, keys)
    page = Page(server, names_of(stage, sources), walls, ask, clock, jobs, files)
    desk = Desk("console", clock, say)
    mailbox = Mailbox([pub for pub, _ in sources.values()], STATES, keys=keys)
    alarms = Feed(sources.values(), ["Alarm"], clock, keys=keys)
    desk.say([f"the page is at {address._replace(port=server.get_port()).url}"])
    inbox = [AtTicks(mailbox), AtTicks(alarms)]
    try:
        run(
            duty(reading(), inbox),
            desk,
            page,
            inbox=inbox,
            outbox=outbox,
            clock=clock,
            desk=desk,
            stop=stop,
        )
    finally:
        jobs.close()
        mailbox.close()
        alarms.close()
        close_page(server)


def duty(read_picture: ReadPicture, inbox: Sequence[AtTicks]) -> Duty[Desk, Page]:
    """At every tick hear what came and draw what is due; the page's rates go into the service's health."""

    def hear(_desk: Desk, page: Page, message: Message) -> tuple[Page, None]:
        page.hear([message])
        return page, None

    def draw(desk: Desk, page: Page, _now_ns: int) -> tuple[Page, list[Message]]:
        messages = [message for inlet in inbox for message in inlet.fetch()]
        page.hear(messages)
        said = page.draw(read_picture)
        desk.received += len(messages)
        desk.note = page.rates()
        return page, said

    return Duty(hear, tick=draw, tick_s=TICK_S)


def names_of(stage: Stage, heard: Container[str]) -> Names:
    """What the page lists from the start: of the stage's services, those it has an ear for."""
    return Names(
        stage=stage.name,
        cameras=[camera.name for camera in stage.cameras],
        services=[service for service in live(stage) if service in heard],
        declared=budget.declared(stage),
        rigs=calibration.rigs(stage),
        calibrations=stage.calibrations,
        capture=[camera.name for camera in stage.capture.cameras] if stage.capture else (),
    )


def wall_shapes(stage: Stage, folder: Path) -> list[WallShape]:
    """The stage's walls as triangles, and as rectangles where they can be."""
    shapes: list[WallShape] = []
    for wall in stage.walls:
        shape = shape_of(wall, folder)
        made = tessellated(shape)
        rectangles = facets(made.vertices_m, made.uv, made.triangles)
        dots = _dots(shape, wall.pixels) if rectangles is None else None
        shapes.append(WallShape(wall.name, made.vertices_m, made.uv, made.triangles, rectangles, dots))
    return shapes


def _dots(shape: Shape, pixels: tuple[int, int]) -> Dots:
    """DOTS points spread evenly over the wall's picture, where it has a surface."""
    width = max(2, round(math.sqrt(DOTS * pixels[0] / pixels[1])))
    height = max(2, round(DOTS / width))
    spots = pixel_centres(width, height).reshape(-1, 2)
    where = points(shape, spots)
    lit = ~np.isnan(where[:, 0])
    return Dots(where[lit], spots[lit], 0.75 * max(pitch_m(shape, (width, height))))


def reading() -> ReadPicture:
    """Pictures by ticket; None for one that is gone or written over already."""
    reader = PictureReader()

    def read(ticket: PictureTicket) -> NDArray[np.uint8] | None:
        return reader.read(ticket)

    return read


def _asking(sources: Sources, keys: BusKeys | None) -> Callable[[Message], Acknowledged]:
    def ask(message: Message) -> Acknowledged:
        service = addressee(message)
        if service not in sources:
            raise TimeoutError(f"{type(message).__name__} is for the {service} service, which this stage does not have")
        return command(sources[service][1], message, deadline_s=COMMAND_DEADLINE_S, keys=keys)

    return ask
