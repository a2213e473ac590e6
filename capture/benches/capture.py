"""Performance capture: joints against a known truth, a real clip, speed, and the service on a stage.

The performer is drawn and MediaPipe looks at the pictures, so models and people must be here (`cyc models get`); what
is missing is a row that says so. Pictures lie in a temporary folder and go with it.
"""

import importlib.util
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bridge.benches.row import Row, absent
from capture.benches import accuracy, close_up, on_stage, speed
from capture.benches.clips import calibrated, home, people
from capture.landmarks import INSTALL
from capture.synthetic.cameras import ring

_FRAMES = 60
"""Of each video for the rows of speed."""


def rows(seconds: float) -> Iterator[Row]:
    """`seconds` decides how long clips are, and how long the service is listened to."""
    models = home()
    if importlib.util.find_spec("mediapipe") is None:
        yield absent("capture", f"mediapipe is not installed: {INSTALL}")
        return
    with tempfile.TemporaryDirectory(prefix="cyc-bench-capture-") as name:
        folder, data = Path(name), people(models)
        yield from speed.rows(models, data, folder, _FRAMES)
        setup = on_stage.Setup(folder, models, seconds)
        ring_videos = sorted((folder / "ring").glob("*.mp4"))
        yield from on_stage.rows(setup, calibrated(ring(4)), ring_videos, folder / "webcam" / "cam1.mp4")
    yield from accuracy.real(models)
    yield from accuracy.synthetic(seconds, models)
    yield from close_up.rows(models, people(models))
