"""Photos in, an environment out: gathered, placed, measured, fitted, tidied; each step kept in the work folder."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from bridge.calibrate.lens.board import Board
from generators.environment import Made
from generators.photos import checkpoint, nerfstudio
from generators.photos.board_in_photos import seen_board
from generators.photos.drawing import drawer
from generators.photos.fill import holes, with_sky, words
from generators.photos.fit import Fitted, Scene, begin, fit
from generators.photos.frames import gather
from generators.photos.gaussians import splats
from generators.photos.guesses import Shown, guesses
from generators.photos.metric import Known, Length, Measured, measure
from generators.photos.placement import placed
from generators.photos.poses import engine_name, solve
from generators.photos.schedule import Plan, held_out
from generators.photos.sky_seen import shows_sky
from generators.photos.solved import Gathered, Solved
from generators.photos.start import SKY_REACHES, reach_m, start
from generators.photos.targets import Target, target
from generators.photos.tidy import tidied

Tell = Callable[[str], None]

EYE_M = 1.6
"""Of somebody who stands in the stage's middle: holes are told from there."""
_NEAR = 0.02


class Wishes(NamedTuple):
    """What the user said about the photos."""

    most_photos: int = 200
    board: Board | None = None
    length: Length | None = None
    camera_height_m: float | None = None
    sky: Literal["auto", "yes", "no"] = "auto"
    plan: Plan = Plan()
    nerfstudio_home: Path | None = None
    """Where its environment is, if it shall do the fit."""


def make_place(source: Path, work: Path, wishes: Wishes, environment: Mapping[str, str], tell: Tell) -> Made:
    """The place that photos show. `environment` is what programs that are started get. PhotosFault in one sentence."""
    work.mkdir(parents=True, exist_ok=True)
    gathered = gather(source, work, wishes.most_photos, tell)
    solved = solve(gathered, work, tell)
    board = None if wishes.board is None else seen_board(solved, work, wishes.board, tell)
    measured = measure(solved, Known(board, wishes.length, wishes.camera_height_m))
    solved = placed(measured.placement, solved)
    if wishes.nerfstudio_home is not None:
        made = nerfstudio.train(solved, work, wishes.nerfstudio_home, wishes.plan.steps, environment, tell)
        result: dict[str, Any] = {"engine": nerfstudio.REQUIREMENTS[0]}
    else:
        fitted, scene = _fitted(gathered, solved, measured, work, wishes, tell)
        made, result = splats(fitted.state.learned), _result(fitted, scene)
    reach = reach_m(solved)
    made = tidied(made, solved, reach)
    eye = (0.0, 0.0, EYE_M)
    unseen = holes(made, eye)
    made = with_sky(made, eye, SKY_REACHES * reach)
    result |= {"unseen_unit": round(unseen.open_unit, 3), "splats": len(made.means_m)}
    return Made(
        title=source.stem or "photos",
        splats=made,
        recipe=_recipe(source, gathered, solved, measured, wishes) | {"result": result},
        warnings=_warnings(solved, measured, words(unseen)),
    )


def _fitted(
    gathered: Gathered, solved: Solved, measured: Measured, work: Path, wishes: Wishes, tell: Tell
) -> tuple[Fitted, Scene]:
    scene = scene_of(solved, work, wishes, tell)
    placement = [round(float(value), 9) for value in (measured.placement.metres_per_unit, *measured.placement.origin)]
    told = json.dumps([[photo.sha256 for photo in gathered.photos], placement, wishes.plan, wishes.sky])
    key = hashlib.sha256(told.encode()).hexdigest()
    path = work / f"fit-{key[:12]}.npz"
    state = checkpoint.load(path, key) or begin(scene)
    tell(f"fitting: going on from step {state.step}" if state.step else "fitting: getting ready")
    return fit(scene, wishes.plan, state, drawer(), tell, lambda reached: checkpoint.save(path, key, reached)), scene


def scene_of(solved: Solved, work: Path, wishes: Wishes, tell: Tell) -> Scene:
    """What is fitted, and to what."""
    reach, targets = reach_m(solved), list[Target]()
    for number, view in enumerate(solved.views):
        tell(f"reading photos: {number + 1} of {len(solved.views)}")
        targets.append(target(work, view, wishes.plan.long_side_px, _NEAR * reach))
    small = [one.by_shrink[4][1] for one in targets]
    sky = wishes.sky == "yes" or (wishes.sky == "auto" and shows_sky(small, [view.seen_unit for view in solved.views]))
    compared = held_out(len(targets), wishes.plan.hold_out)
    fitted = [index for index in range(len(targets)) if index not in compared]
    shown = [
        Shown(*one.by_shrink[4], solved.points_m[view.seen])
        for index, (one, view) in enumerate(zip(targets, solved.views, strict=True))
        if index in fitted
    ]
    return Scene(start(solved, guesses(shown), sky=sky), targets, fitted, compared, reach)


def _result(fitted: Fitted, scene: Scene) -> dict[str, Any]:
    quality = None if np.isnan(fitted.held_out_db) else round(fitted.held_out_db, 2)
    return {
        "engine": "cyclorama",
        "steps": fitted.state.step,
        "held_out_db": quality,
        "held_out": [scene.targets[index].name for index in scene.compared],
    }


def _recipe(source: Path, gathered: Gathered, solved: Solved, measured: Measured, wishes: Wishes) -> dict[str, Any]:
    return {
        "kind": "photos",
        "source": source.name,
        "photos": [{"name": photo.name, "sha256": photo.sha256} for photo in gathered.photos],
        "left_out": [{"name": name, "why": why} for name, why in solved.left_out],
        "placed": {
            "by": engine_name(),
            "photos": len(solved.views),
            "points": len(solved.points_m),
            "error_px": round(solved.error_px, 3),
        },
        "scale_from": measured.scale_from,
        "floor_from": measured.floor_from,
        "plan": wishes.plan._asdict(),
    }


def _warnings(solved: Solved, measured: Measured, unseen: str | None) -> tuple[str, ...]:
    left_out = tuple(f"left out {name}: {why}" for name, why in solved.left_out)
    return (*measured.warnings, *left_out, *(() if unseen is None else (unseen,)))
