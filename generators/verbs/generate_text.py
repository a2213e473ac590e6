"""`cyc generate WORDS`: a sentence becomes a place, by rules and arithmetic alone."""

import argparse
from collections.abc import Callable, Iterator

from bridge.verbs.terminal import note
from generators.environment import Made
from generators.places.brief import Brief
from generators.places.moods import MOODS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Words are the verb's own."""
    del parser


def make(args: argparse.Namespace, progress: Callable[[str, float], None]) -> Made:
    """Says what was read from the words before anything is made."""
    from generators.places.build import build
    from generators.places.reading import read

    words = " ".join(args.words)
    brief = read(words)
    for line in told(brief):
        note(line)
    return build(words, seed=args.seed, splats=args.splats, radius_m=args.radius, progress=progress)


def told(brief: Brief) -> Iterator[str]:
    """The brief as a person reads it."""
    when = f"{brief.minutes // 60:02d}:{brief.minutes % 60:02d} by the sun"
    parts = [brief.place.replace("_", " "), when, f"{brief.cover} sky", brief.season]
    parts += ["fog"] if brief.fog else []
    parts += [f"{brief.ground} ground"] if brief.ground != "dry" else []
    parts += [f"{brief.mood} mood ({MOODS[brief.mood].said})"] if brief.mood else []
    yield f"brief: {', '.join(parts)}" + (f"; with {', '.join(sorted(brief.elements))}" if brief.elements else "")
    yield from brief.notes
