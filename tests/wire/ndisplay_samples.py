"""The samples that tests of `.ndisplay` files share."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests" / "vectors"
FILES = ("cave_427", "volume_500")


def sample(name: str) -> bytes:
    return (VECTORS / f"{name}.ndisplay").read_bytes()
