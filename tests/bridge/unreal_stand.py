"""A server written from the documents, and a service at it whose clock we turn."""

import select
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bridge.clock import FakeClock
from bridge.messages import CameraSettings, Message, SceneSettings, TakeStarted, UnrealState
from bridge.service import Desk
from bridge.stage import Unreal
from bridge.stage_file import load
from bridge.unreal import service
from bridge.unreal.event_line import EventLine
from bridge.unreal.http_line import HttpLine
from bridge.unreal.standin import StandIn

ROOT = Path(__file__).parents[2]
SMALL = load(ROOT / "stage_configs" / "small_wall.toml")
ACTOR = "/Game/Stage.Stage:PersistentLevel.nDisplay_1"
COMPONENT = f"{ACTOR}.camA"
ENVIRONMENTS = {"desert": "/Game/Maps/Desert", "moon": "/Game/Maps/Moon"}
Kind = TypeVar("Kind", bound=Message)


def unreal_of(server: StandIn, **more: Any) -> Unreal:
    named: dict[str, Any] = {
        "http_port": server.http_port,
        "websocket_port": server.websocket_port,
        "presets": ("Cyclorama",),
        "icvfx_cameras": {"camA": COMPONENT},
        "environments": ENVIRONMENTS,
    }
    return Unreal(**{**named, **more})


class Stand:
    """A server, a liaison with real lines, and a clock turned a little at each turn."""

    def __init__(self, server: StandIn, unreal: Unreal) -> None:
        self.server, self.clock = server, FakeClock(10**12)
        self.said: list[Message] = []
        self.lines: list[str] = []
        self.http = HttpLine(unreal.host, unreal.http_port, unreal.timeout_s)
        self.events = EventLine(service.websocket_url(unreal), unreal.presets, unreal.timeout_s)
        desk = Desk("unreal", self.clock, self.lines.append)
        self.desk = desk
        self.liaison = service.Liaison(SMALL, unreal, (self.http, self.events), desk)

    def hear(self, *messages: Message) -> None:
        for message in messages:
            self.said += self.liaison.hear(message, self.clock())

    def turn(self, seconds: float = 0.02) -> None:
        now_ns = self.clock.advance(seconds)
        self.said += self.liaison.tick(now_ns)
        readable = [*self.http.sockets(), *self.events.sockets()]
        select.select(readable, [], [], 0.02)
        for result in self.http.take():
            self.said += self.liaison.result(result, now_ns)
        for frame in self.events.take():
            self.said += self.liaison.frame(frame, now_ns)

    def until(self, happened: Callable[[], object], seconds: float = 0.02) -> None:
        for _ in range(600):
            if happened():
                return
            self.turn(seconds)
        raise AssertionError((self.last(UnrealState), self.server.world.log[-5:], self.lines))

    def settle(self) -> None:
        """Until all is told."""
        self.until(lambda: self.liaison.connection.up and not self.liaison.connection.waiting)

    def last(self, kind: type[Kind]) -> Kind | None:
        return next((said for said in reversed(self.said) if isinstance(said, kind)), None)

    @property
    def state(self) -> UnrealState:
        said = self.last(UnrealState)
        assert said
        return said

    @property
    def camera(self) -> dict[str, Any]:
        return self.server.world.objects[COMPONENT]["CameraSettings"]

    @property
    def preset(self) -> dict[str, Any]:
        return self.server.world.presets["Cyclorama"]

    def close(self) -> None:
        self.http.close()
        self.events.close()


@pytest.fixture
def server() -> Iterator[StandIn]:
    server = StandIn()
    yield server
    server.die()


Make = Callable[..., Stand]


@pytest.fixture
def make(server: StandIn) -> Iterator[Make]:
    made: list[Stand] = []

    def build(**more: Any) -> Stand:
        made.append(Stand(server, unreal_of(server, **more)))
        return made[-1]

    yield build
    for stand in made:
        stand.close()


def scene(**fields: Any) -> SceneSettings:
    return SceneSettings(subject="scene", t_ns=0, **fields)


def camera(**fields: Any) -> CameraSettings:
    return CameraSettings(subject="camA", t_ns=0, **fields)


def started(take: str, slate: str = "12A") -> TakeStarted:
    return TakeStarted(subject=take, t_ns=0, slate=slate)
