"""Which things a place can show: what changes it when asked for, what stands there anyway, what cannot be left out.

A word that is in the tables but changes nothing must not pass for understood; here is where that is known.
"""

from collections.abc import Iterable

from generators.places.brief import Place

HEEDED: dict[Place, tuple[str, ...]] = {
    "desert": ("cacti", "dunes", "mountains", "ruins"),
    "mountain_road": ("mountains", "hills"),
    "coast_road": ("mountains",),
    "forest": ("birches", "broadleaf", "lake", "mountains", "pines", "river", "ruins"),
    "meadow": ("lake", "mountains", "no fence", "no flowers", "river", "rocks", "ruins"),
    "modern_street": ("lamps", "lit windows", "neon", "no cars"),
    "victorian_street": ("lamps", "lit windows", "no cars"),
    "beach": ("no fence", "palms"),
    "warehouse": ("lamps", "no crates", "no shelves"),
    "alien_plain": (),
}
"""Asked for, they change what the place's maker makes."""
THERE: dict[Place, tuple[str, ...]] = {
    "desert": ("bushes", "dunes", "mountains", "rocks"),
    "mountain_road": ("cliffs", "fence", "grass", "mountains", "pines", "rocks", "trees"),
    "coast_road": ("bushes", "cliffs", "fence", "grass", "hills", "rocks", "sea"),
    "forest": ("broadleaf", "bushes", "grass", "path", "pines", "rocks", "trees"),
    "meadow": ("bushes", "fence", "flowers", "grass", "hills", "mountains", "trees"),
    "modern_street": ("benches", "cars", "lamps", "lit windows", "shops", "towers", "trees", "windows"),
    "victorian_street": ("cars", "cobbles", "fence", "lamps", "lit windows", "shops", "towers", "windows"),
    "beach": ("fence", "grass", "hills", "rocks", "sea"),
    "warehouse": ("columns", "crates", "lamps", "shelves", "windows"),
    "alien_plain": ("craters", "crystals", "mushrooms", "rocks", "towers"),
}
"""These are there whether asked for or not; of a night sky, `_AT_NIGHT` is too."""
_AT_NIGHT = ("moon", "stars")


def sorted_out(place: Place, asked: Iterable[str], *, night: bool) -> tuple[frozenset[str], list[str]]:
    """Of the things asked for, those that will be seen (or left out), and what is to be said of the others."""
    there = {*THERE[place], *(_AT_NIGHT if night else ())}
    kept: set[str] = set()
    unmade: list[str] = []
    staying: list[str] = []
    for element in sorted(asked):
        thing = element.removeprefix("no ")
        if element in HEEDED[place]:
            kept.add(element)
        elif element != thing and thing in there:
            staying.append(thing)
        elif element != thing or thing in there:
            kept.add(element)
        else:
            unmade.append(thing)
    where = place.replace("_", " ")
    notes = [f"known, but not made for a place like this ({where}): {', '.join(unmade)}"] if unmade else []
    notes += [f"cannot be left out here ({where}): {', '.join(staying)}"] if staying else []
    return frozenset(kept), notes
