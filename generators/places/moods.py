"""What a mood does to a place: hour and weather where words leave them open; how warm and bright it is shown."""

from typing import NamedTuple

from generators.places.brief import Cover


class Mood(NamedTuple):
    """One."""

    said: str
    """What it did, to be shown back; the hour and weather are in the brief."""
    moment: str
    """Out of `words.MOMENTS`, where no hour is told; or nothing."""
    cover: Cover | None
    fog: bool
    """Where nothing is said of the sky."""
    balance_unit: tuple[float, float, float]
    """What all light is multiplied by: the camera's white balance, and its exposure."""


def _shown(stops: float, warm: float) -> tuple[float, float, float]:
    gain = 2.0**stops
    return (gain * (1 + warm), gain, gain * (1 - warm))


MOODS: dict[str, Mood] = {
    "eerie": Mood("colder, half a stop darker", "dusk", None, True, _shown(-0.5, -0.05)),
    "gloomy": Mood("two thirds of a stop darker", "", "overcast", False, _shown(-0.67, -0.02)),
    "warm": Mood("warmer", "golden hour", None, False, _shown(0.0, 0.09)),
    "calm": Mood("a little warmer and brighter", "early morning", "clear", False, _shown(0.15, 0.03)),
    "cheerful": Mood("a third of a stop brighter", "late morning", "clear", False, _shown(0.33, 0.02)),
    "dramatic": Mood("half a stop darker", "sunset", "cloudy", False, _shown(-0.5, 0.02)),
    "cold": Mood("colder", "", None, False, _shown(0.0, -0.09)),
}
NO_MOOD = Mood("", "", None, False, (1.0, 1.0, 1.0))


def balance_unit(mood: str) -> tuple[float, float, float]:
    """Of a brief's mood; even where it has none."""
    return MOODS.get(mood, NO_MOOD).balance_unit
