"""The words that a brief is read from, as tables: a row is all it takes to teach one more.

A key is one word or several; plurals need no row of their own. Longer phrases win over the words in them.
"""

from typing import NamedTuple

from generators.places.brief import Cover, GroundState, Place, Season


class Moment(NamedTuple):
    """A time of day, from what the sun does: minutes after (before) sunrise, noon, sunset or midnight."""

    anchor: str
    minutes: int


MOMENTS: dict[str, Moment] = {
    "dawn": Moment("sunrise", -22),
    "daybreak": Moment("sunrise", -10),
    "first light": Moment("sunrise", -22),
    "sunrise": Moment("sunrise", 12),
    "early morning": Moment("sunrise", 50),
    "morning": Moment("sunrise", 130),
    "late morning": Moment("noon", -90),
    "noon": Moment("noon", 0),
    "midday": Moment("noon", 0),
    "day": Moment("noon", -110),
    "daylight": Moment("noon", -110),
    "daytime": Moment("noon", -110),
    "afternoon": Moment("noon", 170),
    "late afternoon": Moment("sunset", -110),
    "golden hour": Moment("sunset", -45),
    "golden light": Moment("sunset", -45),
    "magic hour": Moment("sunset", -30),
    "evening": Moment("sunset", -25),
    "sunset": Moment("sunset", -26),
    "sundown": Moment("sunset", -14),
    "dusk": Moment("sunset", 22),
    "twilight": Moment("sunset", 26),
    "nightfall": Moment("sunset", 32),
    "blue hour": Moment("sunset", 30),
    "night": Moment("midnight", -90),
    "nighttime": Moment("midnight", -90),
    "midnight": Moment("midnight", 0),
    "moonlight": Moment("midnight", -90),
    "moonlit": Moment("midnight", -90),
    "starry": Moment("midnight", -60),
    "starlit": Moment("midnight", -60),
}

COVERS: dict[str, Cover] = {
    "clear": "clear",
    "cloudless": "clear",
    "sunny": "clear",
    "bright": "clear",
    "blue sky": "clear",
    "sunlit": "clear",
    "sunshine": "clear",
    "starry": "clear",
    "cloud": "cloudy",
    "cloudy": "cloudy",
    "partly cloudy": "cloudy",
    "scattered cloud": "cloudy",
    "overcast": "overcast",
    "grey": "overcast",
    "gray": "overcast",
    "dull": "overcast",
    "storm": "overcast",
    "stormy": "overcast",
    "rainy": "overcast",
    "raining": "overcast",
    "rain": "overcast",
    "drizzle": "overcast",
    "snowfall": "overcast",
    "blizzard": "overcast",
    "low cloud": "overcast",
}
SUNNY = ("sunny", "sunlit", "sunshine")

FOGS: tuple[str, ...] = ("fog", "foggy", "mist", "misty", "haze", "hazy", "smog", "fogbound")

GROUNDS: dict[str, GroundState] = {
    "wet": "wet",
    "rain": "wet",
    "rainy": "wet",
    "raining": "wet",
    "after rain": "wet",
    "rain soaked": "wet",
    "puddle": "wet",
    "drizzle": "wet",
    "storm": "wet",
    "stormy": "wet",
    "snow": "snow",
    "snowy": "snow",
    "snow covered": "snow",
    "snowfall": "snow",
    "blizzard": "snow",
    "icy": "snow",
    "frozen": "snow",
}

SEASONS: dict[str, Season] = {
    "spring": "spring",
    "springtime": "spring",
    "summer": "summer",
    "autumn": "autumn",
    "autumnal": "autumn",
    "fall": "autumn",
    "winter": "winter",
    "wintry": "winter",
    "christmas": "winter",
}

ELEMENTS: dict[str, str] = {
    "lamp": "lamps",
    "gas lamp": "lamps",
    "gaslamp": "lamps",
    "gas light": "lamps",
    "gaslit": "lamps",
    "street lamp": "lamps",
    "streetlight": "lamps",
    "street light": "lamps",
    "lantern": "lamps",
    "neon": "neon",
    "neon sign": "neon",
    "lit window": "lit windows",
    "window": "windows",
    "car": "cars",
    "parked car": "cars",
    "traffic": "cars",
    "mountain": "mountains",
    "peak": "mountains",
    "hill": "hills",
    "rock": "rocks",
    "boulder": "rocks",
    "stone": "rocks",
    "cliff": "cliffs",
    "river": "river",
    "stream": "river",
    "brook": "river",
    "lake": "lake",
    "pond": "lake",
    "sea": "sea",
    "ocean": "sea",
    "wave": "sea",
    "tree": "trees",
    "pine": "pines",
    "fir": "pines",
    "birch": "birches",
    "oak": "broadleaf",
    "palm": "palms",
    "cactus": "cacti",
    "cacti": "cacti",
    "flower": "flowers",
    "wildflower": "flowers",
    "grass": "grass",
    "bush": "bushes",
    "shrub": "bushes",
    "ruin": "ruins",
    "fence": "fence",
    "path": "path",
    "bench": "benches",
    "cobblestone": "cobbles",
    "cobbled": "cobbles",
    "cobble": "cobbles",
    "crate": "crates",
    "box": "crates",
    "shelf": "shelves",
    "shelves": "shelves",
    "barrel": "crates",
    "column": "columns",
    "pillar": "columns",
    "skyscraper": "towers",
    "tower": "towers",
    "shop": "shops",
    "moon": "moon",
    "moonlit": "moon",
    "moonlight": "moon",
    "two moon": "two moons",
    "star": "stars",
    "starry": "stars",
    "crystal": "crystals",
    "mushroom": "mushrooms",
    "crater": "craters",
    "dune": "dunes",
    "palm tree": "palms",
    "palmtree": "palms",
    "pine tree": "pines",
    "fir tree": "pines",
    "birch tree": "birches",
    "oak tree": "broadleaf",
    "beech": "broadleaf",
    "deciduous": "broadleaf",
    "broadleaf": "broadleaf",
    "guard rail": "fence",
    "people": "people",
    "person": "people",
    "pedestrian": "people",
    "crowd": "people",
    "animal": "animals",
    "bird": "animals",
    "carriage": "cars",
    "vehicle": "cars",
}

MOODS: dict[str, str] = {
    "eerie": "eerie",
    "spooky": "eerie",
    "haunted": "eerie",
    "creepy": "eerie",
    "gloomy": "gloomy",
    "moody": "gloomy",
    "dark": "gloomy",
    "bleak": "gloomy",
    "romantic": "warm",
    "cosy": "warm",
    "cozy": "warm",
    "warm": "warm",
    "idyllic": "calm",
    "peaceful": "calm",
    "calm": "calm",
    "quiet": "calm",
    "serene": "calm",
    "dramatic": "dramatic",
    "epic": "dramatic",
    "stormy": "dramatic",
    "cold": "cold",
    "frosty": "cold",
    "ominous": "eerie",
    "sinister": "eerie",
    "horror": "eerie",
    "melancholy": "gloomy",
    "sombre": "gloomy",
    "somber": "gloomy",
    "cheerful": "cheerful",
    "happy": "cheerful",
    "joyful": "cheerful",
    "dreamy": "calm",
    "tranquil": "calm",
    "tense": "dramatic",
    "chilly": "cold",
    "inviting": "warm",
}

NUMBERS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
}

NEGATIONS = ("no", "without", "not")
EMPTIES = ("empty", "deserted")
"""Without what stands about in a place, which `EMPTIED` lists."""
EMPTIED: dict[Place, tuple[str, ...]] = {
    "modern_street": ("no cars",),
    "victorian_street": ("no cars",),
    "warehouse": ("no crates", "no shelves"),
}

_UNIMPORTANT = """
a an the and or of in on at by with to from for into over under above below near through along around between behind
beside is are be it its this that there here some many few lot very quite rather really big small large little old wide
scene view picture image photo shot place background set setting time o clock one two more lonely beautiful nice
great long narrow winding high low deep tall covered lit full during after before while still soft where you we see hour
weather sky season ground sun light early late style like looking which as up down out off but so real dusty
nothing else colour color colours colors film movie scenic falling reflecting
"""
STOP_WORDS = frozenset(_UNIMPORTANT.split())

DEFAULT_MOMENTS: dict[Place, Moment] = {
    "desert": Moment("sunset", -75),
    "mountain_road": Moment("noon", -150),
    "coast_road": Moment("sunset", -100),
    "forest": Moment("noon", -130),
    "meadow": Moment("noon", -130),
    "modern_street": Moment("noon", -130),
    "victorian_street": Moment("sunset", -60),
    "beach": Moment("noon", -140),
    "warehouse": Moment("noon", -150),
    "alien_plain": Moment("sunset", -55),
}
DEFAULT_COVERS: dict[Place, Cover] = {
    "desert": "clear",
    "mountain_road": "cloudy",
    "coast_road": "cloudy",
    "forest": "clear",
    "meadow": "cloudy",
    "modern_street": "clear",
    "victorian_street": "cloudy",
    "beach": "cloudy",
    "warehouse": "clear",
    "alien_plain": "clear",
}

TITLES: dict[Place, str] = {
    "desert": "A desert",
    "mountain_road": "A mountain road",
    "coast_road": "A coast road",
    "forest": "A forest",
    "meadow": "A meadow",
    "modern_street": "A modern city street",
    "victorian_street": "A Victorian street",
    "beach": "A beach",
    "warehouse": "The inside of a warehouse",
    "alien_plain": "A plain on another planet",
}
