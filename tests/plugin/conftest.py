"""One build of the plugin's core for all tests of a run."""

from pathlib import Path

import pytest

from tests.plugin.built import build
from tests.plugin.shaders import unreals_tree


@pytest.fixture(scope="session")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With AddressSanitizer and UndefinedBehaviorSanitizer: any fault ends the program with another exit code."""
    return build(tmp_path_factory.mktemp("core"), "-DCYC_SANITIZE=ON", "-DCMAKE_BUILD_TYPE=Debug")


@pytest.fixture(scope="session")
def unreals_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the plugin's shaders lie as Unreal finds them."""
    return unreals_tree(tmp_path_factory.mktemp("unreal"))
