"""Words to a brief, by plain rules."""

from generators.places.brief import Brief


def read(words: str) -> Brief:
    """Crude."""
    low = words.lower()
    place = "desert"
    for name in ("mountain_road", "coast_road", "forest", "meadow", "modern_street", "victorian_street", "beach", "warehouse", "alien_plain"):
        if name.split("_")[0] in low or name in low:
            place = name
    minutes = 600
    for name, when in (("dusk", 1220), ("sunset", 1165), ("night", 1380), ("dawn", 270), ("noon", 720)):
        if name in low:
            minutes = when
    cover = "overcast" if "overcast" in low else "cloudy" if "cloud" in low else "clear"
    return Brief(place, minutes, cover, "fog" in low, "snow" if "snow" in low else "wet" if "rain" in low or "wet" in low else "dry", elements=frozenset(["lamps"] if "lamp" in low else []))


def sentence(brief: Brief) -> str:
    """Shown back."""
    return f"{brief.place} {brief.minutes // 60:02d}:{brief.minutes % 60:02d}"
