"""What a file's numbers mean: frame, unit, colour space, exposure. Formats that can carry it do; a sidecar says it for
the others."""

from typing import Any, NamedTuple

from bridge.frames import FRAMES
from generators.splats import Splats

COLOUR_SPACE = "srgb_rec709_display"
"""KHR_gaussian_splatting's name for what splats are trained and blended in."""
SCHEMA = 1


class Said(NamedTuple):
    """Of one file."""

    frame: str
    """A row of `bridge.frames.FRAMES`."""
    white_unit: float = 1.0
    tags: str = ""
    """Where each splat's tag is kept: a property's or attribute's name; empty where the format has no room."""


def manifest(kind: str, splats: Splats, said: Said) -> dict[str, Any]:
    """As plain JSON, the same for every format."""
    frame = FRAMES[said.frame]
    return {
        "schema": SCHEMA,
        "format": kind,
        "frame": said.frame,
        "axes": frame.axes,
        "metres_per_unit": frame.metres_per_unit,
        "colour_space": COLOUR_SPACE,
        "white_unit": said.white_unit,
        "splats": len(splats.means_m),
        "sh_coefficients": int(splats.sh.shape[1]),
        "tags": said.tags,
    }


def line(said: Said) -> str:
    """For a comment in a header: `cyclorama frame=opencv axes=RDF ...`."""
    frame = FRAMES[said.frame]
    told = {
        "frame": said.frame,
        "axes": frame.axes,
        "metres_per_unit": repr(frame.metres_per_unit),
        "colour_space": COLOUR_SPACE,
        "white_unit": repr(float(said.white_unit)),
        "tags": said.tags or "none",
    }
    return "cyclorama " + " ".join(f"{key}={value}" for key, value in told.items())


def from_line(text: str) -> Said | None:
    """The inverse; None where the text is somebody else's. ValueError where it is ours and makes no sense."""
    words = text.split()
    if not words or words[0] != "cyclorama":
        return None
    told = dict(word.split("=", 1) for word in words[1:] if "=" in word)
    frame = told.get("frame", "")
    if frame not in FRAMES:
        raise ValueError(f"frame: expected one of {', '.join(FRAMES)}, got {frame!r}")
    white = float(told.get("white_unit", "1"))
    if not 0.0 < white < float("inf"):
        raise ValueError(f"white_unit: expected above zero, got {white}")
    tags = told.get("tags", "none")
    return Said(frame, white, "" if tags == "none" else tags)
