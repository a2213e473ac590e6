"""What all tests share: where the real recordings lie, the switch that rewrites generated docs, and who runs what."""

import functools
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# Before numpy: one thread for matrices. Ours are small, and with two or more, beside anything else that runs, threads
# that wait for each other cost six times the work. What children get is the supervisor's to say.
for pool in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{pool}_NUM_THREADS", "1")

# No test is judged by how busy the computer is.
settings.register_profile("unhurried", settings(), deadline=None)
settings.load_profile("unhurried")

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate-docs", action="store_true", help="rewrite the parts of docs/ made from code")


# What takes longest side by side, begun first, so that nobody is left alone with it.
LONGEST = (
    "tests/plugin",
    "tests/test_first_day.py",
    "bench_stage",
    "tests/wire/test_mutation.py",
    "tests/wire/test_to_the_engine.py",
    "tests/generators/test_places_standing.py",
)


@functools.cache
def group(file: str) -> str:
    """Whose tests one process runs: a file's, for its fixtures; all of tests/plugin, for its one build; all of those
    that start the bench stage, for its ports."""
    if "import bench_stage" in (ROOT / file).read_text(encoding="utf-8"):
        return "bench_stage"
    return "tests/plugin" if file.startswith("tests/plugin/") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """For `make test`, which runs them side by side. xdist's own groups do nothing with pytest 9.2."""
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid.partition("::")[0])

    return Groups(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # one of them
        begun = dict(zip(LONGEST, range(len(LONGEST)), strict=True))
        items.sort(key=lambda item: begun.get(group(item.nodeid.partition("::")[0]), len(begun)))


@pytest.fixture(scope="session")
def mosys_move() -> Path:
    """The real Mo-Sys recording; skips where it is absent."""
    path = DATA / "camera_move_mosys" / "A003_C001.f4"
    if not path.is_file():
        pytest.skip(f"no recording at {path}")
    return path
