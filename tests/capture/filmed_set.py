"""A take, two cameras and a ledger of consents: what tests of filming need."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from bridge.clock import NS_PER_S, FakeClock
from bridge.consent.ledger import Ledger, Person
from bridge.consent.rows import Granted, Use
from bridge.consent.running import RunningUses
from bridge.messages import Alarm, CaptureCamera, Message, TakeState
from capture.cameras.picture import Picture
from capture.device import Camera
from capture.live.filming import Filming
from capture.live.reel import Reel

LEDGER_NOW_NS = 1_000 * NS_PER_S
WIDE, HIGH = 160, 96


def drawn(number: int, size_px: tuple[int, int] = (WIDE, HIGH)) -> np.ndarray:
    """A soft picture that says its number by where its light is."""
    across, down = np.meshgrid(np.arange(size_px[0]), np.arange(size_px[1]))
    light = 90 + 80 * np.cos(across / 25 + number / 3) * np.cos(down / 30)
    return np.stack([light, light * 0.8, 255 - light], axis=-1).astype(np.uint8)


def picture(number: int, camera: str = "left", size_px: tuple[int, int] = (WIDE, HIGH)) -> Picture:
    """The camera's rate wavers, and every seventh picture was lost before."""
    t_ns = 5 * NS_PER_S + number * 33_000_000 + (number % 3) * 2_000_000
    return Picture(camera, number + number // 7, t_ns, t_ns + 9_000_000, drawn(number, size_px))


class Lens:
    """A camera into which the test puts pictures."""

    def __init__(self, name: str, source: str = "0") -> None:
        self.name, self.source = name, source
        self.tap: Callable[[Picture], None] | None = None

    def report(self) -> CaptureCamera:
        return CaptureCamera(subject=self.name, t_ns=0, state="running", source=self.source, rate_hz=30.0)


class Set:
    """A take that a recorder writes, two cameras, a ledger."""

    def __init__(self, folder: Path) -> None:
        self.take = folder / "takes" / "night_T001.mcap"
        self.take.parent.mkdir()
        self.take.write_bytes(b"a take")
        self.clock, self.lenses = FakeClock(NS_PER_S), [Lens("left"), Lens("front")]
        self.ledger = Ledger.made(folder / "takes" / "consent.sqlite", by="test", utc=lambda: LEDGER_NOW_NS)
        self.filming = self.films(*self.lenses)

    def films(self, *cameras: Lens | Camera, performers: tuple[str, ...] = ("ana",)) -> Filming:
        uses = RunningUses(self.ledger.path, "capture", clock=self.clock, utc=lambda: LEDGER_NOW_NS)
        source = cameras[0].report().source
        return Filming(
            cameras,  # type: ignore[arg-type]
            performers,
            uses,
            project="Night Train",
            source=source,
            clock=self.clock,
            utc=lambda: LEDGER_NOW_NS,
        )

    def agreed(self, performer: str, *uses: Use, scenes: tuple[str, ...] = ()) -> None:
        asked = Granted(
            performer=performer,
            uses=uses,
            project="Night Train",
            scenes=scenes,
            from_utc_ns=0,
            until_utc_ns=4_000_000_000 * NS_PER_S,
            agreement_sha256="a" * 64,
            by="test",
        )
        self.ledger.grant(asked, Person(f"Name of {performer}", "paper.pdf"))

    def state(self, recording: bool = True, slate: str = "night") -> TakeState:
        return TakeState(
            subject="recorder",
            t_ns=self.clock(),
            recording=recording,
            take=self.take.stem,
            path=str(self.take),
            slate=slate,
        )

    def begin(self, slate: str = "night") -> list[Message]:
        self.filming.hear(self.state(slate=slate))
        return self.filming.tick(self.clock(), True)

    def end(self) -> None:
        reels = list(self.filming.reels.values())
        self.filming.hear(self.state(recording=False))
        self.filming.tick(self.clock(), True)
        assert all(reel.join(5.0) for reel in reels)

    def shoot(self, count: int, first: int = 0) -> None:
        """To both cameras, as fast as their reels write."""
        for number in range(first, first + count):
            for lens in self.lenses:
                assert lens.tap
                lens.tap(picture(number, lens.name))
                written(self.filming.reels[lens.name], number - first + 1)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Set]:
    stage = Set(tmp_path)
    yield stage
    stage.filming.close()
    stage.ledger.close()


def written(reel: Reel, count: int) -> None:
    """By the reel's own word."""
    bell = threading.Event()
    while reel.filmed < count and not reel.fault:
        bell.wait(0.001)
    assert reel.filmed == count, reel.fault


def alarms(said: list[Message]) -> list[str]:
    return [one.text for one in said if isinstance(one, Alarm)]


def off_by(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(int) - b.astype(int)).mean())
