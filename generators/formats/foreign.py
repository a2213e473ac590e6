"""Formats of other players, read through gaussforge: .ksplat, SOG, PlayCanvas' compressed PLY."""

from importlib.util import find_spec
from typing import Any

from generators.formats import ply
from generators.formats.fault import FormatFault
from generators.splats import Splats

NAMES = {".ksplat": "ksplat", ".sog": "sog", ".compressed.ply": "compressed.ply"}


def read(data: bytes, suffix: str, frame: str = "") -> Splats:
    """Splats in the stage frame. FormatFault, with the library's own words, or where it is not installed."""
    if find_spec("gaussforge") is None:
        raise FormatFault(
            f"{suffix} is read by gaussforge, which is not installed: pip install 'cyclorama[generators]'"
        )
    import gaussforge  # pyright: ignore[reportMissingTypeStubs]

    library: Any = gaussforge
    try:
        made: dict[str, Any] = library.GaussForge().convert(data, NAMES[suffix], "ply")
    except (RuntimeError, ValueError, MemoryError) as error:
        raise FormatFault(f"{suffix}: gaussforge cannot read it: {error}") from None
    if "data" not in made:
        raise FormatFault(f"{suffix}: gaussforge cannot read it: {made.get('error', 'it does not say why')}")
    return ply.read(bytes(made["data"]), frame)
