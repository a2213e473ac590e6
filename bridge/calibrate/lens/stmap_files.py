"""STMaps as 32-bit float EXR files, with what they mean in the header and the name."""

from pathlib import Path

import numpy as np

from bridge import exr
from bridge.calibrate.lens.stmap import (
    ORIGINS,
    Kind,
    Map,
    Optic,
    Origin,
    StMapFault,
    distorting,
    margin_px,
    st_of,
    undistorting,
)

ORIGIN, KIND, MARGIN, PLATE = "stmapOrigin", "stmapKind", "stmapMarginPx", "stmapPlatePx"


def save(folder: Path, name: str, optic: Optic, origin: Origin) -> tuple[list[Path], tuple[int, int]]:
    """Both maps; -> the files, and the margin. StMapFault where there is no way back."""
    margin = margin_px(optic)
    width, height = optic.resolution_px
    whole = (width + 2 * margin[0], height + 2 * margin[1])
    folder.mkdir(parents=True, exist_ok=True)
    saved: list[Path] = []
    for kind, pixels, into in (
        ("undistort", undistorting(optic, margin), optic.resolution_px),
        ("distort", distorting(optic, margin), whole),
    ):
        path = folder / f"{name}-{kind}-{origin}.exr"
        st = st_of(pixels, into, origin)
        texts = {ORIGIN: origin, KIND: kind, MARGIN: f"{margin[0]} {margin[1]}", PLATE: f"{width} {height}"}
        exr.write_data(path, np.concatenate((st, np.zeros((*st.shape[:2], 1), np.float32)), axis=2), texts)
        saved.append(path)
    return saved, margin


def load(path: Path, kind: Kind | None, resolution_px: tuple[int, int]) -> tuple[Map, Origin | None]:
    """A map, and its origin where the file says it. ExrFault; StMapFault where it is none of this picture's."""
    st, texts = exr.read_data(path)
    said = texts.get(KIND) or kind
    if said not in ("undistort", "distort"):
        raise StMapFault(f"{path}: the file does not say what it does, expected --kind undistort or --kind distort")
    if kind is not None and kind != said:
        raise StMapFault(f"{path}: says that it is to {said}, got --kind {kind}")
    margin = tuple(int(part) for part in texts.get(MARGIN, "0 0").split())
    origin = texts.get(ORIGIN)
    tall, wide = st.shape[:2]
    width, height = resolution_px
    if said == "undistort":
        width, height = width + 2 * margin[0], height + 2 * margin[1]
    if abs(wide / tall * height / width - 1.0) > 0.002:
        raise StMapFault(f"{path}: expected the shape of {width}x{height} pixels, got {wide}x{tall}")
    return Map(st, said, (margin[0], margin[1])), origin if origin in ORIGINS else None
