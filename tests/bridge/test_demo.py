"""The main job as a user runs it: one command, real processes, a report, a take, pictures."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.__main__ import main

ROOT = Path(__file__).parents[2]
UDP, ENGINE, BUS, PAGE = 41700, 41760, 41800, 41880


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    """The small stage on ports of its own, under a name of its own."""
    text = (ROOT / "stage_configs" / "small_wall.toml").read_text()
    for old, new in (
        ('name = "small_wall"', 'name = "demo_test"'),
        ("port = 40000", f"port = {UDP}"),
        ("port = 5560", f"port = {ENGINE}"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "mine.toml"
    path.write_text(f"{text}\n[bus]\nport = {BUS}\n")
    return path


def cyc(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bridge", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=120)


@pytest.mark.slow
def test_the_demo_ends_with_a_report_a_take_and_pictures(stage: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = cyc(
        "demo",
        "--environment",
        "none",
        "--stage",
        str(stage),
        "--seconds",
        "6",
        "--out",
        str(out),
        "--page",
        f"127.0.0.1:{PAGE}",
        "--json",
    )
    assert ran.returncode == 0, ran.stderr
    report = json.loads(ran.stdout)
    (stream,) = report["streams"]
    assert stream["state"] == "live" and stream["lost"] == 0 and stream["received"] > 100
    assert {row["service"]: row["restarts"] for row in report["services"]} == dict.fromkeys(
        ("capture", "console", "engine", "pictures", "recorder", "spine", "tracker", "view", "wall"), 0
    )
    true, predicted, newest = report["in_camera"]
    assert true["mean_px"] < 0.01 and predicted["p95_px"] < newest["p95_px"] / 2
    assert len(report["pictures"]) == 6 and all(Path(path).stat().st_size > 1000 for path in report["pictures"])
    track = tmp_path / "track.chan"
    exported = cyc("take", "export", report["take"], "--to", "chan", str(track))
    assert exported.returncode == 0, exported.stderr  # the take knows its camera's rate: the stage file is inside
    assert len(track.read_text().splitlines()) > 100
    page = f"127.0.0.1:{PAGE}"
    words = ("--move", report["take"], "--seconds", "3", "--out", str(tmp_path / "two"), "--page", page, "--json")
    again = cyc("demo", "--environment", "none", "--stage", str(stage), *words)
    assert again.returncode == 0 and json.loads(again.stdout)["streams"][0]["received"] > 50, again.stderr


Said = pytest.CaptureFixture[str]


@pytest.mark.parametrize(("kind", "port"), [(socket.SOCK_DGRAM, UDP), (socket.SOCK_STREAM, ENGINE)])
def test_a_taken_port_is_refused_before_anything_starts(
    stage: Path, kind: socket.SocketKind, port: int, capsys: Said
) -> None:
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(kind == socket.SOCK_STREAM))
        taken.bind(("127.0.0.1", port))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        words = ("--environment", "none", "--stage", str(stage), "--seconds", "1", "--page", f"127.0.0.1:{PAGE}")
        assert main(["demo", *words]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1 and f"port {port} on 127.0.0.1 is taken" in said.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--page", "8080"), "--page: expected host:port such as 127.0.0.1:8080, got '8080'"),
        (("--move", "README.md"), "README.md: expected a Mo-Sys F4 recording (.f4) or a take (.mcap)"),
        (("--move", "none.f4"), "none.f4: expected a move (.f4) or a take (.mcap), there is no such file"),
        (("--stage", "none.toml"), "none.toml: cannot be read"),
    ],
)
def test_a_wrong_word_is_refused_in_a_sentence(
    words: tuple[str, ...], why: str, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["demo", "--environment", "none", "--seconds", "1", *words]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert why in said.err and "Traceback" not in said.err
