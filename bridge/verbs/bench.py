"""`cyc bench NAME`: figures beside their floors, measured in the same run."""

import argparse
import importlib
import os
import platform
import time
from collections.abc import Iterator
from typing import Any

import msgspec

from bridge import __version__
from bridge.benches.row import Row, absent
from bridge.verbs.terminal import COULD_NOT, DONE, note, print_json, table

BENCHES = {
    "startup": "imports and help, against an empty interpreter",
    "tracking": "packet in to pose decoded at the engine, against a bare UDP -> ZeroMQ forwarder",
    "bus": "messages between processes, against bare ZeroMQ",
    "pictures": "pictures between processes, against one memcpy and checksum; to the engine, and what it costs poses",
    "record": "takes: throughput, what a kill loses, memory; against writing the same bytes to a file",
    "check": "wall and in-camera: error, prediction on a real move and a dolly; drawing speed",
    "capture": "a performer: joints against the truth, a real clip, speed, age of poses, stopping, cost to tracking",
    "rig": "capture cameras found from real clips of a board, against believing their clocks",
    "calibrate": "stage, lens and delay found again from pictures rendered of a known truth",
    "control": "OSC: packet to take started or stopped, and to the echo; against the same commands on the bus",
    "console": "the operator's page open over 16 streams at 240 Hz: what it costs the spine, against no page",
    "wall": "the walls on this computer's screen: refreshes, missed ones, flashes; against a bare window",
    "timecode": "LTC of an independent encoder read right, and how fast; the clocks of hosts against their bounds",
    "unreal": "Remote Control: settings to a stand-in, against bare HTTP; poses while a server is dead",
    "ndisplay": "walls to Unreal's .ndisplay and back: how far off the corners are",
    "plugin": "the Unreal plugin's core against libzmq: poses, mattes, a bridge that restarts",
    "failure": "services killed with -9 while poses flow, the spine and the recorder killed",
    "raster": "splats to pixels on this CPU, forward and backward; against metal-gauss's torch_ref",
    "generate": "a sentence to an environment with all its files: seconds; whether it is whole, metric and lit right",
    "formats": "splats in files and levels of detail: seconds, sizes, what a picture loses; against copying",
    "lift": "a panorama and its depth to splats",
    "photos": "photos of a place to splats: held-out PSNR and seconds",
    "view": "an environment on the walls: rate, pose age, the picture in camera; what it costs the spine",
}
_NOT_LIVE = ("raster", "generate", "formats", "lift", "photos", "view")
"""These live with what they measure, in generators/benches."""
_CAPTURED = ("capture", "rig")
"""And these in capture/benches."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc bench NAME [--seconds N] [--json]`."""
    parser.epilog = "example:\n  cyc bench tracking --seconds 10\n\nbenches:\n" + "\n".join(
        f"  {name:9} {line}" for name, line in BENCHES.items()
    )
    parser.add_argument("name", choices=[*BENCHES, "all"], metavar="NAME", help="a bench below, or all")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each measurement may take (default 5)")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Exit code 1 when a target was missed."""
    names = list(BENCHES) if args.name == "all" else [args.name]
    reports = [_report(name, args.seconds) for name in names]
    if args.json:
        print_json(reports[0] if len(reports) == 1 else reports)
    else:
        for report in reports:
            _draw(report)
    return COULD_NOT if any(row["ok"] is False for report in reports for row in report["rows"]) else DONE


def _report(name: str, seconds: float) -> dict[str, Any]:
    note(f"bench {name}: {BENCHES[name]}")
    started_s = time.perf_counter()
    rows = list(_rows(name, seconds))
    return {
        "bench": name,
        "machine": _machine(),
        "took_s": round(time.perf_counter() - started_s, 1),
        "rows": [msgspec.structs.asdict(row) for row in rows],
    }


def _rows(name: str, seconds: float) -> Iterator[Row]:
    package, extras = ("generators", "generators,dev") if name in _NOT_LIVE else ("bridge", "stage,dev")
    package = "capture" if name in _CAPTURED else package
    try:
        bench = importlib.import_module(f"{package}.benches.{name.replace('-', '_')}")
    except ModuleNotFoundError as error:
        yield absent(name, f"needs {error.name}: pip install 'cyclorama[{extras}]'")
        return
    yield from bench.rows(seconds)


def _machine() -> dict[str, object]:
    return {
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "cyclorama": __version__,
    }


def _draw(report: dict[str, Any]) -> None:
    rows = msgspec.convert(report["rows"], list[Row])
    verdict = {True: "ok", False: "MISSED", None: ""}
    table(
        f"{report['bench']}  ({report['took_s']} s)",
        ("what", "value", "unit", "floor", "ratio", "target", ""),
        ((r.what, _short(r.value), r.unit, _short(r.floor), _short(r.ratio), r.target, verdict[r.ok]) for r in rows),
    )


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
