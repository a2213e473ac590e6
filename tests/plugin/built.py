"""The plugin's core, compiled here without Unreal: once with the sanitizers, once as it is used."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "ue_plugin" / "cyc_engine"


def build(folder: Path, *options: str) -> Path:
    """CMake's build of cyc-engine and the test programs in `folder`. Skips, saying so, where there is no compiler."""
    for tool in ("cmake", "c++"):
        if shutil.which(tool) is None:
            pytest.skip(f"no {tool} here: the plugin's core was not compiled")
    configure = ["cmake", "-S", str(SOURCE), "-B", str(folder), "-DCYC_TESTS=ON", *options]
    for call in (configure, ["cmake", "--build", str(folder), "-j", "2"]):
        ran = subprocess.run(call, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, f"{' '.join(call)}\n{ran.stdout[-3000:]}{ran.stderr[-3000:]}"
    return folder
