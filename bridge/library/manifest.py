"""What an environment says of itself: `manifest.json`, the one file that is read before any other.

No splat format carries frame, units, colour space, exposure and provenance together; this does, beside all of them.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from bridge.frames import Vector

SCHEMA = 1
NAME = "manifest.json"
MOST_BYTES = 16 << 20
"""A larger one is no manifest."""

Kind = Literal["text", "picture", "photos", "import"]
Upgrade = Callable[[dict[str, Any]], dict[str, Any]]

UPGRADES: dict[int, Upgrade] = {}
"""Schema -> what makes the next schema's dict of its dict."""

PANORAMA, THUMBNAIL, ICON, CONTACT, PROXY = "panorama.exr", "thumbnail.png", "icon.jpg", "contact.png", "proxy.glb"
LEVELS: tuple[str, ...] = ("full", "middle", "coarse")
LEVEL_FILES: dict[str, str] = {"full": "splats.ply", "middle": "splats_middle.ply", "coarse": "splats_coarse.ply"}
"""Level of detail -> its PLY, which holds tags and exposure too. `full` has INRIA's 62 columns, the others are lean."""
EXCHANGE: tuple[str, ...] = ("splats.spz", "splats.usdc")
"""The full splats for Unreal, Blender and the web."""


class ManifestFault(ValueError):
    """No manifest, or one we cannot read; the text says expected and got."""


class File(msgspec.Struct, frozen=True):
    """One file of the folder."""

    sha256: str
    size_bytes: int


class Model(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Weights that took part."""

    name: str
    licence: str
    version: str = ""
    sha256: str = ""


class SunLight(msgspec.Struct, frozen=True, kw_only=True):
    """Sun or moon."""

    towards_unit: Vector
    """Unit vector from the stage to it, stage frame."""
    light_unit: Vector
    """Scene-linear irradiance on a surface that faces it, RGB linear Rec.709."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """One environment. Later fields are appended, with defaults."""

    schema: int = SCHEMA
    title: str
    kind: Kind
    content: str
    """SHA-256 of the splats, hexadecimal; the folder's name begins it."""
    recipe: dict[str, Any]
    """Everything that went in: words, seed, brief, models, photos' hashes."""
    recipe_hash: str
    made_by: str
    """Program and version."""
    created_utc: str
    counts: dict[str, int]
    """Splats at each level of detail; `full` is always there."""
    bounds_m: tuple[Vector, Vector]
    """Least and most corner of all that is not sky."""
    white_unit: float
    """Scene-linear light that an encoded 1.0 of the splats stands for."""
    frame: str = "stage: right-handed, X right, Y forward, Z up, origin on the stage floor"
    units: str = "metres"
    up: str = "+Z"
    colour_space: str = "srgb_rec709_display"
    """Of the splats; light = white_unit * inverse sRGB of their colour."""
    panorama_colour_space: str = "linear Rec.709"
    sun: SunLight | None = None
    files: dict[str, File]
    models: tuple[Model, ...] = ()
    warnings: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()
    """References into the ledger of consent, where people or their places are in it."""
    level_errors_rad: dict[str, float] = {}
    """What each level of detail was built to: no merged splat puts more wrong onto the picture seen from the stage than
    a square of so many radians a side. Empty in older ones."""
    level_psnr_db: dict[str, float] = {}
    """Of each level but the full one: its pictures from the stage's middle against those of all splats, the worst."""

    @property
    def size_bytes(self) -> int:
        """All files together."""
        return sum(file.size_bytes for file in self.files.values())


def recipe_hash(recipe: Mapping[str, Any]) -> str:
    """SHA-256 of the recipe as JSON with its keys in order and no spaces: the same everywhere."""
    return hashlib.sha256(json.dumps(recipe, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def encoded(manifest: Manifest) -> bytes:
    """For people to read, too."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def decoded(data: bytes) -> Manifest:
    """Of this schema or an older one. ManifestFault otherwise."""
    if len(data) > MOST_BYTES:
        raise ManifestFault(f"expected a manifest of at most {MOST_BYTES} bytes, got {len(data)}")
    try:
        raw = msgspec.json.decode(data, type=dict[str, Any])
        return msgspec.convert(upgraded(raw, UPGRADES), Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ManifestFault(f"expected a manifest of schema {SCHEMA}: {error}") from None


def upgraded(raw: dict[str, Any], upgrades: Mapping[int, Upgrade], newest: int = SCHEMA) -> dict[str, Any]:
    """One step after the other up to `newest`. ManifestFault where a step is missing or the file is from later."""
    schema = raw.get("schema")
    if not isinstance(schema, int) or isinstance(schema, bool):
        raise ManifestFault(f"schema: expected a number up to {newest}, got {schema!r}")
    if schema > newest:
        raise ManifestFault(f"schema {schema} is from a later version; this one reads up to {newest}: update Cyclorama")
    while schema < newest:
        if schema not in upgrades:
            raise ManifestFault(f"schema {schema}: nothing upgrades it to {schema + 1}")
        raw = {**upgrades[schema](raw), "schema": schema + 1}
        schema += 1
    return raw
