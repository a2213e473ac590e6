"""Words to a brief, by plain rules, and the brief back to words."""

import difflib
import re
from typing import NamedTuple, TypeVar

from generators.places import place_words
from generators.places import words as known
from generators.places.astronomy import half_day_minutes, sun
from generators.places.brief import Brief, Cover, GroundState, Place, Season
from generators.places.heeded import sorted_out
from generators.places.moods import MOODS, NO_MOOD

Kind = TypeVar("Kind", Season, GroundState, Cover)
LONGEST_PHRASE = 3
_TABLES = (place_words.PLACES, known.MOMENTS, known.COVERS, known.GROUNDS, known.SEASONS, known.ELEMENTS, known.MOODS)
PHRASES = frozenset(phrase for table in _TABLES for phrase in table) | frozenset((*known.FOGS, *known.EMPTIES))
_SPELT = sorted(phrase for phrase in PHRASES if " " not in phrase and len(phrase) > 4)
_ALIKE = 0.84
"""From that likeness on, and of words of five letters or more, a misspelling is taken for what it must mean."""
_CLOCK = re.compile(r"\b(\d{1,2})(?::(\d\d))?\s*(a\.?m\b\.?|p\.?m\b\.?|o'?clock|h\b)?", re.IGNORECASE)


class Found(NamedTuple):
    """What of the text is in the tables."""

    phrases: tuple[str, ...]
    """Table keys, in the text's order."""
    negated: frozenset[str]
    """Keys that follow "no" or "without"."""
    strange: tuple[str, ...]
    """Words in no table."""
    clock_minutes: int | None
    """A time told in figures."""
    corrected: tuple[tuple[str, str], ...]
    """Words, and what they were taken for."""


def read(text: str) -> Brief:
    """The brief that the words ask for; what they leave open is the place's usual. Never fails: what is not understood
    is in the brief, and `notes` say what was decided."""
    found = _found(text)
    asked = [phrase for phrase in found.phrases if phrase not in found.negated]
    notes = [f'"{word}" is taken for "{phrase}"' for word, phrase in found.corrected]
    place = _place(asked, found.strange, notes)
    mood = next((known.MOODS[p] for p in asked if p in known.MOODS), "")
    does = MOODS.get(mood, NO_MOOD)
    ground = _only([known.GROUNDS[p] for p in asked if p in known.GROUNDS], "ground", notes) or "dry"
    season = _only([known.SEASONS[p] for p in asked if p in known.SEASONS], "season", notes)
    season = season or ("winter" if ground == "snow" else "autumn" if place == "victorian_street" else "summer")
    if ground == "snow" and season == "summer":
        notes.append("snow in summer: taken as asked")
    minutes = _minutes(_with_hour(asked, does.moment), found, place, season, notes)
    open_sky = not any(p in known.COVERS or p in known.FOGS for p in found.phrases)
    cover = (does.cover if open_sky else None) or _cover(asked, place, notes)
    night = sun(minutes, season).elevation_deg < -6
    if night and any(p in known.SUNNY for p in asked):
        notes.append("sunny and night contradict each other: a clear night is made")
    if not night and "starry" in asked:
        notes.append("stars by day are not seen")
    elements, unmade = sorted_out(place, _elements(asked, found, place), night=night)
    notes += unmade
    if found.strange:
        notes.append(f"not understood: {', '.join(found.strange)}")
    return Brief(
        place=place,
        minutes=minutes,
        cover=cover,
        fog=any(p in known.FOGS for p in asked) or (open_sky and does.fog),
        ground=ground,
        season=season,
        elements=elements,
        mood=mood,
        understood=(*found.phrases, *_clock_words(found)),
        not_understood=found.strange,
        notes=tuple(notes),
    )


def _clock_words(found: Found) -> tuple[str, ...]:
    at = found.clock_minutes
    return () if at is None else (f"{at // 60:02d}:{at % 60:02d}",)


def _with_hour(asked: list[str], of_mood: str) -> list[str]:
    """A mood has an hour, and neon signs are looked at by night, where the words name none."""
    if any(phrase in known.MOMENTS for phrase in asked):
        return asked
    moment = "night" if {"neon", "neon sign"} & set(asked) else of_mood
    return [*asked, moment] if moment else asked


def _elements(asked: list[str], found: Found, place: Place) -> set[str]:
    elements = {known.ELEMENTS[p] for p in asked if p in known.ELEMENTS}
    elements |= {f"no {known.ELEMENTS[p]}" for p in found.negated if p in known.ELEMENTS}
    return elements | set(known.EMPTIED.get(place, ()) if any(p in known.EMPTIES for p in asked) else ())


def sentence(brief: Brief) -> str:
    """The brief, as one would say it."""
    height = round(sun(brief.minutes, brief.season).elevation_deg)
    clock = f"{brief.minutes // 60:02d}:{brief.minutes % 60:02d}"
    stands = f"the sun {abs(height)} degrees {'above' if height >= 0 else 'below'} the horizon"
    sky = {"clear": "a clear sky", "cloudy": "clouds", "overcast": "an overcast sky"}[brief.cover]
    parts = [
        f"{known.TITLES[brief.place]} in {brief.season} at {clock} ({stands})",
        "fog" if brief.fog else sky,
    ]
    parts += [{"wet": "wet ground", "snow": "snow"}[brief.ground]] if brief.ground != "dry" else []
    parts += sorted(brief.elements)
    parts += [f"{brief.mood} mood"] if brief.mood else []
    return ", ".join(parts)


def _found(text: str) -> Found:
    """Longest phrases first; a plural is its singular."""
    low = text.lower().replace("’", "'")
    clock, rest = _clock(low)
    tokens = re.findall(r"[a-z0-9]+(?:'[a-z]+)?", rest.replace("-", " "))
    phrases: list[str] = []
    negated: list[str] = []
    strange: list[str] = []
    corrected: list[tuple[str, str]] = []
    at, denied = 0, False
    while at < len(tokens):
        word = tokens[at]
        size, phrase = _phrase(tokens, at)
        if not phrase and (phrase := _misspelt(word)):
            corrected.append((word, phrase))
        at += size
        if word in known.NEGATIONS:
            denied = True
        elif phrase or word not in known.STOP_WORDS:
            phrases += [phrase] if phrase else []
            strange += [] if phrase else [word]
            negated += [phrase] if phrase and denied else []
            denied = denied and tokens[at : at + 1] in (["or"], ["nor"])
    strange, corrected = list(dict.fromkeys(strange)), list(dict.fromkeys(corrected))
    return Found(tuple(dict.fromkeys(phrases)), frozenset(negated), tuple(strange), clock, tuple(corrected))


def _misspelt(word: str) -> str:
    """What a strange word must mean, or nothing."""
    if len(word) < 5 or word in known.STOP_WORDS or any(form in place_words.NEAREST for form in _singulars(word)):
        return ""
    spelt = [phrase for phrase in _SPELT if phrase[0] == word[0]]
    return next(iter(difflib.get_close_matches(word[:24], spelt, 1, _ALIKE)), "")


def _phrase(tokens: list[str], at: int) -> tuple[int, str]:
    """How many words the longest known phrase here has, and its key; (1, "") where there is none."""
    for size in range(LONGEST_PHRASE, 0, -1):
        part = tokens[at : at + size]
        if len(part) == size:
            for last in _singulars(part[-1]):
                phrase = " ".join([*part[:-1], last])
                if phrase in PHRASES:
                    return size, phrase
    return 1, ""


def _singulars(word: str) -> list[str]:
    forms = [word]
    forms += [word[:-3] + "y"] if word.endswith("ies") else []
    forms += [word[:-2]] if word.endswith("es") else []
    forms += [word[:-1]] if word.endswith("s") else []
    return forms


def _clock(low: str) -> tuple[int | None, str]:
    """A time in figures, or as "five o'clock", and the text without it."""
    for word, number in known.NUMBERS.items():
        low = re.sub(rf"\b{word}(?=\s*(o'?clock|a\.?m\b|p\.?m\b))", str(number), low)
    for match in _CLOCK.finditer(low):
        hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").replace(".", "").strip()
        if (match[2] or half) and hour < 25 and minute < 60:
            hour = hour % 12 + 12 if half == "pm" else hour % 12 if half == "am" else hour
            return (hour * 60 + minute) % 1440, low[: match.start()] + " " + low[match.end() :]
    return None, low


def _place(asked: list[str], strange: tuple[str, ...], notes: list[str]) -> Place:
    """By the votes of all words; where none has any, the nearest of a place that is known of, but not made."""
    votes: dict[Place, int] = dict.fromkeys(known.DEFAULT_MOMENTS, 0)
    for phrase in asked:
        for place, count in place_words.PLACES.get(phrase, {}).items():
            votes[place] += count
    best = max(votes, key=lambda place: votes[place])
    if votes[best]:
        return best
    for form in (form for word in strange for form in _singulars(word)):
        if form in place_words.NEAREST:
            place = place_words.NEAREST[form]
            notes.append(f"nothing here makes a place called {form}; the nearest is made: {_small(place)}")
            return place
    fallback = _implied(asked)
    names = ", ".join(_small(name)[2:] if _small(name).startswith("a ") else _small(name) for name in votes)
    notes.append(f"no place in these words that is known; {_small(fallback)} is made. Known are: {names}")
    return fallback


def _implied(asked: list[str]) -> Place:
    """What is asked for besides often stands somewhere."""
    homes: dict[str, Place] = {"sea": "beach", "trees": "forest", "pines": "forest", "cars": "modern_street"}
    homes |= {"lamps": "victorian_street", "shops": "modern_street", "cacti": "desert", "rocks": "desert"}
    homes |= {"crates": "warehouse", "two moons": "alien_plain", "river": "meadow", "lake": "meadow"}
    for phrase in asked:
        home = homes.get(known.ELEMENTS.get(phrase, ""))
        if home:
            return home
    return "meadow"


def _small(place: Place) -> str:
    title = known.TITLES[place]
    return title[0].lower() + title[1:]


def _minutes(asked: list[str], found: Found, place: Place, season: Season, notes: list[str]) -> int:
    moments = [phrase for phrase in asked if phrase in known.MOMENTS]
    if found.clock_minutes is not None:
        return found.clock_minutes
    chosen = [phrase for phrase in moments if phrase not in ("day", "morning", "evening") or len(moments) == 1]
    times = {phrase: _at(known.MOMENTS[phrase], season) for phrase in chosen or moments}
    if not times:
        return _at(known.DEFAULT_MOMENTS[place], season)
    first = next(iter(times))
    for other, when in times.items():
        if abs(when - times[first]) > 150:
            notes.append(f"{first} and {other} contradict each other: {first} is made")
    return times[first]


def _at(moment: known.Moment, season: Season) -> int:
    half = half_day_minutes(season)
    anchors = {"sunrise": 720 - half, "noon": 720.0, "sunset": 720 + half, "midnight": 1440.0}
    return round(anchors[moment.anchor] + moment.minutes) % 1440


def _cover(asked: list[str], place: Place, notes: list[str]) -> Cover:
    """Said outright beats implied: "rain" alone means overcast, "sunny after rain" does not."""
    said = [phrase for phrase in asked if phrase in known.COVERS]
    outright = [phrase for phrase in said if phrase not in known.GROUNDS]
    covers: list[Cover] = [known.COVERS[phrase] for phrase in outright or said]
    return _only(covers, "sky", notes) or known.DEFAULT_COVERS[place]


def _only(values: list[Kind], what: str, notes: list[str]) -> Kind | None:
    """The first; where others differ, that is said."""
    different = list(dict.fromkeys(values))
    if len(different) > 1:
        notes.append(f"{what}: {' and '.join(different)} contradict each other: {different[0]} is made")
    return different[0] if different else None
