"""The sky where no photo looked, what a person would look through, and what the door refuses."""

import argparse
from pathlib import Path

import numpy as np
import pytest

from generators.camera import look
from generators.photos.fill import continued, holes, with_sky, words
from generators.photos.guesses import Shown, guesses
from generators.photos.sky_seen import shows_sky
from generators.photos.solved import PhotosFault
from generators.photos.start import all_round, dome, reach_m, spacing_m, start
from generators.photos.tidy import tidied
from generators.splats import SH_C0, Splats, Tag
from generators.verbs.generate_photos import add_arguments, make
from tests.generators.photos_made import known

EYE = (0.0, 0.0, 1.6)


def half_sky(solid: float = 0.98) -> Splats:
    """A dome of which the front half is seen, brighter towards the zenith."""
    made = dome(np.array(EYE), 100.0, 3000)
    towards = all_round(3000)
    colours = np.stack([0.4 + 0.3 * towards[:, 2]] * 3, axis=1)
    sh = ((colours - 0.5) / SH_C0).astype(np.float32)[:, None]
    opacity = np.where(towards[:, 1] > 0, solid, 0.01).astype(np.float32)
    wide = (made.scales_m * 1.5).astype(np.float32)
    return made._replace(sh=sh, opacities_unit=opacity, scales_m=wide)


def test_holes_are_told_by_direction() -> None:
    found = holes(half_sky(), EYE)
    assert found.open_unit == pytest.approx(0.5, abs=0.05)
    assert found.by_face_unit["back"] > 0.95 and found.by_face_unit["forward"] < 0.05
    said = words(found)
    assert said is not None and "back is mostly empty" in said
    whole = half_sky()._replace(opacities_unit=np.full(3000, 0.98, np.float32))
    assert words(holes(whole, EYE)) is None


def test_the_sky_goes_on_behind_as_it_is_in_front() -> None:
    filled = with_sky(half_sky(), EYE, 100.0)
    new = slice(3000, None)
    assert (filled.tags[new] == Tag.SKY).all()
    towards = (filled.means_m[new] - np.array(EYE)) / 100.0
    assert (towards[:, 2] > -0.06).all() and (towards[:, 1] < 0.15).all()
    wanted = 0.4 + 0.3 * towards[:, 2]
    assert np.abs(0.5 + SH_C0 * filled.sh[new, 0, 0] - wanted).max() < 0.06
    assert holes(filled, EYE).by_face_unit["up"] < 0.05
    indoors = half_sky()._replace(tags=np.zeros(3000, np.uint8))
    assert len(with_sky(indoors, EYE, 100.0).means_m) == 3000


def test_a_smooth_sky_is_continued_without_wild_guesses() -> None:
    known_ = all_round(400)
    known_ = known_[(known_[:, 2] > 0.1) & (known_[:, 1] > 0.5)]
    noise = np.random.Generator(np.random.PCG64(0)).normal(0, 0.03, (len(known_), 3))
    found = continued(known_, 0.5 + 0.2 * known_[:, 2:] + noise, all_round(200))
    assert found.min() > 0.0 and found.max() < 1.0


def test_sky_is_seen_where_it_is() -> None:
    random = np.random.Generator(np.random.PCG64(1))
    busy = random.random((90, 120, 3)).astype(np.float32)
    outside = busy.copy()
    outside[:30] = (0.5, 0.65, 0.9)
    evening_wall = busy.copy()
    evening_wall[:40] = (0.8, 0.65, 0.5)
    nothing = np.empty((0, 2))
    assert shows_sky([outside, busy, outside], [nothing] * 3)
    assert not shows_sky([busy] * 3, [nothing] * 3)
    assert not shows_sky([evening_wall] * 3, [nothing] * 3)
    recognised = random.random((400, 2))
    assert not shows_sky([outside] * 3, [recognised] * 3)


def test_bare_places_are_guessed_as_far_off_as_what_is_beside_them() -> None:
    camera = look((0.0, 0.0, 1.5), 0.0, 0.0, 60.0, (96, 72))
    x, z = np.meshgrid(np.linspace(-2, 2, 12), np.linspace(0, 3, 12))
    wall = np.stack((x.ravel(), np.full(x.size, 4.0), z.ravel()), axis=1)
    bare = wall[(np.abs(wall[:, 0]) > 0.8) | (np.abs(wall[:, 2] - 1.5) > 0.8)]
    picture = np.full((72, 96, 3), (0.2, 0.4, 0.6), np.float32)
    found = guesses([Shown(camera, picture, bare)])
    assert len(found.points_m) and np.abs(found.points_m[:, 1] - 4.0).max() < 0.05
    assert np.abs(found.points_m - (0, 4, 1.5)).max(axis=0)[0] > 0.1
    assert found.colours_unit == pytest.approx(np.tile((0.2, 0.4, 0.6), (len(found.points_m), 1)), abs=1e-6)


def test_a_start_is_as_wide_as_its_spacing_and_tidying_frees_the_lens() -> None:
    room = known(4, 300)
    grid = np.stack(np.meshgrid(*[np.arange(6.0)] * 3), axis=-1).reshape(-1, 3)
    assert spacing_m(grid, 100.0) == pytest.approx(np.ones(216))
    begun = start(room, guesses([]), sky=True)
    assert (begun.tags == Tag.SKY).sum() == 4000 and len(begun.means_m) == 4300
    at_lens = np.asarray(room.views[0].camera.position_m, np.float32) + np.float32(0.02)
    means = begun.means_m.copy()
    means[0] = at_lens
    solid = begun._replace(means_m=means, opacities_unit=np.full(4300, 0.9, np.float32))
    assert len(tidied(solid, room, reach_m(room)).means_m) == 4299
    assert len(tidied(begun, room, reach_m(room)).means_m) == 300  # a sky nobody saw was never made solid


def asked(*words_: str) -> argparse.Namespace:
    """What `cyc generate` would understand."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(list(words_))


@pytest.mark.parametrize(
    ("words_", "said"),
    [
        (("--fit-minutes", "-1"), "--fit-minutes: expected a number above zero"),
        (("--fit-steps", "0"), "--fit-steps: expected 1 or more"),
        (("--length", "a.jpg", "b.jpg", "far"), "--length: expected metres"),
        (("--camera-height", "0"), "--camera-height: expected"),
        (("--board", "/nowhere/board.json"), "--board /nowhere/board.json"),
        ((), "there is nothing"),
    ],
)
def test_the_door_refuses_in_one_sentence(tmp_path: Path, words_: tuple[str, ...], said: str) -> None:
    pytest.importorskip("torch", reason="photos need the extra `generators`")
    pytest.importorskip("pycolmap", reason="photos need the extra `generators`")
    args = asked("--photos", str(tmp_path / "gone"), "--work", str(tmp_path / "work"), *words_)
    with pytest.raises(PhotosFault, match=said):
        make(args, lambda _text, _part: None)
