"""What an environment can be made of: a row per source, each with a small door of its own, imported on demand.

A source's module has `add_arguments(parser)` and `make(args, progress) -> Made`; what the user did wrong it raises as a
ValueError of one sentence. Where a module is not installed, the verb has no such option. `ACTIONS` (optional) are words
that do something else: name -> function of the arguments that returns the exit code.
"""

import argparse
import importlib
import importlib.util
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, NamedTuple

from bridge.library.manifest import Kind

Progress = Callable[[str, float], None]


class Source(NamedTuple):
    """One row."""

    option: str
    """The argument that chooses it; text needs none."""
    module: str
    kind: Kind


SOURCES: tuple[Source, ...] = (
    Source("photos", "generators.verbs.generate_photos", "photos"),
    Source("picture", "generators.verbs.generate_picture", "picture"),
    Source("model", "generators.verbs.generate_model", "text"),
    Source("", "generators.verbs.generate_text", "text"),
)
"""The first whose argument is given makes the environment."""


def there() -> Iterator[tuple[Source, ModuleType]]:
    """Those that this installation has."""
    for source in SOURCES:
        if importlib.util.find_spec(source.module) is not None:
            yield source, importlib.import_module(source.module)


def chosen(args: argparse.Namespace) -> tuple[Source, ModuleType]:
    """Of the arguments."""
    rows = list(there())
    return next((row for row in rows if row[0].option and getattr(args, row[0].option, None)), rows[-1])


def actions() -> dict[str, Callable[[argparse.Namespace], int]]:
    """Words that are no place."""
    found: dict[str, Any] = {}
    for _, module in there():
        found |= getattr(module, "ACTIONS", {})
    return found
