"""nerfstudio as a program in an environment of its own: its pins (gsplat 1.4.0, protobuf 3, three OpenCVs) fit nobody
else's. Driven by its command line; photos and cameras in, a PLY and the transform to undo out."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from generators.formats import ply
from generators.photos.nerfstudio_scene import POINTS, points_ply, transforms, undone
from generators.photos.solved import PhotosFault, Solved
from generators.splats import Splats

Tell = Callable[[str], None]

REQUIREMENTS = ("nerfstudio==1.1.5", "setuptools<81", "torch>=2.1", "torchvision")
SETTINGS = {"TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD": "1"}
"""nerfstudio 1.1.5 cannot read its own checkpoints back on torch 2.6 and later without it (nerfstudio #3683)."""
_NAME, _STAMP = "cyclorama", "fit"


def programs(home: Path) -> Path:
    """Where an environment keeps its programs."""
    return home / ("Scripts" if os.name == "nt" else "bin")


def setup_commands(home: Path) -> list[list[str]]:
    """What makes the environment: 3.5 GB, once."""
    python = str(programs(home) / "python")
    return [
        [sys.executable, "-m", "venv", str(home)],
        [python, "-m", "pip", "install", "--upgrade", "pip"],
        [python, "-m", "pip", "install", *REQUIREMENTS],
    ]


def train_command(home: Path, data: Path, runs: Path, steps: int) -> list[str]:
    """splatfacto, which leaves the scene where we put it; every eighth photo held out."""
    return [
        str(programs(home) / "ns-train"),
        "splatfacto",
        *("--output-dir", str(runs), "--experiment-name", _NAME, "--timestamp", _STAMP),
        *("--max-num-iterations", str(steps), "--vis", "tensorboard"),
        "nerfstudio-data",
        *("--data", str(data), "--downscale-factor", "1"),
        *("--orientation-method", "none", "--center-method", "none"),
        *("--eval-mode", "interval", "--eval-interval", "8"),
    ]


def export_command(home: Path, runs: Path, exported: Path) -> list[str]:
    """Its checkpoint to `splat.ply`."""
    config = _run_folder(runs) / "config.yml"
    program = str(programs(home) / "ns-export")
    return [program, "gaussian-splat", "--load-config", str(config), "--output-dir", str(exported)]


def _run_folder(runs: Path) -> Path:
    return runs / _NAME / "splatfacto" / _STAMP


def train(solved: Solved, work: Path, home: Path, steps: int, environment: Mapping[str, str], tell: Tell) -> Splats:
    """splatfacto's splats on the stage. `solved` is on the stage; its photos are in `work`."""
    if shutil.which("ns-train", path=str(programs(home))) is None:
        raise PhotosFault(
            f"{home}: nerfstudio is not there; `cyc generate nerfstudio-setup` makes its environment (3.5 GB)"
        )
    runs, exported = work / "nerfstudio", work / "nerfstudio-export"
    (work / "transforms.json").write_text(json.dumps(transforms(solved), indent=1), encoding="utf-8")
    (work / POINTS).write_bytes(points_ply(solved))
    with_ours = {**environment, **SETTINGS}
    follow(train_command(home, work, runs, steps), with_ours, tell)
    follow(export_command(home, runs, exported), with_ours, tell)
    made, told = exported / "splat.ply", _run_folder(runs) / "dataparser_transforms.json"
    try:
        raw, transform = made.read_bytes(), told.read_bytes()
    except OSError as error:
        raise PhotosFault(f"{error.filename}: expected from nerfstudio, it is not there; its log is above") from None
    return undone(ply.read(raw, "stage"), transform, str(told))


def follow(command: Sequence[str], environment: Mapping[str, str], tell: Tell) -> None:
    """Run a program to its end, telling its last line; Ctrl-C ends it too. PhotosFault with its last words."""
    process = subprocess.Popen(
        list(command),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=dict(environment),
    )
    last: list[str] = []
    try:
        for line in process.stdout or ():
            if line.strip():
                last = [*last[-4:], line.strip()]
                tell(f"{Path(command[0]).name}: {last[-1][:120]}")
        code = process.wait()
    except BaseException:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        raise
    if code:
        raise PhotosFault(f"{Path(command[0]).name} ended with {code}: {' / '.join(last)}")
