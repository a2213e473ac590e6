"""Who there is: a handful of people as mixtures of MakeHuman's targets, with their colours, hair and clothes."""

from typing import NamedTuple

Colour = tuple[float, float, float]
"""Linear red, green, blue, 0..1."""


Share = tuple[str, float]
"""A target of MakeHuman's and how much of it."""


class Person(NamedTuple):
    """A recipe."""

    line: str
    targets: tuple[Share, ...]
    skin: Colour
    hair: Colour
    iris: Colour
    shirt: Colour
    trousers: Colour
    shoes: Colour
    hair_m: float = 0.0
    """How far it hangs below the eyes; 0: short."""
    short_sleeves: bool = False
    stripes: bool = False
    stubble_unit: float = 0.0


def _universal(name: str) -> str:
    return f"universal-{name}"


def _height(name: str) -> str:
    return f"height/{name}"


PEOPLE: dict[str, Person] = {
    "man": Person(
        "a man of average build",
        (("caucasian-male-young", 1.0), (_universal("male-young-averagemuscle-averageweight"), 1.0)),
        skin=(0.60, 0.36, 0.26),
        hair=(0.035, 0.022, 0.014),
        iris=(0.06, 0.11, 0.14),
        shirt=(0.055, 0.13, 0.17),
        trousers=(0.055, 0.06, 0.085),
        shoes=(0.45, 0.44, 0.42),
        stubble_unit=0.35,
        stripes=True,
    ),
    "woman": Person(
        "a woman of average build",
        (
            ("asian-female-young", 0.5),
            ("caucasian-female-young", 0.5),
            (_universal("female-young-averagemuscle-averageweight"), 1.0),
        ),
        skin=(0.62, 0.39, 0.28),
        hair=(0.018, 0.013, 0.011),
        iris=(0.05, 0.028, 0.014),
        shirt=(0.36, 0.055, 0.05),
        trousers=(0.035, 0.035, 0.04),
        shoes=(0.5, 0.5, 0.5),
        hair_m=0.13,
        short_sleeves=True,
    ),
    "tall": Person(
        "a tall, strong man",
        (
            ("african-male-young", 1.0),
            (_universal("male-young-averagemuscle-averageweight"), 0.4),
            (_universal("male-young-maxmuscle-averageweight"), 0.6),
            (_height("male-young-averagemuscle-averageweight-maxheight"), 0.1),
        ),
        skin=(0.17, 0.085, 0.05),
        hair=(0.012, 0.010, 0.009),
        iris=(0.03, 0.017, 0.01),
        shirt=(0.50, 0.42, 0.22),
        trousers=(0.11, 0.10, 0.085),
        shoes=(0.06, 0.06, 0.065),
        short_sleeves=True,
    ),
    "heavy": Person(
        "a heavy older woman, not tall",
        (
            ("caucasian-female-old", 0.45),
            ("caucasian-female-young", 0.55),
            (_universal("female-young-averagemuscle-maxweight"), 1.0),
        ),
        skin=(0.66, 0.43, 0.34),
        hair=(0.16, 0.13, 0.105),
        iris=(0.07, 0.12, 0.07),
        shirt=(0.16, 0.20, 0.10),
        trousers=(0.10, 0.05, 0.08),
        shoes=(0.12, 0.09, 0.07),
        hair_m=0.075,
    ),
}
