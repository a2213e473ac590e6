"""The capture service as a stage runs it: how old its poses are, how soon it stops, and what it costs tracking."""

import contextlib
import statistics
import subprocess
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bridge.benches import bench_stage
from bridge.benches.console import Turn, turn
from bridge.benches.engine_logs import log_of
from bridge.benches.row import Row, absent, measured
from bridge.benches.tracking import Load, engine_endpoint, percentile_ms, sender
from bridge.bus.mailbox import Mailbox
from bridge.clock import NS_PER_S, system_clock, utc_ns
from bridge.consent import decisions
from bridge.consent.decisions import NotPossible
from bridge.consent.ledger import Ledger, LedgerFault, Person
from bridge.consent.rows import Granted, UseStopped
from bridge.engine import native
from bridge.messages import FaceShapes, SkeletonPose
from bridge.models import Home, ModelFault, ready_file
from bridge.services import own_endpoints
from capture.calibrate.rig_file import rig_text
from capture.rig import Rig

LOAD = Load(4, 120.0)
PERFORMER, SYNTHETIC = "bench", "demo"
_MODELS = ("pose-full", "hands", "face")
"""What the service looks with as the stage of this bench says."""
_NICE = {"spine": -10, "tracker": -10, "capture": 5}
"""As the supervisor starts them."""
_PATIENCE_S = 90.0


class Setup(NamedTuple):
    """Where everything of one run lies."""

    folder: Path
    models: Home
    listen_s: float

    @property
    def ledger(self) -> Path:
        """The consents of this run."""
        return self.folder / "consent.sqlite"


class Running(NamedTuple):
    """The service, somebody who hears its poses, and the file of what it says."""

    mailbox: Mailbox
    process: "subprocess.Popen[bytes]"
    log: Path


def rows(setup: Setup, rig: Rig, ring: Sequence[Path], webcam: Path) -> Iterator[Row]:
    """One camera first, then four flat out beside the tracking. No service is waited for that lacks its models."""
    missing = missing_model(setup.models)
    if missing:
        yield absent("one camera, frame to pose; suspension; tracking while capture runs", missing)
        yield from _no_camera(setup)
        return
    stage = _stage(setup, "webcam", [webcam])
    with _consented(setup.ledger, bench_stage.read(stage).name) as ledger:
        yield from _one_camera(setup, stage, ledger)
    yield from _no_camera(setup)
    with _consented(setup.ledger, bench_stage.read(stage).name):
        yield from _beside_tracking(setup, _stage(setup, "ring", ring, rig))


def missing_model(models: Home) -> str:
    """The first model that the service would ask for in vain, with the command that gets it; empty: all are here."""
    for name in _MODELS:
        try:
            ready_file(name, models)
        except ModelFault as fault:
            return str(fault)
    return ""


# --- one camera -------------------------------------------------------------------------------------------------------


def _one_camera(setup: Setup, stage: Path, ledger: Ledger) -> Iterator[Row]:
    with _capturing(setup, stage) as running:
        silent = _silent(running)
        if silent:
            yield absent("one camera, frame to pose", silent)
            return
        ages = _ages_ms(running.mailbox, setup.listen_s)
        yield measured(
            f"one 720p camera, full, hands and face: frame seen -> pose on the bus, p50 of {len(ages)}",
            _share(ages, 0.5), "ms", at_most=40.0,
        )  # fmt: skip
        yield measured("the same, p95", _share(ages, 0.95), "ms")
        yield measured("the same: poses said", len(ages) / setup.listen_s, "/s")
        yield measured("the same: faces said", _faces(running.mailbox, setup.listen_s) / setup.listen_s, "/s")
        try:
            yield from _stopping(running.mailbox, ledger)
        except (LedgerFault, NotPossible, OSError) as fault:
            yield absent("suspension written -> poses stopped", str(fault))


def _stopping(mailbox: Mailbox, ledger: Ledger) -> Iterator[Row]:
    began_ns = system_clock()
    ledger.write(lambda now: (decisions.suspend(now, PERFORMER, 0, PERFORMER, "the bench asks to stop"),))
    until_ns, stopped_ns = began_ns + 5 * NS_PER_S, 0
    while system_clock() < until_ns:
        for message in mailbox.take(0.02):
            if isinstance(message, SkeletonPose):
                stopped_ns = system_clock() if message.lost else 0  # a pose after it would be one that was not stopped
    took_s = (stopped_ns - began_ns) / NS_PER_S if stopped_ns else float("nan")
    yield measured("suspension written -> poses stopped, and none within 5 s after", took_s, "s", at_most=1.0)
    logged = sum(isinstance(row, UseStopped) and row.performer == PERFORMER for row in ledger.rows()[0])
    yield measured("the same: uses that the log says were stopped", logged, "", at_least=1)


def _no_camera(setup: Setup) -> Iterator[Row]:
    """The synthetic performer, whom no model looks at: what is ours of the way."""
    with _capturing(setup, _stage(setup, "synthetic", [], performer=SYNTHETIC)) as running:
        silent = _silent(running)
        if silent:
            yield absent("synthetic performer, frame to pose", silent)
            return
        ages = _ages_ms(running.mailbox, setup.listen_s)
    yield measured("one camera without a detector: frame seen -> pose on the bus, p50", _share(ages, 0.5), "ms")


# --- beside the tracking ----------------------------------------------------------------------------------------------


def _beside_tracking(setup: Setup, path: Path) -> Iterator[Row]:
    """Four videos at 30 frames a second are more than full can look at here: it never waits."""
    stage = bench_stage.read(path)
    turns = max(1, round(setup.listen_s / 4.0))
    name = f"{LOAD.cameras} x {LOAD.rate_hz:g} Hz: packet received -> pose sent"
    with bench_stage.service("spine", path) as spine, sender(setup.folder / "sent") as tracker:
        bench_stage.be_nice(spine.pid, _NICE["spine"])
        bench_stage.be_nice(tracker.pid, _NICE["tracker"])
        states = Mailbox([own_endpoints(stage, "spine")[0]], ["ServiceHealth"])
        log = log_of(native.at_hand(), engine_endpoint(stage), setup.folder, at_once=False)
        log.settle()

        def tracked() -> Turn:
            return turn(tracker, stage.trackers[0].port, log, states, LOAD)

        tracked()  # warm
        alone = [tracked() for _ in range(turns)]
        with _capturing(setup, path) as running:
            silent = _silent(running)
            beside = [] if silent else [tracked() for _ in range(turns)]
        log.close()
        states.close()
        tracker.kill()
    if silent:
        yield absent(f"{name} while capture runs flat out", silent)
        return
    for share, at_most in ((0.5, None), (0.99, 5.0)):
        value, floor = (statistics.median(percentile_ms(one.in_spine, share) for one in of) for of in (beside, alone))
        what = f"{name} while capture runs flat out, against none, p{100 * share:g}"
        yield measured(what, value, "ms", floor=floor, at_most=at_most)


# --- the stage --------------------------------------------------------------------------------------------------------


def _stage(setup: Setup, name: str, videos: Sequence[Path], rig: Rig | None = None, performer: str = PERFORMER) -> Path:
    """A stage file whose [capture] films these videos; without any, the synthetic performer."""
    folder = setup.folder / f"stage-{name}"
    folder.mkdir(exist_ok=True)
    path = bench_stage.write(folder, LOAD.cameras, LOAD.rate_hz)
    cameras = [f'{{ name = "{one.stem}", source = "{one.as_posix()}", face = {_face(videos)} }}' for one in videos]
    cameras = cameras or ['{ name = "cam1", source = "synthetic", face = true }']
    lines = [path.read_text(), "[capture]", f'performers = ["{performer}"]', f"cameras = [{', '.join(cameras)}]"]
    if rig is not None:
        (folder / "rig.toml").write_text(rig_text(rig), encoding="utf-8")
        lines.append('rig = "rig.toml"')
    path.write_text("\n".join(lines))
    return path


def _face(videos: Sequence[Path]) -> str:
    """A camera by itself is near enough to a face."""
    return "true" if len(videos) == 1 else "false"


@contextlib.contextmanager
def _capturing(setup: Setup, path: Path) -> Generator[Running]:
    """The service as the supervisor starts it, and somebody who hears its poses."""
    mailbox = Mailbox([own_endpoints(bench_stage.read(path), "capture")[0]], ["SkeletonPose", "FaceShapes"])
    words, log = ("--models", str(setup.models.folder), "--ledger", str(setup.ledger)), path.with_suffix(".log")
    try:
        with bench_stage.service("capture", path, *words, said=log) as process:
            bench_stage.be_nice(process.pid, _NICE["capture"])
            yield Running(mailbox, process, log)
    finally:
        mailbox.close()


@contextlib.contextmanager
def _consented(path: Path, project: str) -> Generator[Ledger]:
    """A ledger of this run's own, in which the performer of the videos has agreed; nobody else is in it."""
    path.unlink(missing_ok=True)
    with Ledger.made(path, by="bench") as ledger:
        asked = Granted(
            performer=PERFORMER,
            uses=("capture", "face"),
            project=project,
            from_utc_ns=0,
            until_utc_ns=utc_ns() + 3600 * NS_PER_S,
            agreement_sha256="a" * 64,
            by="bench",
        )
        ledger.grant(asked, Person("a performer who was drawn", "none.pdf"))
        yield ledger


def _silent(running: Running) -> str:
    """Empty as soon as somebody is seen; else why nobody was: a service that ended is waited for no longer."""
    until_ns = system_clock() + round(_PATIENCE_S * NS_PER_S)
    while system_clock() < until_ns:
        if any(isinstance(one, SkeletonPose) and not one.stale for one in running.mailbox.take(0.1)):
            return ""
        ended = running.process.poll()
        if ended is not None:
            return f"capture ended with {ended}: {last_line(running.log)}"
    return f"no pose within {_PATIENCE_S:g} s, and capture said last: {last_line(running.log)}"


def last_line(log: Path) -> str:
    """What a service said last."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line), "nothing")


def _ages_ms(mailbox: Mailbox, seconds: float) -> list[float]:
    """From each pose's newest picture to the pose heard here, decoded."""
    ages, until_ns = list[float](), system_clock() + round(seconds * NS_PER_S)
    mailbox.take()
    while system_clock() < until_ns:
        for message in mailbox.take(0.05):
            if isinstance(message, SkeletonPose) and not message.stale:
                ages.append((system_clock() - message.t_arrival_ns) / 1e6)
    return ages


def _faces(mailbox: Mailbox, seconds: float) -> int:
    """How many come: no body waits for its face, so on a slow machine there are fewer."""
    count, until_ns = 0, system_clock() + round(seconds * NS_PER_S)
    mailbox.take()
    while system_clock() < until_ns:
        count += sum(isinstance(message, FaceShapes) and not message.stale for message in mailbox.take(0.05))
    return count


def _share(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")
