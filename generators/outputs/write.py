"""`write`: an environment's folder with everything that belongs in it, except the manifest, which comes back."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from bridge import __version__, exr
from bridge.frames import Vector
from bridge.library import manifest as manifests
from bridge.library.manifest import EXCHANGE, LEVEL_FILES, Kind, Manifest, Model, SunLight
from generators.environment import Made
from generators.formats import files
from generators.formats.files import Order
from generators.outputs import sheet, views
from generators.outputs.levels import ERRORS, levels_of, likeness_db
from generators.outputs.mesh_glb import encode
from generators.outputs.shell import MORE_ROWS, ROWS, Mesh, Sight, joined
from generators.outputs.surroundings import distances, panorama, without_sky
from generators.outputs.views import EYE_M, VIEWS
from generators.raster.render import render
from generators.splat_hash import content_hash
from generators.splat_sets import robust_bounds
from generators.splats import Splats

Progress = Callable[[str, float], None]
"""Called with what begins and the part (0..1) of the work that is done."""

VIEW_PX = (640, 360)
PROXY_LEVEL = "middle"
BESIDE_M: tuple[Vector, ...] = ((0.0, 3.0, EYE_M[2]), (2.6, -1.5, EYE_M[2]), (-2.6, -1.5, EYE_M[2]))
"""Well within the stage, whose free radius is four metres where nobody says."""
PANORAMA_SPACE = "linear Rec.709"
SPLAT_BYTES = 248 + 4 * 56
"""What a splat takes on disk in all files together, about."""
OTHER_BYTES = 40_000_000


def needed_bytes(splats: int) -> int:
    """Room on the disk for an environment, generously."""
    return OTHER_BYTES + splats * SPLAT_BYTES


def write(made: Made, into: Path, kind: Kind, progress: Progress | None = None) -> Manifest:
    """The manifest has no files yet: the library names them when it keeps the folder. Raises OSError."""
    say = progress or _silent
    say("levels of detail", 0.0)
    levels = levels_of(made.splats, EYE_M)
    say("files", 0.1)
    save(into, levels)
    say("panorama", 0.4)
    exr.write(into / manifests.PANORAMA, panorama(made.splats, made.sky, EYE_M), PANORAMA_SPACE)
    say("six views", 0.65)
    _pictures(made, into)
    say("proxy mesh", 0.75)
    (into / manifests.PROXY).write_bytes(encode(proxy(levels[PROXY_LEVEL]), "proxy"))
    say("done", 1.0)
    return described(made, kind, levels)


def proxy(splats: Splats) -> Mesh:
    """What surrounds the stage as a mesh: as seen from its middle, and what that hides, as seen from beside it."""
    things = without_sky(splats)
    first = Sight(EYE_M, distances(things, EYE_M, ROWS))
    return joined([first, *(Sight(eye_m, distances(things, eye_m, MORE_ROWS)) for eye_m in BESIDE_M)])


def save(into: Path, levels: dict[str, Splats]) -> None:
    """The splats in every format that goes with an environment."""
    for level, splats in levels.items():
        files.save(into / LEVEL_FILES[level], splats, Order(lean=level != "full"))
    for name in EXCHANGE:
        files.save(into / name, levels["full"])


def described(made: Made, kind: Kind, levels: dict[str, Splats]) -> Manifest:
    """What the folder is, without its files."""
    low, high = robust_bounds(made.splats)
    sun = made.sun
    return Manifest(
        title=made.title,
        kind=kind,
        content=content_hash(made.splats),
        recipe=made.recipe,
        recipe_hash=manifests.recipe_hash(made.recipe),
        made_by=f"Cyclorama {__version__}",
        created_utc=datetime.now(UTC).isoformat(timespec="seconds"),
        counts={level: len(splats.means_m) for level, splats in levels.items()},
        bounds_m=(low, high),
        white_unit=float(made.splats.white_unit),
        sun=None if sun is None else SunLight(towards_unit=_three(sun[0]), light_unit=_three(sun[1])),
        files={},
        models=tuple(_models(made.recipe)),
        warnings=(*made.warnings, *_no_sun(made)),
        consents=tuple(str(one) for one in made.recipe.get("consents", ())),
        level_errors_rad={level: ERRORS[level] for level in levels},
        level_psnr_db=likeness_db(levels, EYE_M),
    )


def _pictures(made: Made, into: Path) -> None:
    white = made.splats.white_unit
    pictures = [views.shown(render(made.splats, camera).light_unit, white) for camera in views.cameras(VIEW_PX)]
    sheet.save_thumbnail(into / manifests.THUMBNAIL, into / manifests.ICON, pictures[0])
    heading = (made.title, "   ".join(_facts(made)))
    sheet.save_contact(into / manifests.CONTACT, pictures, [view.label for view in VIEWS], heading)


def _facts(made: Made) -> Iterator[str]:
    words = str(made.recipe.get("words", ""))
    if words and words != made.title:
        yield f'"{words}"'
    if "seed" in made.recipe:
        yield f"seed {made.recipe['seed']}"
    yield f"{len(made.splats.means_m):,} splats"
    yield f"recipe {manifests.recipe_hash(made.recipe)[:8]}"


def _models(recipe: dict[str, Any]) -> Iterator[Model]:
    for row in cast(list[dict[str, Any]], recipe.get("models", [])):
        told = {key: str(row.get(key, "")) for key in ("version", "sha256")}
        yield Model(name=str(row.get("name", "")), licence=str(row.get("licence", "")) or "not known", **told)


def _no_sun(made: Made) -> Iterator[str]:
    if made.sky is None:
        yield "nothing is known of the light beyond the splats: the panorama has no sun and nothing above their white"


def _three(values: Any) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])


def _silent(what: str, part: float) -> None:
    """Nobody asked."""
    del what, part
