"""How long until something can happen: imports and `cyc --help`, against an interpreter that does nothing."""

import importlib.util
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from bridge.benches.row import Row, absent, measured

_LIVE = ("bridge.service", "bridge.tracking")


def rows(seconds: float) -> Iterator[Row]:
    """Medians of fresh processes, taken in turns so that all meet the same machine."""
    commands = {"empty": ["-c", "pass"], "import": ["-c", f"import {', '.join(_LIVE)}"], "help": ["-m", "bridge", "-h"]}
    missing = [name for name in _LIVE if importlib.util.find_spec(name) is None]
    if missing:
        del commands["import"]
    took_s: dict[str, list[float]] = {name: [] for name in commands}
    end_s = time.perf_counter() + seconds
    while len(took_s["empty"]) < 3 or time.perf_counter() < end_s:
        for name, arguments in commands.items():
            took_s[name].append(_seconds_of(arguments))
    middle_s = {name: statistics.median(values) for name, values in took_s.items()}
    yield measured("python -c pass", middle_s["empty"], "s")
    if missing:
        yield absent(f"import {', '.join(_LIVE)}", f"there is no {', '.join(missing)}")
    else:
        yield measured(f"import {', '.join(_LIVE)}", middle_s["import"], "s", floor=middle_s["empty"], at_most=0.25)
    yield measured("cyc --help", middle_s["help"], "s", floor=middle_s["empty"], at_most=0.4)


def _seconds_of(arguments: list[str]) -> float:
    start_s = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start_s
