"""Whether a calibration may be written, and if not, what to do: in plain words, shot by shot, wall by wall."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.rotations import vector_of
from bridge.calibrate.stage.bundle import Free, starts
from bridge.calibrate.stage.sifting import FEWEST_SHOTS, rms
from bridge.calibrate.stage.solution import Solution, apart, wall_moved_m

Floats = NDArray[np.float64]

WORST_RMS_PX = 1.5
"""For a picture 1920 pixels wide."""
STILL_M = 0.001
_STRANGERS = (
    "these shots do not belong together: do two cameras send one camera id, did the mount slip, or was the tracker's "
    "origin set anew in between? Shoot again in one go"
)
_PART = 0.3  # of a direction, to be named
_SHOWN = 6
_SPAN_DEG = {"pan": 25.0, "tilt": 15.0, "roll": 10.0}


class Judged(NamedTuple):
    """`faults` keep it from being written; `notes` do not."""

    faults: list[str]
    notes: list[str]


class ShotLine(NamedTuple):
    """One picture of the report."""

    picture: str
    markers: int
    walls: str
    rms_px: float
    place_mm: float
    """How far the tracker's pose is from what the picture says."""
    turn_deg: float
    said: str


def judge(
    found: Solution, names: Sequence[str], walls: Sequence[str], width_px: int, edges: Mapping[int, Floats]
) -> Judged:
    """`names` are the pictures', `edges` each free wall's corners in its own frame."""
    faults, notes = [*_sifted(found, names, walls, edges), *_residual(found, width_px)], list[str]()
    weak = undetermined(found, walls)
    if weak:
        faults.append(f"not determined by these shots: {'; '.join(weak)}. {lacking(found)}")
    for shot in found.sifted.wrong_shots:
        away = apart(found, shot)
        how = f", {away.place_m * 1e3:.0f} mm and {math.degrees(away.turn_rad):.2f} degrees" if away else ""
        notes.append(
            f"{names[shot]}: its tracker pose is not where the picture was taken from{how}: bumped, or moving; left out"
        )
    seen = {int(wall) for wall in np.unique(found.corners.wall)}
    for index, name in enumerate(walls):
        if index not in seen:
            notes.append(f"wall {name}: no picture shows its markers; it stays as it is")
    return Judged(faults, notes)


def _sifted(found: Solution, names: Sequence[str], walls: Sequence[str], edges: Mapping[int, Floats]) -> list[str]:
    faults: list[str] = []
    sifted = found.sifted
    shots = len(np.unique(found.corners.shot))
    if sifted.gave_up:
        listed = _listed([names[shot] for shot in sifted.wrong_shots])
        if shots - len(sifted.wrong_shots) < FEWEST_SHOTS and len(sifted.wrong_shots) <= 2:
            faults.append(
                f"{listed}: does not agree with the other shots, and without it fewer than {FEWEST_SHOTS} are left: "
                "shoot it again, camera locked off"
            )
        else:
            faults.append(f"{listed} and others: {_STRANGERS}")
    for wall in sorted({wall for wall, _ in sifted.moved_walls}):
        mine = [shot for other, shot in sifted.moved_walls if other == wall]
        faults.append(
            f"wall {walls[wall]}: {_stood(found, wall, mine, edges)} in {_listed([names[s] for s in mine])}: "
            "it, or a wall seen beside it, moved between shots; fix it and shoot again, or leave those out "
            "(--without)"
        )
    return faults


def _stood(found: Solution, wall: int, shots: Sequence[int], edges: Mapping[int, Floats]) -> str:
    if wall not in edges:
        return "stood elsewhere"
    return f"stood {wall_moved_m(found, wall, shots, edges[wall]) * 1e3:.0f} mm elsewhere"


def _residual(found: Solution, width_px: int) -> list[str]:
    limit = WORST_RMS_PX * width_px / 1920.0
    if found.rms_px <= limit:
        return []
    if found.rms_px > 10.0 * limit:
        return [f"the residual is {found.rms_px:.0f} px: {_STRANGERS}"]
    return [
        f"the residual is {found.rms_px:.2f} px, expected at most {limit:.1f}: the lens table is not this lens's at "
        "this zoom and focus (`cyc calibrate lens`), or the walls' sizes or pixels are wrong in the stage file"
    ]


def shot_lines(found: Solution, names: Sequence[str], walls: Sequence[str], moved_m: Sequence[float]) -> list[ShotLine]:
    """Every picture, left out or not."""
    lines: list[ShotLine] = []
    for shot, name in enumerate(names):
        mine = found.corners.shot == shot
        if not mine.any():
            lines.append(ShotLine(name, 0, "", math.nan, math.nan, math.nan, "not used: too few markers"))
            continue
        away = apart(found, shot)
        seen = ", ".join(walls[int(wall)] for wall in np.unique(found.corners.wall[mine]))
        left_out = [walls[wall] for wall, other in found.sifted.moved_walls if other == shot]
        said = "left out: wrong tracker pose" if shot in found.sifted.wrong_shots else ""
        said = said or (f"without {_listed(left_out)}, which stood elsewhere" if left_out else "")
        said = said or ("" if moved_m[shot] <= STILL_M else f"moved {moved_m[shot] * 1e3:.1f} mm: lock off")
        lines.append(
            ShotLine(
                name,
                int(mine.sum()) // 4,
                seen,
                rms(found.residuals[mine]),
                away.place_m * 1e3 if away else math.nan,
                math.degrees(away.turn_rad) if away else math.nan,
                said,
            )
        )
    return lines


# --- what is not determined -----------------------------------------------------------------------------------------


def undetermined(found: Solution, walls: Sequence[str]) -> list[str]:
    """Each direction in words: one thing, or things that cannot be told apart."""
    names = _names(found.free, walls)
    said: list[str] = []
    for direction in found.certainty.weak:
        order = [int(index) for index in np.argsort(-np.abs(direction))]
        parts = [names[index] for index in order if abs(direction[index]) > _PART]
        text = " against ".join(dict.fromkeys(parts or [names[order[0]]]))
        if text not in said:
            said.append(text)
    return said[:_SHOWN]


def _names(free: Sequence[Free], walls: Sequence[str]) -> list[str]:
    names = ["the tracker's origin"] * 3 + ["the tracker's axes"] * 3 + ["the mount's turn"] * 3
    names += ["the mount's place to the side", "the mount's height", "the nodal offset"]
    for start, wall in zip(starts(free), free, strict=True):
        assert start == len(names)
        names += [f"the place of wall {walls[wall.wall]}"] * 3
        names += [f"the turn of wall {walls[wall.wall]}"] * (3 if wall.freely else 1)
    return names


def lacking(found: Solution) -> str:
    """What the shots have too little of, as what to shoot."""
    told, shots = found.told, np.unique(found.corners.shot)
    middle = told.rotation[shots[0]] @ found.after.mount
    turns = np.array([vector_of(middle.T @ told.rotation[shot] @ found.after.mount) for shot in shots])
    spans = np.degrees(np.ptp(turns, axis=0)) if len(turns) else np.zeros(3)
    by_name = {"tilt": spans[0], "roll": spans[1], "pan": spans[2]}
    asked = [_ASKED[name] for name, span in by_name.items() if span < _SPAN_DEG[name]]
    if float(np.ptp(told.position_m[shots, 2])) < 0.3:
        asked.append("two lower or higher by half a metre")
    asked = asked or ["more, from other places, near and far, each seeing as many walls as it can"]
    return f"Shoot {', '.join(asked)}"


_ASKED = {
    "tilt": "two tilted up and two tilted down by 10 degrees or more",
    "roll": "two rolled by 10 degrees or more (tilt the dolly or the head's plate)",
    "pan": "three panned further to either side",
}


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"
