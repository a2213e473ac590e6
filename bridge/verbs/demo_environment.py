"""The demo's environment: one of the library by its words, or made from them first, in a process of its own."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

from bridge.library.shelf import Entry, Library, LibraryFault
from bridge.verbs.terminal import note

WORDS = "Victorian London street at dusk, gas lamps and fog"
SPLATS = 300_000
"""What two cores draw often enough on a wall."""
NONE = "none"


def in_library(root: Path, words: str) -> Entry:
    """What `words` name, or what they describe, made now where it is not there yet. LibraryFault where that fails."""
    library = Library(root)
    for entry in library.list():
        if isinstance(entry, Entry) and entry.manifest.recipe.get("words") == words:
            return entry
    with contextlib.suppress(LibraryFault):
        return library.find(words)
    note(f"making the environment {words!r}; the next demo finds it in {root}")
    # Packages never import each other: `cyc generate` is a program to us.
    command = [sys.executable, "-m", "bridge", "generate", words, "--library", str(root), "--splats", str(SPLATS)]
    made = subprocess.run([*command, "--json"], stdout=subprocess.PIPE, check=False)
    if made.returncode:
        raise LibraryFault(f"no environment {words!r}: cyc generate ended with {made.returncode}, see above")
    return library.find(json.loads(made.stdout)["content"])
