"""The example of creatures runs, and a standing foot hardly moves on any of them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_it_draws_creatures_whose_feet_stand(tmp_path: Path) -> None:
    example, picture = ROOT / "examples" / "05_a_creature_plays_along.py", tmp_path / "creatures.png"
    ran = subprocess.run(
        [sys.executable, str(example), "--out", str(picture)], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert picture.stat().st_size > 4000
    moved = [float(amount) for amount in re.findall(r"moved ([\d.]+) mm", ran.stdout)]
    assert len(moved) == 4
    assert max(moved) < 15.0
