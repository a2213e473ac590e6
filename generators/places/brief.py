"""What a sentence asks for, in the few terms that the makers of places understand."""

from typing import Any, Literal, NamedTuple

Place = Literal[
    "desert",
    "mountain_road",
    "coast_road",
    "forest",
    "meadow",
    "modern_street",
    "victorian_street",
    "beach",
    "warehouse",
    "alien_plain",
]
Cover = Literal["clear", "cloudy", "overcast"]
GroundState = Literal["dry", "wet", "snow"]
Season = Literal["spring", "summer", "autumn", "winter"]


class Brief(NamedTuple):
    """One place at one moment."""

    place: Place
    minutes: int
    """After midnight, by the sun: 720 is when it is highest."""
    cover: Cover = "clear"
    """How much of the sky is cloud."""
    fog: bool = False
    ground: GroundState = "dry"
    """Rain leaves it wet."""
    season: Season = "summer"
    elements: frozenset[str] = frozenset()
    """What should be seen besides: names out of `words.ELEMENTS`, such as "lamps", "mountains", "lake"."""
    mood: str = ""
    """A name out of `words.MOODS`, or nothing."""
    understood: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What the reader of the words decided, and the user should know: contradictions, the nearest place."""
    sun_azimuth_deg: float | None = None
    """Where the sun stands from +Y towards +X, where a picture shows it; else it stands well for a camera along +Y."""

    def has(self, element: str) -> bool:
        """Was it asked for?"""
        return element in self.elements


def plain(brief: Brief) -> dict[str, Any]:
    """As JSON can hold it: what is made, without how it was read."""
    return {
        "place": brief.place,
        "minutes": brief.minutes,
        "cover": brief.cover,
        "fog": brief.fog,
        "ground": brief.ground,
        "season": brief.season,
        "elements": sorted(brief.elements),
        "mood": brief.mood,
    }
