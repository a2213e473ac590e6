"""Every place, from words to splats: closed all round, free and level where the stage is, and with shadows that fall
away from the sun of its panorama."""

import math
from functools import cache

import numpy as np
import pytest

from generators.benches.generate import briefs
from generators.camera import cube_faces
from generators.environment import Made
from generators.places import table
from generators.places.brief import Brief
from generators.places.build import build
from generators.places.photometry import luminance
from generators.places.plan import Plan
from generators.places.scenery import Scenery, Surfels, joined
from generators.raster.render import render
from generators.splat_sets import bounds, taken
from generators.splats import SH_C0, Splats, Tag

pytestmark = pytest.mark.slow

RADIUS_M, COUNT = 2.0, 100_000
POST_M, POST_HIGH_M, POST_WIDE_M = (0.0, 3.4), 3.0, 0.25
"""Foot, height and half width of a post that is put into every place, just outside the stage."""
CONTACT_M = 1.0
"""So near its foot the post hides the sky as well as the sun."""
LEAST_IN_SHADOW = 30
"""Patches; fewer are the shade that bounced light throws, or the rim of a spot of sun on a hall's floor."""
BRIEFS = briefs()


def post() -> Surfels:
    """Patches of a round post, dark grey."""
    turn, z = np.meshgrid(np.arange(24) * math.tau / 24, np.arange(0.02, POST_HIGH_M, 0.06))
    normals = np.stack((np.sin(turn), np.cos(turn), np.zeros_like(turn)), axis=-1).reshape(-1, 3)
    means = normals * POST_WIDE_M + np.column_stack((np.tile(POST_M, (turn.size, 1)), z.ravel()))
    count = len(means)
    return Surfels(
        means_m=means.astype(np.float32),
        normals=normals.astype(np.float32),
        tangents=np.tile(np.float32([0, 0, 1]), (count, 1)),
        sizes_m=np.tile(np.float32([0.05, 0.05, 0.002]), (count, 1)),
        albedo_unit=np.full((count, 3), 0.2, np.float32),
        emission_unit=np.zeros((count, 3), np.float32),
        opacities_unit=np.full(count, 0.99, np.float32),
        translucency_unit=np.zeros(count, np.float32),
        shine_unit=np.zeros(count, np.float32),
        tags=np.full(count, Tag.STRUCTURE, np.uint8),
    )


@cache
def plain(name: str) -> Made:
    return build(BRIEFS[name], seed=1, splats=COUNT, radius_m=RADIUS_M)


def with_post(name: str, monkeypatch: pytest.MonkeyPatch) -> Made:
    brief = BRIEFS[name]
    maker = table.PLACES[brief.place]

    def posted(asked: Brief, plan: Plan) -> Scenery:
        scenery = maker(asked, plan)
        return scenery._replace(surfels=joined([scenery.surfels, post()]))

    monkeypatch.setitem(table.PLACES, brief.place, posted)
    return build(brief, seed=1, splats=COUNT, radius_m=RADIUS_M)


def floor_light(splats: Splats) -> tuple[np.ndarray, np.ndarray]:
    """Where the level ground around the post is, and how light."""
    means = splats.means_m.astype(np.float64)
    near = np.hypot(means[:, 0] - POST_M[0], means[:, 1] - POST_M[1]) < 4.0
    ground = near & (np.abs(means[:, 2]) < 0.1) & np.isin(splats.tags, [Tag.TERRAIN])
    colour = np.clip(0.5 + SH_C0 * splats.sh[ground, 0], 0.0, 1.0).astype(np.float64)
    return means[ground], luminance(colour**2.2)


@pytest.mark.parametrize("name", [name for name in BRIEFS if "night" not in name])
def test_shadows_fall_away_from_the_panoramas_sun(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The difference that a post makes to the ground is its shadow, and nothing else. By night it has many."""
    without, posted = plain(name), with_post(name, monkeypatch)
    assert posted.sky is not None
    where, before = floor_light(without.splats)
    there, after = floor_light(posted.splats)
    assert np.array_equal(where, there)
    ratio = after / np.maximum(before, 1e-6)
    away = where[:, :2] - POST_M
    length = np.hypot(*away.T)
    dark = np.where((length > CONTACT_M) & (ratio / np.median(ratio) < 0.75), before - after, 0.0)
    if (dark > 0).sum() < LEAST_IN_SHADOW:
        pytest.skip("the sun does not reach the ground around the stage here")
    shadow = math.degrees(math.atan2(*(dark[:, None] * away / length[:, None]).sum(axis=0)))
    light = luminance(posted.sky)
    _, column = np.unravel_index(np.argmax(light), light.shape)
    sun = ((column + 0.5) / light.shape[1] - 0.5) * 360.0
    assert abs((shadow - sun) % 360.0 - 180.0) < 5.0


@pytest.mark.parametrize("name", BRIEFS)
def test_heads_anywhere_on_the_stage_see_no_hole(name: str) -> None:
    rim = 0.97 * RADIUS_M
    for spot in ((0.0, 0.0, 1.6), (rim, 0.0, 1.6), (-rim, 0.0, 1.75), (0.0, rim, 1.2), (0.0, -rim, 1.6)):
        for camera in cube_faces(spot, 64).values():
            assert render(plain(name).splats, camera).alpha_unit.min() >= 0.99


@pytest.mark.parametrize("name", BRIEFS)
def test_nothing_reaches_into_the_stage_and_its_floor_is_level(name: str) -> None:
    splats = plain(name).splats
    near = np.flatnonzero(np.hypot(*splats.means_m[:, :2].T) < RADIUS_M)
    heights = splats.means_m[near, 2]
    low = np.array([bounds(taken(splats, near[k : k + 1])).low_m[2] for k in range(len(near))])
    high = np.array([bounds(taken(splats, near[k : k + 1])).high_m[2] for k in range(len(near))])
    assert not ((high > 0.05) & (low < 2.5)).any()
    floor = (heights < 0.5) & (splats.tags[near] != Tag.SKY)
    assert floor.sum() > 100
    assert np.abs(heights[floor]).max() <= 0.01
