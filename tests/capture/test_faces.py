"""Faces: neutral and gain give the performer's own zero and one back, the filter is One Euro's, nothing is invented."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.performed import ARKIT_SHAPES
from capture.face_file import FaceFileFault, face_of, face_text
from capture.faces import UNSUPPORTED, FaceFit, FaceState, Steady, fitted, meant, step

ROW = {name: row for row, name in enumerate(ARKIT_SHAPES)}
SUPPORTED = [row for name, row in ROW.items() if name not in UNSUPPORTED]


def biased(true: "np.ndarray", neutral: "np.ndarray", reach: "np.ndarray") -> "np.ndarray":
    """A model that reads `neutral` at rest and only reaches part of the way up."""
    return neutral + (1.0 - neutral) * reach * true


def test_a_performers_own_zero_and_one_come_back() -> None:
    dice = np.random.default_rng(5)
    neutral, reach = dice.uniform(0, 0.7, 52), dice.uniform(0.4, 1.0, 52)
    rest = biased(np.zeros((90, 52)), neutral, reach) + dice.normal(0, 0.01, (90, 52))
    moving = biased(dice.uniform(0, 1, (600, 52)), neutral, reach)
    fit = fitted(rest, moving)
    true = dice.uniform(0, 1, (50, 52))
    error = np.abs(meant(fit, biased(true, neutral, reach)) - true)[:, SUPPORTED]
    assert error.mean() < 0.02
    assert error.max() < 0.06
    assert meant(fit, neutral)[SUPPORTED] == pytest.approx(0.0, abs=0.02)


def test_a_face_that_moved_is_no_neutral_and_the_shape_is_named() -> None:
    rest = np.zeros((60, 52))
    rest[:, ROW["jawOpen"]] = np.linspace(0, 0.9, 60)
    with pytest.raises(ValueError, match=r"not at rest: jawOpen wandered by 0\.26, look ahead and hold still"):
        fitted(rest)
    with pytest.raises(ValueError, match="5 pictures of the face at rest, expected 30 or more: about a second"):
        fitted(np.zeros((5, 52)))


def test_who_blinks_is_at_rest_all_the_same() -> None:
    rest = np.full((60, 52), 0.1)
    rest[20:26, ROW["eyeBlinkLeft"]] = rest[20:26, ROW["eyeBlinkRight"]] = 0.9
    assert np.array(fitted(rest).neutral_unit) == pytest.approx(0.1)
    rest[20:50, ROW["eyeBlinkLeft"]] = 0.9
    with pytest.raises(ValueError, match=r"eyeBlinkLeft wandered by 0\.40"):
        fitted(rest)


def test_the_manual_names_the_unsupported_shapes_and_no_other() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "capture.md").read_text(encoding="utf-8")
    named = manual.split("named *unsupported*:")[1].split("left and right of each")[0]
    alone, paired = (set(re.findall(r"[a-z]+[A-Z][A-Za-z]+", part)) for part in named.split(";"))
    assert alone | {f"{shape}{side}" for shape in paired for side in ("Left", "Right")} == set(UNSUPPORTED)
    assert "These thirteen are sent as 0" in manual
    assert (len(UNSUPPORTED), len(ARKIT_SHAPES)) == (13, 52)


def test_a_shape_that_hardly_moved_is_not_blown_up() -> None:
    moving = np.full((100, 52), 0.05)
    assert fitted(np.zeros((40, 52)), moving).gain_unit == (1.0,) * 52


def test_shapes_that_the_model_cannot_tell_say_nothing() -> None:
    out = meant(FaceFit(), np.ones(52))
    assert {ARKIT_SHAPES[row] for row in np.flatnonzero(out == 0)} == set(UNSUPPORTED)


@given(st.floats(0, 1), st.integers(1, 60))
def test_a_face_at_rest_stays_where_it_is(value: float, rate_hz: int) -> None:
    state: FaceState | None = None
    for index in range(20):
        state = step(Steady(), FaceFit(), state, index * 1_000_000_000 // rate_hz, np.full(52, value))
    assert state is not None
    assert state.shapes_unit[SUPPORTED] == pytest.approx(value)


def test_the_filter_is_the_papers() -> None:
    """One shape through Casiez' equations (1) to (6), written out once more for a scalar."""
    settings, dice = Steady(), np.random.default_rng(2)
    told = np.clip(0.5 + np.cumsum(dice.normal(0, 0.05, 200)), 0, 1)
    alpha = lambda cutoff: 1.0 / (1.0 + (1.0 / (2.0 * math.pi * cutoff)) * 60.0)  # noqa: E731
    smooth, slope, state = told[0], 0.0, None
    for index, value in enumerate(told):
        shapes = np.zeros(52)
        shapes[ROW["jawOpen"]] = value
        state = step(settings, FaceFit(), state, round(index * 1e9 / 60), shapes)
        if index:
            a = alpha(settings.speed_hz)
            slope = a * (value - smooth) * 60.0 + (1 - a) * slope
            a = alpha(settings.rest_hz + settings.rise_hz * abs(slope))
            smooth = a * value + (1 - a) * smooth
        assert state.shapes_unit[ROW["jawOpen"]] == pytest.approx(smooth, abs=1e-6)


def test_a_blink_of_three_pictures_still_closes_the_eye() -> None:
    state: FaceState | None = None
    closed = 0.0
    for index in range(40):
        shapes = np.zeros(52)
        shapes[ROW["eyeBlinkLeft"]] = 1.0 if 20 <= index < 23 else 0.0
        state = step(Steady(), FaceFit(), state, round(index * 1e9 / 30), shapes)
        closed = max(closed, float(state.shapes_unit[ROW["eyeBlinkLeft"]]))
    assert closed > 0.85


def test_a_gap_starts_afresh() -> None:
    state = step(Steady(), FaceFit(), None, 0, np.zeros(52))
    state = step(Steady(), FaceFit(), state, 3_000_000_000, np.ones(52))
    assert state.shapes_unit[SUPPORTED] == pytest.approx(1.0)


# --- the file ---------------------------------------------------------------------------------------------------------


def test_a_face_file_reads_back_what_was_measured() -> None:
    dice = np.random.default_rng(1)
    fit = FaceFit(neutral_unit=tuple(dice.uniform(0, 0.9, 52)), gain_unit=tuple(dice.uniform(1, 4, 52)))
    again = face_of(face_text("p07", fit), "p07.face.toml")
    assert again.neutral_unit == pytest.approx(fit.neutral_unit, abs=1e-4)
    assert again.gain_unit == pytest.approx(fit.gain_unit, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("schema = 2", "x.toml: Invalid enum value 2"),
        ('schema = 1\nperformer = "a"\n[neutral]\njawOpne = 0.1', "x.toml: jawOpne is none of ARKit's shapes"),
        ('schema = 1\nperformer = "a"\n[neutral]\njawOpen = 1.5', "x.toml: Expected `float` <= 1.0"),
        ("schema = ", "x.toml: Invalid value"),
    ],
)
def test_a_wrong_face_file_says_where(text: str, said: str) -> None:
    with pytest.raises(FaceFileFault) as fault:
        face_of(text, "x.toml")
    assert str(fault.value).startswith(said)
