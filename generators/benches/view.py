"""An environment on the walls: how often and how fresh, what a camera sees of it, what it costs the spine."""

import contextlib
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

from bridge.benches import bench_stage
from bridge.benches.console import turn
from bridge.benches.engine_logs import log_of
from bridge.benches.row import Row, absent, measured
from bridge.benches.tracking import Load, engine_endpoint, percentile_ms, sender
from bridge.bus.command import command
from bridge.bus.mailbox import Mailbox
from bridge.check.figures import spread
from bridge.check.moves import filmed
from bridge.clock import NS_PER_S, system_clock
from bridge.engine import native
from bridge.incamera.photograph import resized
from bridge.library.shelf import Entry, Library
from bridge.messages import EnvironmentState, LoadEnvironment
from bridge.services import own_endpoints
from bridge.stage import Stage
from bridge.stage_file import load
from bridge.wall.surfaces import screens
from generators.view.in_camera import seen
from generators.view.scenes import stored

WORDS, SPLATS = "meadow in the morning", 300_000
LOAD = Load(1, 50.0)
STAGES = Path(__file__).parents[2] / "stage_configs"
_ON_WITHIN_S = 60.0


def rows(seconds: float) -> Iterator[Row]:
    """The issue's three targets: rate and age, the picture in camera, the spine's p99."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = subprocess.run([*_generate(folder / "library", SPLATS)], capture_output=True, text=True, check=False)
        if made.returncode:
            yield absent("environment on the walls", made.stderr.strip().rpartition("\n")[2])
            return
        (entry,) = (one for one in Library(folder / "library").list() if isinstance(one, Entry))
        yield from _in_camera(entry)
        yield from _live(folder, entry, max(2, round(seconds / 4.0)))


def _generate(library: Path, splats: int, seed: int = 1) -> list[str]:
    words = ["--seed", str(seed), "--splats", str(splats), "--library", str(library), "--json"]
    return [sys.executable, "-m", "bridge", "generate", WORDS, *words]


def _in_camera(entry: Entry) -> Iterator[Row]:
    scene, path = stored(entry), STAGES / "small_wall.toml"
    stage = load(path)
    walls, (way, *_) = screens(stage, STAGES), filmed(stage, None)
    for name, sight in zip(("start", "middle", "end"), spread(way.sights, 3), strict=True):
        found = seen(scene, walls, resized(sight, 1920), way.camera.frustum_margin_deg)
        what = f"{stage.name}, {name} of a dolly: photographed from the wall against the environment itself"
        yield measured(what, found.psnr_db, "dB", at_least=35.0)


def _live(folder: Path, entry: Entry, turns: int) -> Iterator[Row]:
    path = bench_stage.write(folder, LOAD.cameras, LOAD.rate_hz)
    stage = bench_stage.read(path)
    library = ("--library", str(entry.folder.parent))
    with bench_stage.service("spine", path) as spine, sender(folder / "sent") as tracker:
        for process, priority in ((spine, -10), (tracker, -10)):
            bench_stage.be_nice(process.pid, priority)
        log = log_of(native.at_hand(), engine_endpoint(stage), folder, at_once=False)
        states = Mailbox([own_endpoints(stage, "spine")[0]], ["ServiceHealth"])
        log.settle()

        def track() -> float:
            return percentile_ms(turn(tracker, stage.trackers[0].port, log, states, LOAD).in_spine, 0.99)

        track()  # warm
        idle = [track() for _ in range(turns)]
        with _service("wall", path), _service("view", path, *library):
            shown = Mailbox([own_endpoints(stage, "view")[0]], ["EnvironmentState"])
            _load(stage, entry.name)
            _until_on(shown)
            drawn: list[EnvironmentState] = []
            drawing: list[float] = []
            for _ in range(turns):
                drawing.append(track())
                drawn += [one for one in shown.take() if isinstance(one, EnvironmentState)]
            yield from _rates(drawn)
            yield _spine("while walls and view draw", drawing, idle)
            with _generating(folder / "another"):
                yield _spine("while an environment is being made too", [track() for _ in range(turns)], idle)
            shown.close()
        log.close()
        states.close()
        tracker.kill()


def _rates(drawn: list[EnvironmentState]) -> Iterator[Row]:
    if not drawn:
        yield absent("view service", "it said nothing")
        return
    widths = "/".join(str(width) for width in sorted({one.width_px for one in drawn}))
    what = f"inner frustum, {drawn[-1].splats:,} splats at level {drawn[-1].level}, {widths} px wide"
    yield measured(f"{what}: pictures a second", statistics.median(one.rate_hz for one in drawn), "Hz", at_least=12.0)
    yield measured(f"{what}: age of the pose", statistics.median(one.age_s for one in drawn) * 1e3, "ms")


def _spine(when: str, p99_ms: list[float], idle_ms: list[float]) -> Row:
    what = f"spine, packet received -> pose sent, p99, {when}; median of {len(p99_ms)} turns"
    return measured(what, statistics.median(p99_ms), "ms", floor=statistics.median(idle_ms), at_most=5.0)


def _load(stage: Stage, environment: str) -> None:
    asked = LoadEnvironment(subject="scene", t_ns=system_clock(), environment=environment)
    answer = command(own_endpoints(stage, "spine")[1], asked, deadline_s=5.0)
    if not answer.ok:
        raise RuntimeError(f"the spine says: {answer.text}")


def _until_on(shown: Mailbox) -> None:
    deadline_ns = system_clock() + round(_ON_WITHIN_S * NS_PER_S)
    while system_clock() < deadline_ns:
        for one in shown.take(0.2):
            if isinstance(one, EnvironmentState) and one.environment and one.fade_unit >= 1.0:
                return
            if isinstance(one, EnvironmentState) and one.fault:
                raise RuntimeError(f"the view service says: {one.fault}")
    raise TimeoutError(f"no environment on the walls within {_ON_WITHIN_S:g} s")


@contextlib.contextmanager
def _service(name: str, path: Path, *words: str) -> Generator[None]:
    """At the niceness that the supervisor gives it."""
    with bench_stage.service(name, path, *words) as process:
        bench_stage.be_nice(process.pid, 15)
        yield


@contextlib.contextmanager
def _generating(library: Path) -> Generator[None]:
    """As the console starts it: behind everything else."""
    making = subprocess.Popen(
        _generate(library, 2_000_000, seed=2), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    bench_stage.be_nice(making.pid, 19)
    try:
        yield
    finally:
        making.kill()
        making.wait()
