"""The examples are documentation, so they run: beside a real spine fed with real packets."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.benches import bench_stage
from bridge.udp import Sender
from bridge.wire import freed

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("0[1-3]_*.py"))
PACKET = freed.encode(
    freed.FreeDPacket(
        camera_id=1, pan_deg=5.0, tilt_deg=1.0, roll_deg=0.0, position_mm=(100.0, -1500.0, 1600.0), zoom=0, focus=0
    )
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = bench_stage.write(tmp_path_factory.mktemp("stage"), 1, 100.0)
    with bench_stage.service("spine", path):
        yield path


def arguments(example: Path, stage: Path) -> list[str]:
    words = {"01": ["--port", "42555"], "02": ["--stage", str(stage)], "03": ["--port", str(bench_stage.ENGINE_PORT)]}
    return [*words[example.name[:2]], "--seconds", "1.5"]


def shown_by(example: Path, stage: Path) -> str:
    process = subprocess.Popen(
        [sys.executable, str(example), *arguments(example, stage)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    senders = [Sender("127.0.0.1", port) for port in (42555, bench_stage.UDP_PORT)]
    while process.poll() is None:
        for sender in senders:
            sender.send(PACKET)
        time.sleep(0.01)  # the tracker's pace, not a wait for anything
    shown = process.communicate()[0]
    assert process.returncode == 0
    return shown


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_it_runs_and_prints_the_camera(example: Path, stage: Path) -> None:
    """In its second and a half; where the computer was too busy to start the spine in that time, in one more."""
    for _ in range(12):
        shown = shown_by(example, stage)
        if "(0.100, -1.500, 1.600) m" in shown or "cam1" in shown:
            return
    raise AssertionError(f"{example.name} heard nothing")


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 3
