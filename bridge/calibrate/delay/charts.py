"""Charts of a delay: both motions before and after they are laid over each other, or a wall's light and the plan."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.delay.flash import Seen
from bridge.calibrate.delay.motion_seen import Turns
from bridge.calibrate.delay.motion_told import Tracked, turns_rad
from bridge.plot import Curve, chart, svg
from bridge.png import save_chart

Floats = NDArray[np.float64]

_SHOWN_S = 4.0
_PICTURE, _BEFORE, _AFTER = "#22262b", "#d9772b", "#2f6fb3"


def save_motion(folder: Path, turns: Turns, way: Tracked, lag_s: float) -> list[Path]:
    """How fast the picture turned, and tracking as told and `lag_s` later; the liveliest four seconds."""
    middle_s = 0.5 * (turns.start_s + turns.end_s)
    seen = _speed_deg(turns.turn_rad, turns)
    start_s = _liveliest_s(middle_s, seen)
    shown = (middle_s >= start_s) & (middle_s <= start_s + _SHOWN_S)
    told = [turns_rad(way, turns.start_s - off_s, turns.end_s - off_s) for off_s in (0.0, lag_s)]
    rows = (("the picture", _PICTURE, seen, False), ("tracking, as told", _BEFORE, _speed_deg(told[0], turns), True))
    rows += ((f"tracking, {lag_s * 1e3:+.1f} ms", _AFTER, _speed_deg(told[1], turns), False),)
    curves = [
        Curve(name, colour, _points(middle_s[shown] - start_s, values[shown]), dashed)
        for name, colour, values, dashed in rows
    ]
    axes = ("seconds", "degrees a second, pan and tilt")
    return _saved(folder / "delay_motion", "How fast the camera turns", axes, curves)


def save_flash(folder: Path, seen: Seen, asked_s: Sequence[float], duration_s: float, mean_s: float) -> list[Path]:
    """The wall's brightness in the pictures, when it was asked for, and that moved by the latency found."""
    middle_s = seen.start_s + 0.5 * seen.open_s
    start_s = asked_s[0] - 0.2
    shown = (middle_s >= start_s) & (middle_s <= start_s + _SHOWN_S)
    level = seen.level_unit - seen.level_unit.min()
    top = float(level.max()) or 1.0
    curves = [Curve("the picture", _PICTURE, _points(middle_s[shown] - start_s, level[shown] / top))]
    for name, colour, off_s, dashed in (
        ("asked for", _BEFORE, 0.0, True),
        (f"{mean_s * 1e3:+.1f} ms", _AFTER, mean_s, False),
    ):
        curves.append(Curve(name, colour, _steps([at + off_s - start_s for at in asked_s], duration_s), dashed))
    return _saved(folder / "delay_flash", "Light on the wall", ("seconds", "of the flash's brightness"), curves)


def _saved(stem: Path, title: str, axes: tuple[str, str], curves: Sequence[Curve]) -> list[Path]:
    stem.parent.mkdir(parents=True, exist_ok=True)
    made = chart(title, axes, curves)
    stem.with_suffix(".svg").write_text(svg(made), encoding="utf-8")
    save_chart(stem.with_suffix(".png"), made)
    return [stem.with_suffix(".svg"), stem.with_suffix(".png")]


def _speed_deg(turn_rad: Floats, turns: Turns) -> Floats:
    return np.degrees(np.hypot(turn_rad[:, 0], turn_rad[:, 2])) / (turns.end_s - turns.start_s)


def _liveliest_s(t_s: Floats, speed: Floats) -> float:
    starts = np.arange(t_s[0], max(t_s[-1] - _SHOWN_S, t_s[0]) + 1e-9, 0.5)
    lively = [float(np.nanstd(speed[(t_s >= at) & (t_s <= at + _SHOWN_S)])) for at in starts]
    return float(starts[int(np.argmax(lively))])


def _points(x: Floats, y: Floats) -> list[tuple[float, float]]:
    return [(float(a), float(b)) for a, b in zip(x, y, strict=True) if np.isfinite(b)]


def _steps(on_s: Sequence[float], duration_s: float) -> list[tuple[float, float]]:
    """Up and down at each flash that fits the chart."""
    line: list[tuple[float, float]] = [(0.0, 0.0)]
    for at in on_s:
        if at + duration_s < _SHOWN_S:
            line += [(at, 0.0), (at, 1.0), (at + duration_s, 1.0), (at + duration_s, 0.0)]
    return [*line, (_SHOWN_S, 0.0)]
