"""`cyc bench photos`: the fox, photographed by hand: how like photos that were not fitted, and how long it took."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bridge.benches.row import Row, absent, measured
from generators.photos.made import Wishes, make_place
from generators.photos.schedule import Plan

PHOTOS = Path(__file__).parents[3] / "shared" / "data" / "photos_fox" / "images"
CASES = ((20, 350, 23.0, 90.0), (50, 1300, 29.5, 300.0))
"""Photos, steps, decibels and seconds to reach."""
_SHORT_S = 2.0
"""With fewer seconds than that, only the first case."""


def rows(seconds: float) -> Iterator[Row]:
    """A case takes as long as it takes."""
    if not PHOTOS.is_dir():
        yield absent("photos to splats", f"no photos at {PHOTOS}")
        return
    for count, steps, least_db, most_s in CASES if seconds > _SHORT_S else CASES[:1]:
        yield from _case(count, steps, least_db, most_s)


def _case(count: int, steps: int, least_db: float, most_s: float) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "photos"
        source.mkdir()
        for path in sorted(PHOTOS.glob("*.jpg"))[:count]:
            shutil.copyfile(path, source / path.name)
        told: list[tuple[float, str]] = []
        began_s = time.perf_counter()
        made = make_place(
            source,
            Path(folder) / "work",
            Wishes(camera_height_m=1.5, plan=Plan(steps=steps)),
            {},
            lambda text: told.append((time.perf_counter(), text)),
        )
        took_s = time.perf_counter() - began_s
    fitting = [at for at, text in told if text.startswith("fitting: step")]
    result, what = made.recipe["result"], f"{count} photos"
    yield measured(f"{what}: held out, every eighth", result["held_out_db"], "dB", at_least=least_db)
    yield measured(f"{what}: seconds, finding the cameras included", took_s, "s", at_most=most_s)
    yield measured(f"{what}: of these, before the first step", fitting[0] - began_s if fitting else took_s, "s")
    yield measured(f"{what}: steps a second", steps / max(took_s - (fitting[0] - began_s), 1e-9), "/s")
    yield measured(f"{what}: placed", float(made.recipe["placed"]["photos"]), "photos", at_least=float(count))
