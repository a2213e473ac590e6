"""The Makefile's setup: done once, and again when other extras are asked for by name."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="no make here")


def asked(folder: Path, *words: str) -> str:
    """What it would run, whoever runs the tests."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "EXTRAS"))}
    command = ["make", "-n", "setup", *words]
    return subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, check=True).stdout


def test_extras_asked_for_later_are_installed(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "Makefile"):
        shutil.copy(ROOT / name, tmp_path)
    assert "'.[stage,dev]'" in asked(tmp_path)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / ".installed").write_text("stage,dev\n")
    assert "pip" not in asked(tmp_path) and "pip" not in asked(tmp_path, "EXTRAS=stage,dev")
    more = asked(tmp_path, "EXTRAS=stage,capture,dev")
    assert "'.[stage,capture,dev]'" in more and "--no-deps mediapipe==0.10.33" in more
    (tmp_path / ".venv" / ".installed").write_text("stage,capture,dev\n")
    assert "pip" not in asked(tmp_path, "EXTRAS=stage,capture,dev") and "pip" not in asked(tmp_path)
