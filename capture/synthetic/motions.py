"""What the performer does: a table of movements, each a few curves; a longer one runs through them all."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.synthetic.channels import STILL, Channels, both, least_jerk, track
from capture.synthetic.walking import Path, walked

Floats = NDArray[np.float64]


class Motion(NamedTuple):
    """A movement that starts and ends standing at ease, and may be repeated."""

    line: str
    seconds_s: float
    channels: Callable[[Floats], Channels]
    face: str = "calm"
    """Row of `faces.FACES`."""
    stool: bool = False


def _arms(t: Floats) -> Channels:
    out: Channels = {}
    for side, late in (("l", 0.0), ("r", 0.25)):
        s = t - late
        out |= {
            f"raise_{side}": track(
                s, (0.3, -76), (1.6, 0), (2.2, 0), (3.4, 62), (4.0, 62), (5.6, -8), (6.8, -8), (8.6, -76)
            ),
            f"ahead_{side}": track(s, (0.3, 8), (1.6, 4), (3.4, 18), (4.0, 18), (5.6, 82), (6.8, 60), (8.6, 8)),
            f"bend_{side}": track(
                s, (0.3, 14), (1.6, 8), (3.4, 30), (4.6, 85), (5.6, 12), (6.3, 75), (7.0, 75), (8.6, 14)
            ),
            f"roll_{side}": track(s, (4.0, 0), (4.8, -35), (5.6, 0), (6.3, 35), (7.0, 35), (8.4, 0)),
            f"palm_{side}": track(s, (1.6, 0), (2.4, 55), (3.4, 20), (5.6, 60), (6.6, -20), (8.4, 0)),
        }
    return out | {
        "nod": track(t, (2.2, 0), (3.4, -16), (4.2, -16), (5.4, 4), (8.4, 0)),
        "bend": track(t, (2.6, 2), (3.6, -4), (5.0, 2)),
    }


def _squat(t: Floats) -> Channels:
    down = track(t, (0.4, 0), (2.0, 1), (2.6, 1), (4.0, 0), (4.4, 0), (5.8, 0.75), (6.2, 0.75), (7.4, 0))
    out = both(
        **{
            "raise": -76.0 + down * 70.0,
            "ahead": 8.0 + down * 80.0,
            "bend": 14.0 + down * 12.0,
            "knee_out": 8.0 + 10.0 * down,
        }
    )
    trunk = {
        "drop": 0.012 + 0.40 * down,
        "back": 0.16 * down,
        "pitch": 34.0 * down,
        "bend": 2.0 + 14.0 * down,
        "nod": -26.0 * down,
    }
    return out | trunk


def _steps(t: Floats) -> Channels:
    """Once round a circle of 0.45 m to the right, then a turn to the left on the spot and back."""
    dense = np.arange(0.0, 15.0, 1 / 240)
    round_ = -2.0 * np.pi * _eased(dense, 0.6, 9.0)
    place = 0.45 * np.stack((np.cos(round_) - 1.0, np.sin(round_)), axis=1)
    heading = round_ + track(dense, (9.2, 0.0), (11.6, 1.9), (12.0, 1.9), (14.2, 0.0))
    return walked(t, Path(dense, place, heading))


def _eased(t: Floats, start: float, end: float) -> Floats:
    """0..1 at constant speed but for a second at either end."""
    speed = least_jerk(np.clip((t - start) / 1.2, 0, 1)) * least_jerk(np.clip((end - t) / 1.2, 0, 1))
    whole = np.cumsum(speed)
    return whole / whole[-1]


def _reach(t: Floats) -> Channels:
    """High to the left with the right hand, low to the right with the left one, far ahead with both."""
    high = track(t, (0.3, 0), (1.7, 1), (2.3, 1), (3.4, 0))
    low = track(t, (3.0, 0), (4.6, 1), (5.1, 1), (6.4, 0))
    far = track(t, (6.0, 0), (7.3, 1), (7.9, 1), (9.2, 0))
    return {
        "twist": 30 * high - 34 * low,
        "lean": -10 * high + 6 * low,
        "bend": 2 - 8 * high + 42 * low + 22 * far,
        "pitch": 24 * low + 14 * far,
        "drop": 0.012 + 0.24 * low + 0.04 * far,
        "back": 0.10 * low + 0.06 * far,
        "yaw": 8 * high - 10 * low,
        "turn": 24 * high - 18 * low,
        "nod": -22 * high - 12 * low - 18 * far,
        "heel_r": 18 * high,
        "raise_r": -76 + 122 * high + 60 * far + 12 * low,
        "ahead_r": 8 + 66 * high + 78 * far + 20 * low,
        "bend_r": 14 + 6 * high + 2 * far + 30 * low,
        "palm_r": 30 * high + 40 * far,
        "raise_l": -76 + 34 * low + 62 * far + 10 * high,
        "ahead_l": 8 + 74 * low + 76 * far,
        "bend_l": 14 - 4 * low + 4 * far + 20 * high,
        "palm_l": -20 * low + 40 * far,
        **{
            f"{finger}_{side}": base - 10 * (high + low + far)
            for side in "lr"
            for finger, base in (("index", 14.0), ("middle", 18.0), ("ring", 20.0))
        },
        "spread_l": 8 * far,
        "spread_r": 8 * (high + far),
    }


def _sit(t: Floats) -> Channels:
    """Down on a stool, hands to the thighs, a look about, and up again."""
    down = track(t, (0.5, 0), (2.4, 1), (6.6, 1), (8.4, 0))
    tip = track(t, (0.4, 0), (1.5, 1), (2.7, 0), (6.1, 0), (7.2, 1), (8.6, 0))
    look = track(t, (3.2, 0), (4.0, 1), (4.6, 1), (5.4, -1), (5.8, -1), (6.4, 0))
    arms = both(
        **{
            "raise": -76.0 + 26.0 * down,
            "ahead": 8.0 + 62.0 * down,
            "bend": 14.0 + 36.0 * down,
            "roll": 10.0 * down,
            "knee_out": 8.0 + 6.0 * down,
        }
    )
    return arms | {
        "drop": 0.012 + 0.455 * down,
        "back": 0.34 * down + 0.03 * tip,
        "pitch": 30.0 * tip - 4.0 * down,
        "bend": 2.0 + 10.0 * tip + 6.0 * down,
        "nod": -24.0 * tip,
        "turn": 42.0 * look,
        "twist": 10.0 * look,
    }


def _wave(t: Floats) -> Channels:
    """The right hand waves, beckons, points."""
    up = track(t, (0.3, 0), (1.2, 1), (3.6, 1), (4.4, 0.55), (5.9, 0.55), (6.4, 0.5), (7.4, 0.5), (8.6, 0))
    waving = track(t, (1.0, 0), (1.5, 1), (3.2, 1), (3.7, 0))
    beckon = track(t, (4.2, 0), (4.6, 1), (5.6, 1), (6.0, 0)) * (0.5 - 0.5 * np.cos(2 * np.pi * 1.5 * (t - 4.2)))
    point = track(t, (6.0, 0), (6.6, 1), (7.4, 1), (8.2, 0))
    folded = 62.0 * point + 50.0 * beckon
    return {
        "raise_r": -76 + 78 * up + 26 * point,
        "ahead_r": 8 + 22 * up + 42 * point,
        "bend_r": 14 + 92 * up - 56 * point,
        "roll_r": -62 * up + 55 * point + 18 * waving * np.sin(2 * np.pi * 1.4 * t),
        "palm_r": -10 * up + 30 * waving + 20 * beckon,
        "wrist_r": -12 * waving + 10 * beckon,
        "wrist_side_r": 10 * waving * np.sin(2 * np.pi * 1.4 * t + 0.7),
        "spread_r": 10 * waving,
        "index_r": 14 - 10 * up + 46 * beckon - 2 * point,
        **{
            f"{finger}_r": base - 8 * waving + folded
            for finger, base in (("middle", 18.0), ("ring", 20.0), ("pinky", 22.0))
        },
        "thumb_r": 12 + 22 * point,
        "tilt": 6 * track(t, (0.5, 0), (1.5, 1), (3.5, 0)),
    }


def _fingers(t: Floats) -> Channels:
    """Both hands up before the chest: spread, fists, one finger after the other, thumb to each finger."""
    up = track(t, (0.2, 0), (1.3, 1), (10.6, 1), (11.8, 0))
    fist = track(t, (2.0, 0), (2.6, 1), (3.0, 1), (3.6, 0), (3.9, 0), (4.4, 1), (4.7, 1))
    out: Channels = {}
    for side, late in (("l", 0.0), ("r", 0.15)):
        out |= {
            f"raise_{side}": -76 + 28 * up,
            f"ahead_{side}": 8 + 30 * up,
            f"bend_{side}": 14 + 106 * up,
            f"roll_{side}": -18 * up,
            f"palm_{side}": -48 * up + 88 * track(t - late, (8.2, 0), (9.2, 1), (10.0, 1), (10.8, 0)) * up,
            f"wrist_{side}": -14 * up,
            f"spread_{side}": 13 * track(t, (1.0, 0), (1.7, 1), (2.1, 0), (7.2, 0), (7.8, 1), (10.2, 1), (11, 0)),
        }
        for number, finger in enumerate(("thumb", "index", "middle", "ring", "pinky")):
            base = {"thumb": 12.0, "index": 14.0, "middle": 18.0, "ring": 20.0, "pinky": 22.0}[finger]
            opens = 5.0 + 0.45 * number + late
            curl = fist + track(t, (4.7, 0.0), (4.75, 0.0), (opens, 0.0), (opens + 0.35, -1.0))
            pinch = track(t, (8.0 + 0.5 * number, 0), (8.3 + 0.5 * number, 1), (8.6 + 0.5 * number, 0)) * (
                finger != "thumb"
            )
            most = 42.0 if finger == "thumb" else 82.0
            out[f"{finger}_{side}"] = base * (1 - up) + up * (2.0 + (most - 2.0) * np.clip(curl, 0, 1) + 30.0 * pinch)
    return out


def _talk(t: Floats) -> Channels:
    """The hands say what the mouth says."""
    out: Channels = {"turn": 10 * np.sin(0.9 * t) * _inside(t, 10), "nod": 5 * np.sin(2.3 * t + 0.4) * _inside(t, 10)}
    for side, phase in (("l", 0.0), ("r", 1.9)):
        beat = _inside(t, 10) * (0.55 + 0.45 * np.sin(1.15 * t + phase))
        out |= {
            f"raise_{side}": -76 + 18 * beat,
            f"ahead_{side}": 8 + 42 * beat,
            f"bend_{side}": 14 + 78 * beat,
            f"palm_{side}": 48 * beat,
            f"wrist_{side}": -10 * beat * np.sin(2.9 * t + phase),
            f"index_{side}": 14 - 8 * beat,
        }
    return out


def _inside(t: Floats, seconds: float) -> Floats:
    """0 at both ends, 1 between."""
    return least_jerk(np.clip(t / 1.0, 0, 1)) * least_jerk(np.clip((seconds - t) / 1.0, 0, 1))


def _still(t: Floats) -> Channels:
    return {"turn": 0.0 * t}


MOTIONS: dict[str, Motion] = {
    "still": Motion("stands at ease", 10.0, _still),
    "arms": Motion("arms to the sides, overhead, ahead", 9.2, _arms),
    "squat": Motion("two squats, arms ahead", 8.0, _squat),
    "steps": Motion("walks a circle and turns on the spot", 15.0, _steps),
    "reach": Motion("reaches high, low and far", 9.6, _reach),
    "sit": Motion("sits down on a stool, looks about, stands up", 9.0, _sit, stool=True),
    "wave": Motion("waves, beckons, points", 9.0, _wave, face="smile"),
    "fingers": Motion("spreads, closes and counts the fingers", 12.2, _fingers),
    "talk": Motion("talks with the hands", 10.0, _talk, face="talk"),
    "face": Motion("one expression after the other, strongly", 16.0, _still, face="expressions"),
}

SHOW: tuple[str, ...] = ("wave", "arms", "talk", "steps", "squat", "reach", "fingers", "face")
"""What `show` runs through."""


def channels_of(name: str, t_s: Floats) -> Channels:
    """A movement at times [T], repeated as long as it takes."""
    motion = MOTIONS[name]
    return motion.channels(np.mod(t_s, motion.seconds_s))


def sections(t_s: Floats) -> list[tuple[str, NDArray[np.int64], Floats]]:
    """(movement, rows of `t_s` that it has, its own times) of the show: at the seams the performer stands at ease."""
    ends = np.cumsum([MOTIONS[name].seconds_s for name in SHOW])
    now = np.mod(t_s, ends[-1])
    which = np.searchsorted(ends, now, side="right")
    parts: list[tuple[str, NDArray[np.int64], Floats]] = []
    for number, name in enumerate(SHOW):
        rows = np.flatnonzero(which == number)
        if len(rows):
            parts.append((name, rows, now[rows] - (ends[number] - MOTIONS[name].seconds_s)))
    return parts


def show(t_s: Floats) -> Channels:
    """The channels of all of SHOW, one after the other."""
    out: Channels = {}
    for name, rows, own in sections(t_s):
        for channel, curve in MOTIONS[name].channels(own).items():
            out.setdefault(channel, np.full(len(t_s), STILL[channel]))[rows] = curve
    return out
