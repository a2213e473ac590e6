"""A whole take against a performer who is known, seen as a detector sees him."""

import functools

import numpy as np

from capture.benches.accuracy import lived
from capture.benches.clips import frames_of, sets_of
from capture.benches.figures import Figures, figures
from capture.seen import Seen
from capture.solve import measures, take
from capture.solve.matching import SeenSet
from capture.solve.performer import Solving
from capture.synthetic.bodies import body_named
from capture.synthetic.cameras import ring
from capture.synthetic.observe import observed
from capture.synthetic.truth import Performance, performed

RATE_HZ, FRAMES = 30.0, 60
RIG = ring(3)._replace(rms_px=0.4)
WHO = Performance(body_named("mannequin", None), "reach")
TRUTH_M = performed(WHO, np.arange(FRAMES) / RATE_HZ).joints_m


@functools.cache
def seen() -> list[tuple[Seen, ...]]:
    return observed(WHO, RIG, range(FRAMES))


def solved(sets: list[SeenSet]) -> take.Take:
    found = take.solve(Solving(RIG), sets, RATE_HZ)
    assert found is not None
    return found


@functools.cache
def whole() -> tuple[take.Take, Figures]:
    sets = sets_of(RIG, seen(), 0.2)
    found = solved(sets)
    return found, figures(found.joints_m, TRUTH_M[frames_of(sets)], RATE_HZ)


def test_a_take_does_not_lag_and_its_bones_are_constant() -> None:
    found, said = whole()
    assert len(found.t_ns) == FRAMES
    assert found.seen.all()
    assert abs(said.lag_frames) < 0.15
    assert measures.length_variation_unit(found.joints_m, measures.TEN[:8]) < 1e-9


def test_a_take_is_nearer_and_calmer_than_the_same_moments_live() -> None:
    _, said = whole()
    at, joints = lived(Solving(RIG), sets_of(RIG, seen()))
    live = figures(joints, TRUTH_M[at], RATE_HZ)
    assert said.mean_mm < live.mean_mm
    assert said.jitter_m_s2_unit < live.jitter_m_s2_unit
    assert abs(said.lag_frames) < abs(live.lag_frames)


def without(gone: range) -> take.Take:
    """Nobody is seen in these moments."""
    nobody = {"body_px": None, "left_hand_px": None, "right_hand_px": None}
    return solved(
        sets_of(
            RIG, [tuple(one._replace(**nobody) if k in gone else one for one in m) for k, m in enumerate(seen())], 0.2
        )
    )


def test_a_short_gap_is_bridged_and_said() -> None:
    gone = range(30, 36)
    found, (undisturbed, _) = without(gone), whole()
    assert np.flatnonzero(~found.seen).tolist() == list(gone)
    assert np.isnan(found.landmarks_m[gone]).all()
    away = measures.error_mm(found.joints_m, undisturbed.joints_m)[:, measures.TWELVE_ROWS].mean(axis=1)
    assert away.max() < 30.0
    assert away[: gone.start - 3].max() < 5.0
    assert away[gone.stop + 3 :].max() < 5.0
    moved = np.linalg.norm(np.diff(found.joints_m[:, measures.TWELVE_ROWS], axis=0), axis=-1)
    assert moved[gone.start - 2 : gone.stop + 2].max() < 2.0 * moved.max(axis=1).mean() + 0.03


def test_over_a_long_gap_the_pose_is_held_and_the_gap_said() -> None:
    gone = range(25, 40)
    found = without(gone)
    assert np.flatnonzero(~found.seen).tolist() == list(gone)
    assert np.ptp(found.joints_m[list(gone)][:, measures.TWELVE_ROWS], axis=0).max() < 0.005
