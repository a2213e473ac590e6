"""What all tests share: where the real recordings lie, the switch that rewrites generated docs, and who runs what."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Before numpy: one thread for matrices. Ours are small, and with two or more, beside anything else that runs, threads
# that wait for each other cost six times the work. What children get is the supervisor's to say.
for pool in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{pool}_NUM_THREADS", "1")

# A slow machine is no fault of what is tested.
settings.register_profile("cyclorama", deadline=None)
settings.load_profile("cyclorama")

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate-docs", action="store_true", help="rewrite the parts of docs/ made from code")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Function]) -> None:
    """Side by side (`make test`) one process runs a whole file, for its fixtures; all of tests/plugin, for its one
    build; and all that start the bench stage, for its ports."""
    if config.pluginmanager.hasplugin("xdist"):
        for item in items:
            shared = "plugin" if item.path.parent.name == "plugin" else None
            shared = "bench_stage" if hasattr(item.module, "bench_stage") else shared
            item.add_marker(pytest.mark.xdist_group(shared or item.path.relative_to(ROOT).as_posix()))


@pytest.fixture(scope="session")
def mosys_move() -> Path:
    """The real Mo-Sys recording; skips where it is absent."""
    path = DATA / "camera_move_mosys" / "A003_C001.f4"
    if not path.is_file():
        pytest.skip(f"no recording at {path}")
    return path
