"""An environment of Cyclorama's library, as its manifest describes it. Knows nothing of Unreal."""

import json
from pathlib import Path
from typing import Any, NamedTuple

SCHEMA = 1
Triple = tuple[float, float, float]


class Fault(Exception):
    """What is wrong with a folder, in one sentence."""


class Environment(NamedTuple):
    """The files of a place, and how it is lit. Frame: metres, X right, Y forward, Z up."""

    folder: Path
    title: str
    content: str
    splats: tuple[Path, ...]
    """Those that are there, the one importers take most gladly first."""
    proxy: Path
    panorama: Path
    towards_sun: Triple
    sunlit: Triple
    """Irradiance on what faces the sun; zeros: there is none."""


def environment(folder: str) -> Environment:
    """Of a library folder. Fault says what is missing."""
    place = Path(folder)
    try:
        described: Any = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
    except OSError:
        raise Fault(f"{place}: no manifest.json; name a folder of Cyclorama's library: cyc library list") from None
    except ValueError as error:
        raise Fault(f"{place / 'manifest.json'}: {error}; cyc library verify names what is damaged") from None
    if described.get("schema") != SCHEMA:
        raise Fault(f"{place}: manifest of schema {described.get('schema')}, these scripts read {SCHEMA}")
    sun = described.get("sun") or {"towards_unit": (0.0, 0.0, 1.0), "light_unit": (0.0, 0.0, 0.0)}
    named = [place / name for name in ("splats.ply", "splats.spz", "splats.usdc")]
    return Environment(
        folder=place,
        title=str(described["title"]),
        content=str(described["content"]),
        splats=tuple(path for path in named if path.is_file()),
        proxy=_there(place / "proxy.glb"),
        panorama=_there(place / "panorama.exr"),
        towards_sun=_triple(sun["towards_unit"]),
        sunlit=_triple(sun["light_unit"]),
    )


def _there(path: Path) -> Path:
    if not path.is_file():
        raise Fault(f"{path} is missing; cyc library verify names what is damaged")
    return path


def _triple(numbers: Any) -> Triple:
    x, y, z = (float(number) for number in numbers)
    return x, y, z
