"""The built places: straight, aligned, closed, lit as the hour says, and free where the stage stands."""

from functools import cache

import numpy as np
import pytest

from generators.camera import cube_faces
from generators.places.bounce import LAMP_UNIT
from generators.places.brief import Brief, Place
from generators.places.evening import evening
from generators.places.lettering import BLADES, GLYPHS, NAMES, lettered
from generators.places.modern_street import modern_street
from generators.places.patterns import Pattern, hashed, striped
from generators.places.plan import Maker, Plan
from generators.places.quads import Face, Paint, block, flat, ground_face, joined, prism, quads, wall_face
from generators.places.scenery import Scenery, Surfels
from generators.places.streets import KERB_M, LANE_M
from generators.places.surfacing import surfaced
from generators.places.victorian_street import victorian_street
from generators.places.warehouse import warehouse
from generators.places.weathering import weathered
from generators.places.windows import Grid, pierced, spread, storeys
from generators.raster.render import render
from generators.splats import Splats, Tag, solid_colours

pytestmark = pytest.mark.slow

MAKERS: dict[Place, Maker] = {
    "modern_street": modern_street,
    "victorian_street": victorian_street,
    "warehouse": warehouse,
}
NIGHT, NOON, COUNT = 1320, 720, 40_000
PAINT = Paint((0.4, 0.3, 0.2), Pattern.BRICK)


@cache
def made(place: Place, minutes: int = NIGHT, radius_m: float = 4.0) -> Scenery:
    return MAKERS[place](Brief(place, minutes), Plan(7, COUNT, radius_m))


def reach_m(surfels: Surfels, axis: int, sigmas: float) -> np.ndarray:
    """How far each ellipsoid goes along X, Y or Z."""
    axes = np.stack((surfels.tangents, np.cross(surfels.normals, surfels.tangents), surfels.normals), 1)
    return sigmas * np.sqrt(((axes[:, :, axis] * surfels.sizes_m) ** 2).sum(axis=1))


EACH = ["warehouse", *(pytest.param(place, marks=pytest.mark.slow) for place in ("modern_street", "victorian_street"))]
"""The hall is quick to make; streets are made where the minutes are."""


@pytest.mark.parametrize("place", MAKERS)
def test_as_many_as_planned_and_all_sound(place: Place) -> None:
    surfels = made(place).surfels
    assert abs(len(surfels.means_m) / COUNT - 1) < 0.1
    assert all(np.isfinite(field).all() for field in surfels)
    assert np.allclose(np.linalg.norm(surfels.normals, axis=1), 1, atol=1e-4)
    assert np.allclose(np.linalg.norm(surfels.tangents, axis=1), 1, atol=1e-4)
    assert np.abs((surfels.normals * surfels.tangents).sum(axis=1)).max() < 1e-4
    assert surfels.sizes_m.min() > 0
    assert surfels.albedo_unit.min() >= 0
    assert surfels.albedo_unit.max() <= 1


@pytest.mark.parametrize(
    ("place", "radius_m"),
    [*((place, 4.0) for place in MAKERS), pytest.param("victorian_street", 9.0, marks=pytest.mark.slow)],
)
def test_the_stage_is_free_and_level(place: Place, radius_m: float) -> None:
    scenery = made(place, NIGHT, radius_m)
    x, y, z = scenery.surfels.means_m.T
    inside = np.hypot(x, y) < radius_m
    low, high = z - reach_m(scenery.surfels, 2, 3.0), z + reach_m(scenery.surfels, 2, 3.0)
    assert not (inside & (high > 0.05) & (low < 2.5)).any()
    floor = inside & (z < 0.05)
    assert floor.any()
    assert np.abs(z[floor]).max() < 0.01
    turn = np.linspace(0, 6, 20)
    assert np.abs(scenery.ground_m(radius_m * np.cos(turn), radius_m * np.sin(turn))).max() == 0


@pytest.mark.parametrize("place", EACH)
def test_nothing_below_the_horizon_is_open(place: Place) -> None:
    surfels = made(place, NOON).surfels
    frames = np.stack((surfels.tangents, np.cross(surfels.normals, surfels.tangents), surfels.normals), 2)
    rotations = _quaternions(frames)
    grey = solid_colours(np.full((len(frames), 3), 0.5))
    splats = Splats(surfels.means_m, rotations, surfels.sizes_m, surfels.opacities_unit, grey, surfels.tags)
    faces = cube_faces((0.0, 0.0, 1.6), 64)
    assert np.mean(render(splats, faces["down"]).alpha_unit) > 0.99
    for side in ("forward", "right", "back", "left"):
        assert np.mean(render(splats, faces[side]).alpha_unit[34:]) > 0.99, side


def _quaternions(frames: np.ndarray) -> np.ndarray:
    from scipy.spatial.transform import Rotation

    return Rotation.from_matrix(frames).as_quat(scalar_first=True).astype(np.float32)


@pytest.mark.parametrize("place", EACH)
def test_the_same_seed_makes_the_same_bytes(place: Place) -> None:
    again = MAKERS[place](Brief(place, NIGHT), Plan(7, COUNT, 4.0))
    for one, two in zip(made(place).surfels, again.surfels, strict=True):
        assert one.tobytes() == two.tobytes()


def test_another_seed_makes_another_hall() -> None:
    other = warehouse(Brief("warehouse", NIGHT), Plan(8, COUNT, 4.0))
    assert other.surfels.albedo_unit.tobytes() != made("warehouse").surfels.albedo_unit.tobytes()


@pytest.mark.parametrize("place", MAKERS)
def test_lamps_shine_by_night_where_something_glows(place: Place) -> None:
    night = made(place)
    assert len(night.lamps.positions_m) > 8
    assert night.lamps.light_unit.min() > 0
    glowing = night.surfels.means_m[night.surfels.emission_unit.max(axis=1) > 0]
    near = night.lamps.positions_m[np.hypot(*night.lamps.positions_m[:, :2].T) < 30]
    gaps = np.linalg.norm(near[:, None] - glowing[None], axis=2).min(axis=1)
    assert gaps.max() < 3.5
    assert len(made(place, NOON).lamps.positions_m) == 0


def test_more_windows_are_lit_from_noon_to_night() -> None:
    shares = [evening(Brief("modern_street", minutes)).lit_share_unit for minutes in (720, 960, 1080, 1200)]
    assert shares == sorted(shares)
    assert shares[-1] > 5 * shares[0]
    for place in ("modern_street", "victorian_street"):
        noon, night = (made(place, m).surfels.emission_unit.mean() for m in (NOON, NIGHT))
        assert night > 3 * noon


def test_signs_are_words_of_known_letters() -> None:
    for word in (*NAMES, *BLADES):
        assert set(word) <= set(GLYPHS)
        across = lettered(word, (0.3, 0.46), 0.15, 0.08)
        assert across.shape[1:] == (4, 2)
        assert np.allclose([across[..., 0].min(), across[..., 1].min()], -0.04, atol=0.13)
        assert across[..., 0].max() < 0.45 * len(word)
        # corners run the way that faces the street
        x, y = across[..., 0], across[..., 1]
        assert (x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y).sum(axis=1).min() > 0
    down = lettered("BAR", (0.3, 0.46), 0.15, 0.08, down=True)
    assert down[..., 0].max() < 0.4
    assert down[..., 1].min() == pytest.approx(-2 * 0.61 - 0.04, abs=0.03)


def test_neon_is_more_coloured_light() -> None:
    brief = Brief("modern_street", NIGHT)
    neon = MAKERS["modern_street"](brief._replace(elements=frozenset({"neon"})), Plan(7, COUNT, 4.0)).surfels

    def coloured(surfels: Surfels) -> float:
        sign = (surfels.tags == Tag.LIGHT) & (surfels.emission_unit.max(axis=1) < LAMP_UNIT)
        glow = surfels.emission_unit * sign[:, None]
        area = surfels.sizes_m[:, 0] * surfels.sizes_m[:, 1]
        return float(area @ (glow.max(axis=1) - glow.min(axis=1)))

    assert coloured(neon) > 1.3 * coloured(made("modern_street").surfels)


def test_kerbs_and_lanes_have_their_size() -> None:
    scenery = made("modern_street")
    surfels = scenery.surfels
    x, _, z = surfels.means_m.T
    near = (np.abs(surfels.means_m[:, 1]) < 15) & (surfels.tags == Tag.TERRAIN) & (surfels.normals[:, 2] > 0.9)
    road, walk = near & (np.abs(x) < 2 * LANE_M - 0.1), near & (np.abs(x) > 2 * LANE_M + 0.05) & (np.abs(x) < 10)
    assert np.abs(z[road]).max() < 0.01
    assert np.abs(z[walk] - KERB_M).max() < 0.01
    broken = near & (np.abs(np.abs(x) - LANE_M) < 0.07) & (surfels.albedo_unit.min(axis=1) > 0.5)
    assert broken.any()
    assert scenery.ground_m(np.array([0.0, 8.0]), np.array([5.0, 5.0])).tolist() == [0.0, KERB_M]


def test_walls_end_where_windows_begin() -> None:
    face = wall_face((11.0, 12.0, 0.0), 180.0)
    grid = Grid(spread(4, 1.5, 16.0), storeys(3, 0.9, 2.7, 3.5))
    wall = surfaced(pierced(face, (0, 0, 16.0, 11.0), grid, PAINT), 20_000, 4.0)
    u, v = 12.0 - wall.means_m[:, 1], wall.means_m[:, 2]
    assert np.allclose(wall.means_m[:, 0], 11.0, atol=1e-5)
    covered = 0.0
    for left, low, right, high in grid.boxes():
        inside = (u > left) & (u < right) & (v > low) & (v < high)
        assert not inside.any()
        # beside the opening lies a straight column of thin splats, all at the same distance from its edge
        beside = (u < left) & (u > left - 0.06) & (v > low) & (v < high)
        columns = np.unique(np.round(u[beside], 4))
        assert len(columns)
        assert np.ptp(u[beside & (np.abs(u - columns[-1]) < 0.004)]) < 0.01
        overhang = u[beside] + 2.0 * reach_m(wall, 1, 1.0)[beside] - left
        assert overhang.max() < 0.05
        covered += (right - left) * (high - low)
    assert covered == pytest.approx(4 * 3 * 1.5 * 1.8)


def test_rows_of_splats_are_level() -> None:
    face = wall_face((-8.0, -6.0, 0.0), 0.0)
    wall = surfaced(flat(face, [(0.0, 0.0, 12.0, 6.0)], PAINT), 8_000, 4.0)
    heights = np.round(wall.means_m[:, 2], 4)
    values, counts = np.unique(heights, return_counts=True)
    assert counts.min() >= 8  # every height belongs to a row, none is random
    assert values.min() < 0.03
    assert values.max() > 5.97


def test_splats_are_wider_far_away_and_never_finer_than_the_limit() -> None:
    ground = surfaced(flat(ground_face(), [(-50, -50, 50, 50)], PAINT), 30_000, 4.0)
    away = np.hypot(*ground.means_m[:, :2].T)
    near, far = (ground.sizes_m[:, 0][(away > a) & (away < b)].mean() for a, b in ((4, 6), (30, 40)))
    assert 4 < far / near < 12


def test_blocks_and_prisms_look_outwards() -> None:
    face = Face(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
    shapes = [block(face, [(-1, -1, 0, 1, 1, 2)], PAINT, "front left right top bottom back")]
    shapes.append(prism([[(0, 0, 0), (0, 0, 2)]], [[1.0, 0.4]], 8, PAINT, lids=True))
    for shape in shapes:
        corners = shape.corners_m
        out = np.cross(corners[:, 1] - corners[:, 0], 0.5 * (corners[:, 2] + corners[:, 3]) - corners[:, 0])
        assert ((corners.mean(axis=1) - [0, 0, 1.0]) * out).sum(axis=1).min() > 0


def test_a_face_cut_in_half_keeps_its_texture_and_area() -> None:
    whole = quads([[(0, 5, 0), (40, 5, 0), (40, 5, 3), (0, 5, 3)]], PAINT)
    tiles = surfaced(joined([whole]), 5_000, 4.0)
    assert abs(tiles.means_m[:, 0].mean()) < 20
    assert tiles.means_m[:, 0].min() > 0
    assert tiles.means_m[:, 0].max() < 40


def test_stripes_are_their_mean_over_a_splat() -> None:
    x = np.linspace(0, 3, 500)
    wide = striped(x, 0.3, 0.06, np.full(500, 0.3))
    assert np.allclose(wide, 0.2, atol=1e-5)
    fine = striped(np.array([0.03, 0.2]), 0.3, 0.06, np.array([0.01, 0.01]))
    assert np.allclose(fine, [1, 0])


def test_chance_is_even_and_the_same_everywhere() -> None:
    i = np.arange(20_000)
    drawn = hashed(i, i // 7, 3)
    assert abs(drawn.mean() - 0.5) < 0.01
    assert hashed(5, 11, 2)[0] == pytest.approx(hashed(np.array([5]), 11, 2)[0])


def test_rain_mirrors_and_snow_lies_on_what_looks_up() -> None:
    dry = made("victorian_street", NOON).surfels
    wet, snow = weathered(dry, "wet"), weathered(dry, "snow")
    floor, upright = dry.normals[:, 2] > 0.9, np.abs(dry.normals[:, 2]) < 0.1
    assert wet.shine_unit[floor].mean() > dry.shine_unit[floor].mean() + 0.2
    assert wet.albedo_unit[floor].mean() < dry.albedo_unit[floor].mean()
    assert snow.albedo_unit[floor].mean() > 0.5
    assert np.allclose(snow.albedo_unit[upright], dry.albedo_unit[upright], atol=0.06)
