"""What a movement is told in: named curves over time, smooth everywhere, that `posing` makes into bone rotations."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Channels = dict[str, Floats]
"""Name -> [T]; what is not named is `STILL`'s."""

_ARM = {"raise": -76.0, "ahead": 8.0, "roll": 0.0, "bend": 14.0, "palm": 0.0, "wrist": 0.0, "wrist_side": 0.0}
_HAND = {"shrug": 0.0, "spread": 0.0, "thumb": 12.0, "index": 14.0, "middle": 18.0, "ring": 20.0, "pinky": 22.0}
_FOOT = {"x": 0.0, "y": 0.0, "yaw": 7.0, "heel": 0.0, "lift": 0.0, "knee_out": 8.0}
_TRUNK = {"across": 0.0, "back": 0.0, "drop": 0.012, "yaw": 0.0, "pitch": 0.0, "roll": 0.0}
_SPINE = {"bend": 2.0, "lean": 0.0, "twist": 0.0, "nod": 0.0, "tilt": 0.0, "turn": 0.0}

STILL: dict[str, float] = {
    **_TRUNK,
    **_SPINE,
    **{f"{name}_{side}": value for side in "lr" for name, value in {**_ARM, **_HAND, **_FOOT}.items()},
}
"""Standing at ease. Degrees, but metres for where the pelvis (across to the own left, back) and the feet (x, y, lift
of the ball) are, and leg lengths for how low the pelvis is (drop). An arm: raised above the level, ahead of sideways,
rolled inwards, bent, palm turned up, wrist bent and bent sideways, shoulder shrugged; fingers spread and curled. Each
side's angles are its own: both alike is symmetric."""


def track(t_s: Floats, *keys: tuple[float, float]) -> Floats:
    """Through the keys (seconds, value): at rest at each, with the least jerk between them; held before and after."""
    moments = np.array([moment for moment, _ in keys])
    values = np.array([value for _, value in keys])
    if len(keys) == 1:
        return np.full(t_s.shape, values[0])
    after = np.clip(np.searchsorted(moments, t_s, side="right"), 1, len(keys) - 1)
    start, end = moments[after - 1], moments[after]
    x = np.clip((t_s - start) / (end - start), 0.0, 1.0)
    return values[after - 1] + (values[after] - values[after - 1]) * least_jerk(x)


def least_jerk(x: Floats) -> Floats:
    """0..1 to 0..1 with no speed and no acceleration at the ends."""
    return x * x * x * (10.0 + x * (6.0 * x - 15.0))


def both(**curves: Floats) -> Channels:
    """The same for the left and the right side."""
    return {f"{name}_{side}": curve for name, curve in curves.items() for side in "lr"}


def alive(t_s: Floats, seed: int) -> Channels:
    """What nobody can leave off: breath, sway, a head and hands never quite at rest. Sums of slow sines; added."""
    random = np.random.Generator(np.random.PCG64(seed))

    def wander(size: float, slowest_hz: float = 0.11) -> Floats:
        rates = slowest_hz * np.array([1.0, 1.83, 3.07]) * random.uniform(0.8, 1.25, 3)
        phases = random.uniform(0.0, 2.0 * np.pi, 3)
        sizes = size * np.array([0.6, 0.3, 0.15])
        return np.sum(sizes[:, None] * np.sin(2.0 * np.pi * rates[:, None] * t_s + phases[:, None]), axis=0)

    sway = {"across": wander(0.012), "back": wander(0.008), "roll": wander(0.6), "yaw": wander(1.2)}
    head = {"nod": wander(2.5), "tilt": wander(1.8), "turn": wander(4.0)}
    breath = np.sin(2.0 * np.pi * 0.27 * t_s + random.uniform(0.0, 6.0))
    arms = {
        f"{name}_{side}": wander(size) for side in "lr" for name, size in (("raise", 1.5), ("bend", 3.0), ("palm", 4.0))
    }
    curls = {f"{name}_{side}": wander(4.0) for side in "lr" for name in ("index", "middle", "ring", "pinky")}
    shrug = both(shrug=0.5 + 0.5 * breath)
    return {**sway, **head, **arms, **curls, **shrug, "bend": 0.7 * breath}
