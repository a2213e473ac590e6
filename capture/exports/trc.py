"""TRC: joint centres as markers, millimetres, Y up: what OpenSim and its like read. Every value behind a tab."""

import numpy as np

from bridge.frames import convert_positions
from capture.bones import BONES
from capture.exports.motion import Motion

_LEFT_OUT = {"root"}
"""Lies on the floor by convention: no joint."""


def trc_text(motion: Motion, name: str) -> str:
    """The whole file; `name` is what it says it is called."""
    rows = [row for row, bone in enumerate(BONES) if bone not in _LEFT_OUT]
    points = convert_positions(motion.joints_m()[:, rows], "trc", "stage")
    rate, frames = f"{motion.rate_hz:.6f}", len(points)
    head = [
        f"PathFileType\t4\t(X/Y/Z)\t{name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        f"{rate}\t{rate}\t{frames}\t{len(rows)}\tmm\t{rate}\t1\t{frames}",
        "Frame#\tTime\t" + "".join(f"{BONES[row]}\t\t\t" for row in rows),
        "\t\t" + "\t".join(f"X{number}\tY{number}\tZ{number}" for number in range(1, len(rows) + 1)),
        "",
    ]
    times = np.arange(frames) * motion.rate[1] / motion.rate[0]
    body = [
        f"{number}\t{time:.6f}\t" + "\t".join(f"{value:.4f}" for value in frame.reshape(-1))
        for number, (time, frame) in enumerate(zip(times, points, strict=True), start=1)
    ]
    return "\n".join([*head, *body]) + "\n"
