"""How fast pictures are looked at here, and what a set costs after that."""

import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bridge.benches.row import Row, absent, measured
from bridge.models import Home, ModelFault
from capture.benches.clips import RATE, calibrated, film_ring, film_webcam
from capture.cameras.address import address
from capture.cameras.picture import Picture
from capture.device import Camera, Play, every_picture
from capture.landmarks import Landmarks, LandmarksFault, LookFor
from capture.live import show
from capture.live.service import Plan, settings_of
from capture.live.show import Show, ShowState
from capture.seen import Seen
from capture.synthetic.bodies import body_named
from capture.synthetic.cameras import ring
from capture.synthetic.observe import observed
from capture.synthetic.truth import Performance

_TURNS, _REPEATS = 2, 5
_SOLVED = 100
"""Sets: the bones are measured over the first 90."""


def rows(models: Home, data: Path | None, folder: Path, frames: int) -> Iterator[Row]:
    """Videos are filmed into `folder` first and stay for others."""
    yield from _after_landmarks()
    film_ring(folder / "ring", data, frames)
    film_webcam(folder / "webcam", data, frames)
    try:
        yield from _sets(models, sorted((folder / "ring").glob("*.mp4")))
        yield from _webcam(models, folder / "webcam" / "cam1.mp4")
    except (LandmarksFault, ModelFault) as fault:
        yield absent("camera sets and webcam pictures a second", str(fault))


# --- after the landmarks ----------------------------------------------------------------------------------------------


def _after_landmarks() -> Iterator[Row]:
    """Four cameras with both hands in every picture and faces: more than is ever there. No model is needed."""
    rig = calibrated(ring(4))
    settings = settings_of(Plan(("bench",), "full", rig), rig)
    moments = observed(Performance(body_named("mannequin", None), "wave"), rig, range(_SOLVED), RATE)
    state, spent_ms = ShowState(), list[float]()
    for moment in moments:
        spent_ms.append(min(_once_ms(settings, state, moment) for _ in range(_REPEATS)))
        state = _shown(settings, state, moment)
    name = "everything after landmarks, a set of four, thread CPU"
    yield measured(f"{name}, median of {_SOLVED}, least of {_REPEATS}", statistics.median(spent_ms), "ms", at_most=4.0)
    yield measured(f"{name}, worst", max(spent_ms[1:]), "ms")


def _once_ms(settings: Show, state: ShowState, moment: Sequence[Seen]) -> float:
    began_ns = time.thread_time_ns()
    _shown(settings, state, moment)
    return (time.thread_time_ns() - began_ns) / 1e6


def _shown(settings: Show, state: ShowState, moment: Sequence[Seen]) -> ShowState:
    for seen in moment:
        state, _ = show.step(settings, state, (seen,), seen.t_ns)
    return state


# --- looking ----------------------------------------------------------------------------------------------------------


def _sets(models: Home, videos: Sequence[Path]) -> Iterator[Row]:
    decoded = [list(every_picture(video.stem, address(str(video)))) for video in videos]
    eyes = [Landmarks(LookFor("pose-full"), models) for _ in videos]
    for eye, pictures in zip(eyes, decoded, strict=True):
        eye.look(pictures[0])
    count = len(decoded[0])
    best_s = {"with decoding": float("inf"), "from decoded frames": float("inf")}
    for _ in range(_TURNS):
        fresh = [every_picture(video.stem, address(str(video))) for video in videos]
        best_s["with decoding"] = min(best_s["with decoding"], _all_s(eyes, fresh))
        best_s["from decoded frames"] = min(best_s["from decoded frames"], _all_s(eyes, [iter(p) for p in decoded]))
    for eye in eyes:
        eye.close()
    for (way, took_s), at_least in zip(best_s.items(), (20.0, 25.0), strict=True):
        what = f"four 720p cameras, full, {way}, best of {_TURNS}: camera sets"
        yield measured(what, count / took_s, "1/s", at_least=at_least)


def _all_s(eyes: Sequence[Landmarks], films: Sequence[Iterator[Picture]]) -> float:
    """A thread a camera, begun together."""
    gate = threading.Barrier(len(eyes) + 1)

    def watch(eye: Landmarks, film: Iterator[Picture]) -> None:
        gate.wait()
        for picture in film:
            eye.look(picture)

    threads = [threading.Thread(target=watch, args=pair) for pair in zip(eyes, films, strict=True)]
    for thread in threads:
        thread.start()
    gate.wait()
    began_s = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began_s


def _webcam(models: Home, video: Path) -> Iterator[Row]:
    for model, at_least in (("full", 30.0), ("lite", None)):
        rate_hz, faces = max(_webcam_hz(models, f"pose-{model}", video) for _ in range(_TURNS))
        name = f"one 720p webcam, {model} body and face, decoding included, best of {_TURNS}"
        yield measured(f"{name}: pictures", rate_hz, "1/s", at_least=at_least)
        yield measured(f"{name}: with a face", 100 * faces, "%")


def _webcam_hz(models: Home, model: str, video: Path) -> tuple[float, float]:
    """Pictures a second, and in what part of them a face was found."""
    eye = Landmarks(LookFor(model, face=True), models)
    camera = Camera("webcam", address(str(video)), play=Play(every=True))
    first = camera.wait(10.0)
    if first is not None:
        eye.look(first)
    began_s, looked, faces = time.perf_counter(), 0, 0
    while (picture := camera.wait(10.0)) is not None:
        found = eye.look(picture)
        looked += 1
        faces += bool(found and found[0].face_px is not None)
    took_s = time.perf_counter() - began_s
    camera.close()
    eye.close()
    return looked / took_s, faces / max(looked, 1)
