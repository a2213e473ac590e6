"""`.ndisplay` there and back: how far the corners of every wall are from where they were, worst of all.

The three example stages in both formats, and walls at random poses. An arc is held against its own flat
columns, which is what Unreal gets.
"""

import random
import timeit
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.benches.row import Row, absent, measured
from bridge.stage import Stage
from bridge.stage_file import load
from bridge.stage_walls import AnyWall, ArcWall, FlatWall, MeshWall
from bridge.wall.shape import points
from bridge.wall.surfaces import shape_of
from bridge.wire import ndisplay
from bridge.wire.ndisplay_cluster import cluster_of, pieces, screen_of
from bridge.wire.ndisplay_walls import stage_of

CONFIGS = Path(__file__).parents[2] / "stage_configs"
CORNERS_UV = [[0, 0], [1, 0], [0, 1], [1, 1]]
AT_MOST_MM = 0.1
RANDOM_WALLS = 200


def rows(_seconds: float) -> Iterator[Row]:
    """The example stages, then random walls, then how long reading a big one takes."""
    paths = sorted(CONFIGS.glob("*.toml"))
    if not paths:
        yield absent("stages there and back", f"no stage files in {CONFIGS}")
    for version in ("4.27", "5.00") if paths else ():
        worst_m = max(_there_and_back_m(load(path), version) for path in paths)
        what = f"{len(paths)} stages to .ndisplay {version} and back, corners off by at most"
        yield measured(what, worst_m * 1e3, "mm", at_most=AT_MOST_MM)
    what = f"{RANDOM_WALLS} walls at random poses within 50 m, corners off by at most"
    yield measured(what, _random_walls_m() * 1e3, "mm", at_most=AT_MOST_MM)
    if paths:
        yield from _speed(load(max(paths, key=lambda path: len(cluster_of(load(path))[0].screens))))


def _there_and_back_m(stage: Stage, version: str) -> float:
    cluster, _ = cluster_of(stage, version)
    back, _ = stage_of(ndisplay.decode(ndisplay.encode(cluster)), stage.name)
    after = {wall.name: corners(wall) for wall in back.walls}
    off: list[float] = []
    for wall in stage.walls:
        if isinstance(wall, MeshWall):
            continue
        if isinstance(wall, ArcWall):
            columns = [piece.flat for piece in pieces(wall)]
            off += [_apart_m(corners(flat), after[f"{wall.name}_{n:02d}"]) for n, flat in enumerate(columns, 1)]
        else:
            off.append(_apart_m(corners(wall), after[wall.name]))
    return max(off)


def _random_walls_m() -> float:
    """All in one file, so that they go through its bytes too."""
    dice = random.Random(3)
    walls = [_random_wall(dice, f"w{number}") for number in range(RANDOM_WALLS)]
    screens = tuple(screen_of(wall, wall.name) for wall in walls)
    node = ndisplay.Node(name="n", host="127.0.0.1", window_px=(0, 0, 1, 1))
    data = ndisplay.encode(ndisplay.Cluster(primary="n", screens=screens, nodes=(node,)))
    back, _ = stage_of(ndisplay.decode(data), "random")
    return max(_apart_m(corners(wall), corners(after)) for wall, after in zip(walls, back.walls, strict=True))


def _random_wall(dice: random.Random, name: str) -> FlatWall:
    def three(most: float) -> tuple[float, float, float]:
        return dice.uniform(-most, most), dice.uniform(-most, most), dice.uniform(-most, most)

    return FlatWall(
        name=name,
        pixels=(100, 100),
        centre_m=three(50.0),
        width_m=dice.uniform(0.1, 40.0),
        height_m=dice.uniform(0.1, 40.0),
        pan_tilt_roll_deg=three(180.0),
    )


def _speed(stage: Stage) -> Iterator[Row]:
    data = ndisplay.encode(cluster_of(stage)[0])
    took_s = min(timeit.repeat(lambda: stage_of(ndisplay.decode(data), stage.name), number=5, repeat=5)) / 5
    yield measured(f"reading {stage.name}, {len(data) // 1024} KiB, into a stage", took_s * 1e3, "ms")


def corners(wall: AnyWall) -> NDArray[np.float64]:  # [4, 3]
    """In stage metres."""
    return points(shape_of(wall, CONFIGS), CORNERS_UV)


def _apart_m(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(np.max(np.linalg.norm(a - b, axis=-1)))
