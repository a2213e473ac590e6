"""From a wall's flashes in a camera's pictures: how long after it was asked for there is light.

A plan of irregular intervals makes the match unambiguous. The first picture of a flash is lit for a part of its
exposure, which tells the moment the light came; one that came while the shutter was closed is only known to lie between
two exposures. A display waits for its next refresh, so the latency is no single number but spread over a refresh:
mean and spread are found together by maximum likelihood, with those intervals as they are.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from scipy import special  # pyright: ignore[reportMissingTypeStubs]

Floats = NDArray[np.float64]
_special: Any = special

FLASHES = 32
DURATION_S = 0.12
"""Long enough for one whole exposure at 24 frames a second, wherever it begins."""
LEAD_S = 1.0
"""The camera sees the wall as it is for so long before the first flash."""
SHORTEST_S, LONGEST_S = 0.37, 0.83
LEAST_SEEN = 0.5
LEAST_FLASHES = 5
LEAST_STEP_UNIT = 0.02
"""Of the camera's white, in linear light."""


class FlashFault(ValueError):
    """Flashes that say nothing; the text says why and what would help."""


class Seen(NamedTuple):
    """What one region of the pictures did over time."""

    start_s: Floats
    """[n], when each exposure began. Seconds of the caller's own origin."""
    open_s: float
    level_unit: Floats
    """[n], linear light, 1.0 is the camera's white."""


class Latency(NamedTuple):
    """The finding: from being asked for to light."""

    mean_s: float
    sigma_s: float
    spread_s: float
    """Between the shortest and the longest: the wait for the display's refresh."""
    seen: int
    asked: int
    between: int
    """How many came on while the shutter was closed: known less well."""
    match_unit: float
    """Correlation of the region's brightness with the plan."""


def flash_plan(seed: int, count: int = FLASHES) -> tuple[float, ...]:
    """Seconds from the start at which to ask for each flash: irregular, so that no other lag fits as well."""
    gaps = np.random.default_rng(seed).uniform(SHORTEST_S, LONGEST_S, max(count - 1, 0))
    return tuple(float(at) for at in LEAD_S + np.concatenate(([0.0], np.cumsum(gaps)))[:count])


def linear(grey: NDArray[np.uint8], *, encoded: bool = True) -> NDArray[np.float32]:
    """Light of 8-bit pictures, 1.0 is white: sRGB undone (video's own curve is near enough), or taken as it is."""
    return (_LINEAR_OF if encoded else _PLAIN)[grey]


_PLAIN = (np.arange(256) / 255.0).astype(np.float32)
_LINEAR_OF = np.where(_PLAIN <= 0.04045, _PLAIN / 12.92, np.power((_PLAIN + 0.055) / 1.055, 2.4)).astype(np.float32)


# --- where in the picture -------------------------------------------------------------------------------------------


def region_level(light: NDArray[np.float32]) -> tuple[Floats, NDArray[np.bool_]]:
    """Brightness [n] of what flashes in pictures [n, h, w] in linear light, and which pixels [h, w] that is.

    The pixels that change most show the way; all that change with them, and by enough, are it.
    """
    flat = light.reshape(len(light), -1).astype(np.float64)
    moved = np.percentile(flat, 97, axis=0) - np.median(flat, axis=0)
    most = float(moved.max())
    if most < LEAST_STEP_UNIT:
        text = f"nothing in the picture got brighter by more than {most:.1%} of white: a flash that was not seen"
        raise FlashFault(f"{text}. {_REMEDY}")
    lead = flat[:, moved >= np.percentile(moved, 95)].mean(axis=1)
    swing, lead = flat - flat.mean(axis=0), lead - lead.mean()
    alike = swing.T @ lead / np.maximum(np.linalg.norm(swing, axis=0) * np.linalg.norm(lead), 1e-12)
    chosen = (alike > 0.8) & (moved > 0.25 * most)
    if not chosen.any():
        raise FlashFault(f"no part of the picture keeps one rhythm: a flash that was not seen. {_REMEDY}")
    return cast(Floats, flat[:, chosen].mean(axis=1)), chosen.reshape(light.shape[1:])


_REMEDY = (
    "Point the camera at the wall so that it fills much of the picture, stop down until white is not clipped, "
    "open the shutter, and see that `cyc wall show` or Unreal is running and obeys"
)


# --- the match ------------------------------------------------------------------------------------------------------


def latency_of(
    seen: Seen, asked_s: Sequence[float], duration_s: float = DURATION_S, most_s: float = 1.0, refresh_hz: float = 0.0
) -> Latency:
    """From when flashes were asked for; `refresh_hz` 0 lets the spread be found. FlashFault where they do not match."""
    asked = np.array(asked_s, dtype=np.float64)
    if len(asked) < LEAST_FLASHES:
        raise FlashFault(f"expected {LEAST_FLASHES} flashes or more while the clip ran, there were {len(asked)}")
    rough_s, match = _rough(seen, asked, duration_s, most_s)
    found = [_onset(seen, float(at) + rough_s, duration_s) for at in asked]
    late = np.array(
        [(low - at, high - at) for at, pair in zip(asked, found, strict=True) if pair for low, high in [pair]]
    )
    if len(late) < max(LEAST_FLASHES, LEAST_SEEN * len(asked)):
        raise FlashFault(f"{len(asked) - len(late)} of {len(asked)} flashes were not seen. {_REMEDY}")
    mean_s, sigma_s, spread_s = _likeliest(late, 1.0 / refresh_hz if refresh_hz else None)
    between = int((late[:, 1] - late[:, 0] > _SHARP * seen.open_s).sum())
    return Latency(mean_s, sigma_s, spread_s, len(late), len(asked), between, match)


_SHARP = 0.25


def _rough(seen: Seen, asked: Floats, duration_s: float, most_s: float) -> tuple[float, float]:
    """The lag at which the plan's own exposure resembles the brightness most, and by how much."""
    lags_s = np.arange(-0.25 * most_s, most_s, 0.25 * seen.open_s)
    level = seen.level_unit - seen.level_unit.mean()
    scores = np.zeros(len(lags_s))
    for index, lag_s in enumerate(lags_s):
        made = _exposed(seen, asked + lag_s, duration_s)
        made -= made.mean()
        scores[index] = (made @ level) / max(float(np.linalg.norm(made) * np.linalg.norm(level)), 1e-12)
    best = int(np.argmax(scores))
    if scores[best] < 0.5:
        text = f"the picture's brightness follows the flashes by {scores[best]:.2f}, expected 0.5 or more"
        raise FlashFault(f"{text}: a flash that was not seen. {_REMEDY}")
    if best in (0, len(lags_s) - 1):
        raise FlashFault(
            f"the flashes match best at {lags_s[best]:.2f} s, the end of the search: search wider (--most)"
        )
    return float(lags_s[best]), float(scores[best])


def _exposed(seen: Seen, on_s: Floats, duration_s: float) -> Floats:
    """[n], for what part of each exposure the light was on."""
    starts = seen.start_s[:, None]
    overlap = np.minimum(on_s + duration_s, starts + seen.open_s) - np.maximum(on_s, starts)
    return np.clip(overlap, 0.0, None).sum(axis=1) / seen.open_s


def _onset(seen: Seen, near_s: float, duration_s: float) -> tuple[float, float] | None:
    """Between which moments the light of the flash near `near_s` came on; None where none was seen."""
    frame_s = float(np.median(np.diff(seen.start_s)))
    around = np.flatnonzero(np.abs(seen.start_s - near_s) < 0.5 * duration_s + 2.0 * frame_s)
    dark = np.flatnonzero((seen.start_s < near_s - frame_s - seen.open_s) & (seen.start_s > near_s - 0.2 - frame_s))
    if len(dark) < 2 or len(around) < 3:
        return None
    before = float(np.median(seen.level_unit[dark]))
    full = float(seen.level_unit[around].max())
    if full - before < LEAST_STEP_UNIT:
        return None
    noise = 3.0 * (float(np.std(seen.level_unit[dark])) + 1e-3) / (full - before)
    share = (seen.level_unit - before) / (full - before)
    first = next((k for k in around.tolist() if share[k] > min(max(noise, 0.03), 0.3)), -1)
    if first < 1:
        return None
    start_s, slack_s = float(seen.start_s[first]), noise * seen.open_s
    if share[first] > 1.0 - max(noise, 0.03):  # wholly lit: it came after the exposure before had ended
        return float(seen.start_s[first - 1]) + seen.open_s - slack_s, start_s + slack_s
    on_s = start_s + (1.0 - float(share[first])) * seen.open_s
    return on_s - slack_s, on_s + slack_s


# --- the likeliest latency --------------------------------------------------------------------------------------------

_STRAY = 0.03
"""How likely it is that a flash was late for a reason of its own."""
_JITTER_S = 0.001


def _likeliest(late: Floats, period_s: float | None) -> tuple[float, float, float]:
    """(mean, one sigma, spread) of a latency spread evenly over a period, from intervals [n, 2] that each lies in."""
    middle = float(np.median(late.mean(axis=1)))
    means = middle + np.arange(-0.04, 0.04, 0.0004)
    spreads = np.arange(0.001, 0.0425, 0.002) if period_s is None else np.array([period_s])
    log = np.array([[_log_likelihood(late, float(mean), float(spread)) for mean in means] for spread in spreads])
    share = np.exp(log - log.max())
    share /= share.sum()
    over_means = share.sum(axis=0)
    mean = float(over_means @ means)
    sigma = float(np.sqrt(over_means @ np.square(means - mean)))
    return mean, max(sigma, 1e-4), float(share.sum(axis=1) @ spreads)


def _log_likelihood(late: Floats, mean_s: float, spread_s: float) -> float:
    """Of a latency even over `spread_s` about `mean_s`, with a little jitter; each seen only as an interval."""
    low, high = late[:, 0], np.maximum(late[:, 1], late[:, 0] + 1e-5)
    mass = _below(high, mean_s, spread_s) - _below(low, mean_s, spread_s)
    stray = _STRAY * (high - low) / 0.1
    return float(np.log(np.maximum((1.0 - _STRAY) * mass + stray, 1e-12)).sum())


def _below(x: Floats, mean_s: float, spread_s: float) -> Floats:
    """How likely the latency is less than x: an even spread, blurred by the jitter."""
    a, b = (x - mean_s + 0.5 * spread_s) / _JITTER_S, (x - mean_s - 0.5 * spread_s) / _JITTER_S

    def area(z: Floats) -> Floats:
        return z * _special.ndtr(z) + np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)

    return (area(a) - area(b)) * _JITTER_S / spread_s
