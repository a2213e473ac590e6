"""The first day as an example walks it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_first_day_ends_with_a_stage_that_checks(tmp_path: Path) -> None:
    """Wrong offsets, lens, walls and delays are found by the calibrations; the check that judges did not make them."""
    example = ROOT / "examples" / "04_first_day.py"
    walked = subprocess.run([sys.executable, str(example), "--out", str(tmp_path)], cwd=ROOT, check=False)
    assert walked.returncode == 0
