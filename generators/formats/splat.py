""".splat (antimatter15): 32 bytes a splat, colours and rotations in bytes, no harmonics; read only. RDF metres."""

import numpy as np

from generators.formats.activations import good, unit_rotations
from generators.formats.fault import FormatFault
from generators.splat_moves import between_frames, moved
from generators.splats import Splats, Tag, solid_colours

FRAME = "opencv"
_RECORD = np.dtype([("mean", "<f4", 3), ("scale", "<f4", 3), ("rgba", "u1", 4), ("turn", "u1", 4)])


def read(data: bytes, frame: str = "") -> Splats:
    """Splats in the stage frame. FormatFault with the reason."""
    if not data or len(data) % _RECORD.itemsize:
        raise FormatFault(f".splat: expected records of {_RECORD.itemsize} bytes, got {len(data)} bytes in all")
    table = np.frombuffer(data, _RECORD)
    splats = Splats(
        means_m=np.ascontiguousarray(table["mean"]),
        rotations_wxyz=unit_rotations((table["turn"].astype(np.float32) - 128.0) / 128.0),
        scales_m=np.ascontiguousarray(table["scale"]),
        opacities_unit=(table["rgba"][:, 3] / 255.0).astype(np.float32),
        sh=solid_colours(table["rgba"][:, :3] / 255.0),
        tags=np.full(len(table), Tag.OTHER, np.uint8),
    )
    return good(moved(good(splats), between_frames("stage", frame or FRAME)))
