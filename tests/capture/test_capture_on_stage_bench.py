"""The bench of the capture service waits for nothing that cannot come, and says why it does not."""

import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from bridge.bus.mailbox import Mailbox
from bridge.models import Home
from capture.benches import on_stage
from capture.rig import Rig


class Silence:
    """A bus on which nobody says anything."""

    def take(self, timeout_s: float = 0.0) -> list[object]:
        del timeout_s
        return []


def test_a_missing_model_is_said_at_once_with_the_command_that_gets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_stage, "_no_camera", lambda _: iter(()))
    setup = on_stage.Setup(tmp_path, Home(tmp_path / "models", {}, ()), 1.0)
    (row,) = on_stage.rows(setup, Rig((), 0.0), [], tmp_path / "none.mp4")
    assert row.ok is None
    assert row.value is None
    assert "cyc models get pose-full" in row.what


def test_a_service_that_ends_early_is_said_with_its_last_line(tmp_path: Path) -> None:
    log = tmp_path / "capture.log"
    with log.open("wb") as heard:
        process = subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.exit('first\\ncapture: no camera 0; cyc capture list\\n\\n')"],
            stdin=subprocess.PIPE,
            stderr=heard,
        )
        process.wait(30)
    said = on_stage._silent(on_stage.Running(cast(Mailbox, Silence()), process, log))
    assert said == "capture ended with 1: capture: no camera 0; cyc capture list"
    assert on_stage.last_line(tmp_path / "capture.log").startswith("capture: no camera")
