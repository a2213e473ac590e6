"""OpenEXR files in and out: pictures, scene-linear, with the colour space said; and data, such as STMaps, as floats."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import OpenEXR
from numpy.typing import NDArray

_library: Any = OpenEXR

# Colour space -> (EXR's colorInteropID, chromaticities of red, green, blue and white).
SPACES: dict[str, tuple[str, tuple[float, ...]]] = {
    "ACEScg": ("lin_ap1_scene", (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767)),
    "ACES2065-1": ("lin_ap0_scene", (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767)),
    "linear Rec.709": ("lin_rec709_scene", (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)),
    "linear P3-D65": ("lin_p3d65_scene", (0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.3290)),
    "linear Rec.2020": ("lin_rec2020_scene", (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290)),
}

HALF_MOST = 65504.0
"""The largest number that half a float holds."""


class ExrFault(ValueError):
    """A file that cannot be read; the text says expected and got."""


class ExrPicture(NamedTuple):
    """A picture and what its numbers mean."""

    pixels: NDArray[np.float32]
    """[H, W, 3]."""
    colour_space: str
    """A key of SPACES, or empty where the file does not say."""


def read(path: Path) -> ExrPicture:
    """Red, green and blue of an EXR. ExrFault where there is no such file or channels are missing."""
    if not path.is_file():
        raise ExrFault(f"{path}: expected an EXR file, there is none")
    try:
        with _library.File(str(path), separate_channels=True) as file:
            channels, header = file.channels(), file.header()
            missing = [name for name in "RGB" if name not in channels]
            if missing:
                raise ExrFault(f"{path}: expected channels R, G, B, got {', '.join(channels)}")
            pixels = np.stack([np.asarray(channels[name].pixels, np.float32) for name in "RGB"], axis=-1)
            space = _space(header)  # while the file is open: the header goes with it
    except (RuntimeError, OSError) as error:
        raise ExrFault(f"{path}: cannot be read as EXR: {error}") from None
    return ExrPicture(pixels, space)


def write(path: Path, pixels: NDArray[np.floating], colour_space: str) -> None:
    """[H, W, 3] as half floats, zipped; as 32-bit ones where light is beyond their range, as a sun's disc is.

    ValueError for a colour space that SPACES does not know.
    """
    if colour_space not in SPACES:
        raise ValueError(f"colour space: expected one of {', '.join(SPACES)}, got {colour_space!r}")
    name, chromaticities = SPACES[colour_space]
    header = {
        "compression": _library.ZIP_COMPRESSION,
        "type": _library.scanlineimage,
        "colorInteropID": name,
        "chromaticities": chromaticities,
    }
    kind = np.float16 if np.max(pixels, initial=0.0) <= HALF_MOST else np.float32
    with _library.File(header, {"RGB": np.ascontiguousarray(pixels, dtype=kind)}) as file:
        file.write(str(path))


def read_data(path: Path, channels: str = "RG") -> tuple[NDArray[np.float32], dict[str, str]]:
    """Numbers that are no light [H, W, channels], and the file's texts. ExrFault as `read`."""
    if not path.is_file():
        raise ExrFault(f"{path}: expected an EXR file, there is none")
    try:
        with _library.File(str(path), separate_channels=True) as file:
            found, header = file.channels(), file.header()
            missing = [name for name in channels if name not in found]
            if missing:
                raise ExrFault(f"{path}: expected channels {', '.join(channels)}, got {', '.join(found)}")
            pixels = np.stack([np.asarray(found[name].pixels, np.float32) for name in channels], axis=-1)
            texts = {name: value for name, value in header.items() if isinstance(value, str)}
    except (RuntimeError, OSError) as error:
        raise ExrFault(f"{path}: cannot be read as EXR: {error}") from None
    return pixels, texts


def write_data(path: Path, pixels: NDArray[np.floating], texts: dict[str, str]) -> None:
    """[H, W, 3] as 32-bit floats, zipped, with texts in the header; no colour space, for it is no light."""
    header = {"compression": _library.ZIP_COMPRESSION, "type": _library.scanlineimage, **texts}
    whole = np.ascontiguousarray(pixels, dtype=np.float32)
    with _library.File(header, {"RGB": whole}) as file:
        file.write(str(path))


def write_channel(path: Path, name: str, values: NDArray[np.floating], texts: dict[str, str]) -> None:
    """One channel [H, W] as 32-bit floats, zipped: `Z` is what compositing programs take for depth."""
    header = {"compression": _library.ZIP_COMPRESSION, "type": _library.scanlineimage, **texts}
    with _library.File(header, {name: np.ascontiguousarray(values, dtype=np.float32)}) as file:
        file.write(str(path))


def _space(header: dict[str, Any]) -> str:
    """By its name in the file, else by its primaries."""
    for space, (name, _) in SPACES.items():
        if header.get("colorInteropID") == name:
            return space
    found = np.asarray(header.get("chromaticities", ()), dtype=float).ravel()
    for space, (_, chromaticities) in SPACES.items():
        if len(found) == len(chromaticities) and np.allclose(found, chromaticities, atol=2e-3):
            return space
    return ""
