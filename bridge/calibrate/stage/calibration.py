"""A stage calibration from end to end: pictures and poses in, a judged result out."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bridge.calibrate.shots import Shots
from bridge.calibrate.stage.detect import Detected, detect_all
from bridge.calibrate.stage.judgement import Judged, ShotLine, judge, shot_lines
from bridge.calibrate.stage.observed import FEWEST_MARKERS, Gathered, Picture, edge_points, free_walls, gather, model_of
from bridge.calibrate.stage.patterns import Patterns, marker_of
from bridge.calibrate.stage.result import Result, result
from bridge.calibrate.stage.sifting import FEWEST_SHOTS
from bridge.calibrate.stage.solution import Solution, solution
from bridge.stage import Camera, Stage

_SURVEYED_MM = 5.0


class CannotCalibrate(ValueError):
    """There is nothing to solve; the text says why and what would work."""


class Asked(NamedTuple):
    """What the operator wants held."""

    anchor: str | None = None
    """The wall that keeps its place and so holds the stage frame; None takes the one that is seen most."""
    held: tuple[str, ...] = ()
    """Further walls that keep theirs."""
    noise_px: float = 0.0
    """Added to every corner: of a made shoot only."""
    seed: int = 1


class Calibrated(NamedTuple):
    """Everything there is to say."""

    camera: Camera
    anchor: str
    names: list[str]
    gathered: Gathered
    solution: Solution
    result: Result
    judged: Judged
    shots: list[ShotLine]


def calibrate(
    stage: Stage,
    folder: Path,
    patterns: Patterns,
    shots: Shots,
    seen: Sequence[Detected],
    asked: Asked,
) -> Calibrated:
    """CannotCalibrate where there is too little to solve anything."""
    camera = _camera(stage, shots.camera)
    _same_pixels(stage, patterns)
    _known_walls(stage, asked)
    names = [shot.picture for shot in shots.shots]
    _refuse_pictures(camera, names, seen)
    if len(names) < FEWEST_SHOTS:
        raise CannotCalibrate(f"{len(names)} shots, expected at least {FEWEST_SHOTS}, better a dozen")
    pictures = [Picture(each.size_px, each.corners_px) for each in _noisy(seen, asked)]
    gathered = gather(stage, folder, camera, [marker_of(m) for m in patterns.markers], shots.shots, pictures)
    usable = len(shots.shots) - len(gathered.poor)
    if usable < FEWEST_SHOTS:
        raise CannotCalibrate(f"{usable} usable shots, expected at least {FEWEST_SHOTS}{_poor(gathered, names)}")
    anchor = _anchor(stage, gathered, asked)
    free = free_walls(stage, np.unique(gathered.corners.wall).tolist(), (anchor, *asked.held))
    found = solution(model_of(stage, camera), gathered.corners, gathered.told, free)
    edges = {each.wall: edge_points(stage.walls[each.wall], folder) for each in free}
    walls = [wall.name for wall in stage.walls]
    judged = judge(found, names, walls, camera.resolution_px[0], edges)
    judged.notes.extend(_notes(stage, camera, gathered, names))
    outcome = result(stage, folder, camera, found)
    judged.notes.extend(_moved(outcome))
    lines = shot_lines(found, names, walls, [shot.moved_m for shot in shots.shots])
    return Calibrated(camera, anchor, names, gathered, found, outcome, judged, lines)


def look(shots: Shots, folder: Path, patterns: Patterns, ticked: Callable[[str], None]) -> list[Detected]:
    """Find the markers in every picture of a list."""
    return detect_all([folder / shot.picture for shot in shots.shots], patterns.dictionary, ticked)


# --- refusals and notes ---------------------------------------------------------------------------------------------


def _camera(stage: Stage, name: str) -> Camera:
    for camera in stage.cameras:
        if camera.name == name:
            return camera
    known = ", ".join(camera.name for camera in stage.cameras)
    raise CannotCalibrate(f"the shots are of camera {name!r}, expected one of the stage's: {known}")


def _same_pixels(stage: Stage, patterns: Patterns) -> None:
    for wall in stage.walls:
        drawn = patterns.pixels.get(wall.name)
        if drawn is not None and tuple(drawn) != tuple(wall.pixels):
            raise CannotCalibrate(
                f"wall {wall.name}: the patterns were drawn for {drawn[0]} x {drawn[1]} pixels, the stage file has "
                f"{wall.pixels[0]} x {wall.pixels[1]}: draw and shoot them again (`cyc calibrate patterns`)"
            )
    if not {wall.name for wall in stage.walls} & set(patterns.pixels):
        raise CannotCalibrate(
            f"the patterns are of stage {patterns.stage} with walls {', '.join(patterns.pixels)}, this one has "
            f"{', '.join(wall.name for wall in stage.walls)}"
        )


def _known_walls(stage: Stage, asked: Asked) -> None:
    known = [wall.name for wall in stage.walls]
    for option, names in (("--anchor", (asked.anchor,) if asked.anchor else ()), ("--hold", asked.held)):
        unknown = [name for name in names if name not in known]
        if unknown:
            raise CannotCalibrate(f"{option}: expected walls of the stage ({', '.join(known)}), got {unknown[0]!r}")


def _refuse_pictures(camera: Camera, names: Sequence[str], seen: Sequence[Detected]) -> None:
    for name, each in zip(names, seen, strict=True):
        if each.mirrored:
            raise CannotCalibrate(
                f"{name}: it is mirrored ({each.mirrored} markers read only backwards): turn the flip off in the "
                "camera, or the mirroring in the LED processor"
            )
        width, height = each.size_px
        if abs(width / height - camera.resolution_px[0] / camera.resolution_px[1]) > 0.005:
            raise CannotCalibrate(
                f"{name}: {width} x {height} pixels, expected the shape of camera {camera.name}'s resolution_px "
                f"{camera.resolution_px[0]} x {camera.resolution_px[1]}: export the whole sensor area, uncropped"
            )


def _noisy(seen: Sequence[Detected], asked: Asked) -> list[Detected]:
    if not asked.noise_px:
        return list(seen)
    rng = np.random.default_rng(asked.seed)
    return [
        each._replace(
            corners_px={
                marker: corners + rng.normal(0.0, asked.noise_px, corners.shape)
                for marker, corners in each.corners_px.items()
            }
        )
        for each in seen
    ]


def _anchor(stage: Stage, gathered: Gathered, asked: Asked) -> str:
    counts = {wall.name: int((gathered.corners.wall == i).sum()) // 4 for i, wall in enumerate(stage.walls)}
    if asked.anchor is None:
        return max((name for name in counts), key=lambda name: (name in asked.held, counts[name]))
    if not counts[asked.anchor]:
        raise CannotCalibrate(f"--anchor {asked.anchor}: no picture shows its markers; choose a wall that was seen")
    return asked.anchor


def _poor(gathered: Gathered, names: Sequence[str]) -> str:
    said = [f"{names[shot]} shows {count} markers" for shot, count in gathered.poor.items()]
    return f": {'; '.join(said[:8])} (a picture needs {FEWEST_MARKERS}: nearer, sharper, brighter)" if said else ""


def _moved(outcome: Result) -> list[str]:
    """Walls that are not where the stage file has them, by more than a survey's tolerance."""
    return [
        f"{line.what.partition(':')[0]} is up to {line.moved:.0f} mm from where the stage file has it"
        for line in outcome.lines
        if line.what.startswith("wall ") and line.moved > max(_SURVEYED_MM, 4.0 * line.sigma)
    ]


def _notes(stage: Stage, camera: Camera, gathered: Gathered, names: Sequence[str]) -> list[str]:
    notes = [
        f"{names[shot]}: {count} markers, expected at least {FEWEST_MARKERS}: nearer, sharper, brighter; not used"
        for shot, count in gathered.poor.items()
    ]
    if gathered.unknown:
        notes.append(f"{gathered.unknown} markers are not of these patterns: old ones on some wall?")
    others = [each.name for each in stage.cameras if each.tracker == camera.tracker and each.name != camera.name]
    if others:
        notes.append(
            f"tracker {camera.tracker} also carries {', '.join(others)}: calibrate it again, walls held (--hold)"
        )
    return notes
