"""Spine, walls and view service as processes: environments come onto the walls, fade, are exposed, go; never black."""

import contextlib
import hashlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bridge.benches import bench_stage
from bridge.bus.command import command
from bridge.bus.mailbox import Mailbox
from bridge.clock import system_clock
from bridge.commands import LoadEnvironment, SetExposure
from bridge.envelope import Message
from bridge.library import manifest
from bridge.library.shelf import Library
from bridge.messages import EnvironmentState, PictureTicket
from bridge.pictures import PictureReader
from bridge.services import own_endpoints
from bridge.stage import Stage
from generators.formats import ply
from generators.splats import Splats, solid_colours

pytestmark = pytest.mark.slow


def ball(colour: tuple[float, float, float]) -> Splats:
    """Opaque all round, of one colour."""
    at = np.arange(4000) + 0.5
    z, turn = 1 - 2 * at / 4000, at * 2.399963
    flat = np.sqrt(1 - z * z)
    means = 30 * np.stack((flat * np.cos(turn), flat * np.sin(turn), z), axis=1).astype(np.float32)
    ones = np.ones((4000, 1), np.float32)
    return Splats(
        means_m=means,
        rotations_wxyz=ones * np.float32([1, 0, 0, 0]),
        scales_m=ones * np.float32([1.2, 1.2, 1.2]),
        opacities_unit=np.full(4000, 0.99, np.float32),
        sh=solid_colours(ones * np.float32(colour)),
        tags=np.zeros(4000, np.uint8),
    )


def kept(library: Library, title: str, splats: Splats) -> str:
    with library.adding() as folder:
        (folder / manifest.LEVEL_FILES["full"]).write_bytes(ply.write(splats))
        described = manifest.Manifest(
            title=title,
            kind="import",
            content=hashlib.sha256(title.encode()).hexdigest(),
            recipe={},
            recipe_hash="",
            made_by="test",
            created_utc="2026-11-24T00:00:00Z",
            counts={"full": len(splats.means_m)},
            bounds_m=((-30.0, -30.0, -30.0), (30.0, 30.0, 30.0)),
            white_unit=1.0,
            files={},
        )
        return library.keep(folder, described).name


class Watch:
    """What the wall shows, and what the view service says."""

    def __init__(self, stage: Stage, path: Path) -> None:
        self.path = path
        pubs = [own_endpoints(stage, name)[0] for name in ("wall", "view")]
        self.stage, self.mailbox = stage, Mailbox(pubs, ["PictureTicket", "EnvironmentState"])
        self.reader, self.said = PictureReader(), list[EnvironmentState]()
        self.darkest, self.farthest = 1.0, 0.0
        self.last: NDArray[np.float64] = np.zeros(3)

    def turn(self, wanted: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> None:
        for message in self.mailbox.take(0.05):
            if isinstance(message, EnvironmentState):
                self.said.append(message)
            pixels = self.reader.read(message) if isinstance(message, PictureTicket) else None
            if pixels is not None:
                colours = pixels[..., :3].reshape(-1, 3) / 255.0
                self.last = colours.mean(axis=0)
                self.farthest = max(self.farthest, float(np.abs(self.last - wanted).max()))
                self.darkest = min(self.darkest, float(colours.max(axis=1).min()))

    def until_colour(self, wanted: tuple[float, float, float]) -> None:
        deadline = time.monotonic() + 180
        while np.abs(self.last - wanted).max() > 0.03:
            self.turn()
            assert time.monotonic() < deadline, (self.last, self.said[-1:])

    def viewed(self) -> "contextlib.AbstractContextManager[subprocess.Popen[bytes]]":
        """A view service."""
        return bench_stage.service("view", self.path, "--library", str(self.path.parent / "library"))

    def ask(self, message: Message) -> None:
        answer = command(own_endpoints(self.stage, "spine")[1], message, deadline_s=20.0)
        assert answer.ok, answer.text


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    path = bench_stage.write(tmp_path, 1, 50.0)
    text = path.read_text() + '\n[world]\nkind = "panorama"\n'
    for old, new in (("42000", "45200"), ("42060", "45260"), ("42100", "45300"), ("bench1x50", "viewed")):
        text = text.replace(old, new)
    path.write_text(text)
    stage = bench_stage.read(path)
    with bench_stage.service("spine", path), bench_stage.service("wall", path):
        yield Watch(stage, path)


def load(name: str) -> LoadEnvironment:
    return LoadEnvironment(subject="scene", t_ns=system_clock(), environment=name)


def test_environments_come_onto_the_wall_fade_and_go_and_never_is_it_black(watch: Watch, tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    red, green = (kept(library, *of) for of in (("Red", ball((0.7, 0.2, 0.2))), ("Green", ball((0.2, 0.6, 0.2)))))
    with watch.viewed():
        while not watch.last.any():
            watch.turn()
        own = tuple(watch.last)
        watch.ask(load(red))
        watch.until_colour((0.7, 0.2, 0.2))
        watch.ask(load(green))
        watch.until_colour((0.2, 0.6, 0.2))
        assert [one.title for one in watch.said if one.title][-1] == "Green"
        watch.ask(SetExposure(subject="scene", t_ns=system_clock(), exposure_ev=-2.0))
        watch.until_colour((0.094, 0.306, 0.094))  # a quarter of the light, sRGB-encoded
        watch.ask(SetExposure(subject="scene", t_ns=system_clock(), exposure_ev=0.0))
        watch.ask(load("0123456789abcdef"))
        while not watch.said or not watch.said[-1].fault:
            watch.turn()
        assert "no environment '0123456789abcdef'" in watch.said[-1].fault
        watch.until_colour((0.2, 0.6, 0.2))
        watch.ask(load(""))
        watch.until_colour(own)  # type: ignore[arg-type]
        assert watch.darkest > 0.05


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_when_it_is_killed_the_walls_keep_the_picture_and_the_next_goes_on(watch: Watch, tmp_path: Path) -> None:
    library, red = Library(tmp_path / "library"), (0.7, 0.2, 0.2)
    name = kept(library, "Red", ball(red))
    with watch.viewed() as service:
        watch.ask(load(name))
        watch.until_colour(red)
        service.kill()
        service.wait()
    watch.said.clear()
    watch.farthest = 0.0
    with watch.viewed():
        while not any(one.environment and one.fade_unit == 1.0 for one in watch.said):
            watch.turn(red)
    library.remove(library.find("Red"))
    watch.said.clear()
    with watch.viewed():
        while not any(one.fault for one in watch.said):
            watch.turn(red)
    assert watch.farthest < 0.03, "nor while there is none, nor when its environment is gone from the library"
