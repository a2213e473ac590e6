"""A performer's neutral and gain as a file: TOML a person can read, `schema` first, one line a shape."""

import tomllib
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from bridge.performed import ARKIT_SHAPES
from capture.faces import FaceFit

_Unit = Annotated[float, Meta(ge=0, le=1)]
_Gain = Annotated[float, Meta(ge=0.1, le=10)]


class FaceFileFault(ValueError):
    """Not such a file; the text says where and what was expected."""


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    schema: Literal[1]
    performer: str
    neutral: dict[str, _Unit]
    gain: dict[str, _Gain] = {}


def face_text(performer: str, fit: FaceFit) -> str:
    """The whole file."""
    lines = ["schema = 1", f'performer = "{performer}"', "", "# What the model reads of the face at rest.", "[neutral]"]
    lines += [f"{name} = {value:.4f}" for name, value in zip(ARKIT_SHAPES, fit.neutral_unit, strict=True)]
    lines += ["", "# What the rest of the way is multiplied by.", "[gain]"]
    lines += [f"{name} = {value:.3f}" for name, value in zip(ARKIT_SHAPES, fit.gain_unit, strict=True)]
    return "\n".join(lines) + "\n"


def face_of(text: str, where: str) -> FaceFit:
    """FaceFileFault where it is no such file. A shape that is left out has a neutral of 0 and a gain of 1."""
    try:
        file = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise FaceFileFault(f"{where}: {error}") from None
    strange = sorted((file.neutral.keys() | file.gain.keys()) - set(ARKIT_SHAPES))
    if strange:
        raise FaceFileFault(f"{where}: {strange[0]} is none of ARKit's shapes")
    return FaceFit(
        neutral_unit=tuple(file.neutral.get(name, 0.0) for name in ARKIT_SHAPES),
        gain_unit=tuple(file.gain.get(name, 1.0) for name in ARKIT_SHAPES),
    )
