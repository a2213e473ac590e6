"""A place from weights: words or a picture become a panorama, its distances, and the splats that stand on the stage."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.aside import Closed, closed
from generators.backdrop import Placed
from generators.depth import SeenDepth, estimated
from generators.environment import Made
from generators.grounding import floor_of, freed, stage_from_eye
from generators.imagine import Inpainter, Painted, Wish, inpainter, outpainted, panorama
from generators.lift import Panorama, lift
from generators.panorama_light import light_of
from generators.push_pull import filled
from generators.refine import Refined, refined
from generators.splat_moves import moved

Floats32 = NDArray[np.float32]
Progress = Callable[[str, float], None]

VERSION = 2
_WORST_MISFIT = 0.08


class Models(NamedTuple):
    """Which weights."""

    picture: Path
    """Folder of a diffusers pipeline."""
    depth: Path
    """Folder of a transformers depth model."""
    panoramic_depth: bool
    told: tuple[dict[str, object], ...]
    """What the recipe says of them: names, versions, licences, hashes."""


class Start(NamedTuple):
    """A picture to go on from, as it lies in a panorama."""

    canvas: Floats32
    """[H, 2H, 3], sRGB-encoded."""
    known: NDArray[np.bool_]


def made(
    models: Models, wish: Wish, start: Start | None, *, radius_m: float, refine_steps: int, progress: Progress
) -> Made:
    """ModelFault in one sentence where a folder is not what it should be."""
    painted = _painted(models, wish, start, progress)
    seen = estimated(models.depth, painted.colours, progress, panoramic=models.panoramic_depth)
    progress("lifting", 0.0)
    shown = Panorama(painted.colours, seen.distances_m, seen.sky)
    floor = floor_of(np.where(seen.sky, 0, seen.distances_m))
    placed = Placed(shown, stage_from_eye(floor, metric=seen.metric))
    stage, hidden = freed(moved(lift(shown), placed.stage_from_eye), radius_m)
    light = light_of(_without_ground(painted.colours, seen.sky), seen.sky)
    inpaints = inpainter(models.picture, wish, progress)
    whole = closed(stage, placed, radius_m, None if inpaints is None else inpaints.drawn_on, progress)
    better = refined(whole.splats, placed, radius_m, refine_steps, progress)
    return Made(
        title=wish.words[:80] or "a picture",
        splats=better.splats,
        recipe=_recipe(models, wish, start, radius_m) | _result(whole, better, refine_steps, inpaints),
        sky=light.sky,
        sun=light.sun,
        warnings=(*painted.warnings, *_doubts(seen, floor is None, hidden)),
    )


def _result(whole: Closed, better: Refined, steps: int, inpaints: Inpainter | None) -> dict[str, Any]:
    """What came of it; `held_out_db` is how like pictures from aside that were not fitted it is, before and after."""
    said: dict[str, Any] = {
        "opened_aside_unit": round(whole.opened_unit, 4),
        "filled_by": "push-pull" if inpaints is None else inpaints.name,
    }
    if steps:
        said["held_out_db"] = [round(better.before_db, 2), round(better.after_db, 2)]
    return {"refine_steps": steps, "result": said}


def _painted(models: Models, wish: Wish, start: Start | None, progress: Progress) -> Painted:
    if start is None:
        return panorama(models.picture, wish, progress)
    canvas = np.where(start.known[..., None], start.canvas, filled(start.canvas, start.known))
    return outpainted(models.picture, wish, canvas.astype(np.float32), start.known, progress)


def _without_ground(colours: Floats32, sky: NDArray[np.bool_]) -> Floats32:
    """The sky all round: what things hide of it from what is seen of it. Indoors, what is there."""
    return filled(colours, sky) if sky.mean() > 0.02 else colours


def _doubts(seen: SeenDepth, no_floor: bool, hidden: float) -> list[str]:
    """What the user should know."""
    said = ["the light is an estimate: a picture for a screen does not hold the sun"]
    if not seen.metric:
        said.append("the scale is a guess by an eye 1.6 m over the floor: this depth model does not count in metres")
    if no_floor:
        said.append("no level floor was found under the eye: the place stands as the model drew it")
    if hidden > 0.01:
        said.append(
            f"{hidden:.0%} of the view stood inside the free radius and was taken out: what is behind it is guessed"
        )
    if seen.misfit_unit > _WORST_MISFIT:
        said.append(f"the depth model's faces disagree by {seen.misfit_unit:.0%}: shapes bend where they meet")
    return said


def _recipe(models: Models, wish: Wish, start: Start | None, radius_m: float) -> dict[str, Any]:
    return {
        "maker": "model",
        "version": VERSION,
        "words": wish.words,
        "negative": wish.negative,
        "seed": wish.seed,
        "steps": wish.steps,
        "guidance_milli": round(1000 * wish.guidance_unit),
        "sampler": wish.sampler,
        "loras": [[path.name, round(1000 * weight)] for path, weight in wish.loras],
        "height_px": wish.height_px,
        "from_picture": start is not None,
        "radius_mm": round(radius_m * 1000),
        "models": list(models.told),
    }
