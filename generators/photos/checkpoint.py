"""A fit's state on disk: whole or not there, and good for nothing but the fit it came from."""

import contextlib
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from generators.photos.gaussians import Learned, tensor_of
from generators.photos.growth import Pull


class State(NamedTuple):
    """Everything that goes from one step to the next."""

    learned: Learned
    pull: Pull
    gains: torch.Tensor
    """[V, 3], logarithm of each photo's exposure and white balance, against the others."""
    step: int
    spent_s: float
    first: int
    """Splats at the start."""


def save(path: Path, key: str, state: State) -> None:
    """Beside, then in place."""
    beside = path.with_suffix(".part")
    arrays: dict[str, Any] = {
        "key": np.array(key),
        "numbers": np.array([state.step, state.spent_s, state.first], dtype=np.float64),
        "gains": state.gains.cpu().numpy(),
        **{f"learned_{name}": part.cpu().numpy() for name, part in state.learned._asdict().items()},
        **{f"pull_{name}": part.cpu().numpy() for name, part in state.pull._asdict().items()},
    }
    with beside.open("wb") as file:
        np.savez(file, **arrays)
    beside.replace(path)


def load(path: Path, key: str) -> State | None:
    """The state of the very same fit; None where there is none, or it is another's or damaged."""
    with contextlib.suppress(OSError, ValueError, KeyError, zipfile.BadZipFile), np.load(path) as kept:
        if str(kept["key"]) != key:
            return None
        step, spent_s, first = kept["numbers"].tolist()
        learned = Learned(*(tensor_of(kept[f"learned_{name}"]) for name in Learned._fields))
        pull = Pull(*(tensor_of(kept[f"pull_{name}"]) for name in Pull._fields))
        return State(learned, pull, tensor_of(kept["gains"]), int(step), spent_s, int(first))
    return None
