"""What all tests share: where the real recordings lie, and the switch that rewrites generated docs."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate-docs", action="store_true", help="rewrite the parts of docs/ made from code")


@pytest.fixture(scope="session")
def mosys_move() -> Path:
    """The real Mo-Sys recording; skips where it is absent."""
    path = DATA / "camera_move_mosys" / "A003_C001.f4"
    if not path.is_file():
        pytest.skip(f"no recording at {path}")
    return path
