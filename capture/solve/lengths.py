"""How long a performer's bones are: measured over the first seconds, symmetric, and then constant.

With the turns of a moment known, every marker is linear in the stretches (`template.STRETCHES`), so each moment adds
its part to one small system of normal equations, and solving that gives the bones of all moments together. First
guess: the distances between points, whose median no lost limb moves.
"""

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.bones import PARENTS
from capture.seen import BODY
from capture.solve.markers import ancestors, body_markers
from capture.solve.pose import Body, Laid, system
from capture.solve.template import LONG, STRETCHES, rest_template_m, size_of, stretch_rows, stretched
from capture.solve.turns import solve

Floats = NDArray[np.float64]

_AT = {name: row for row, name in enumerate(BODY)}
_CHAINS = (("hip", "knee"), ("knee", "ankle"), ("hip", "shoulder"), ("shoulder", "elbow"), ("elbow", "wrist"))
_ENDS = np.array([[[_AT[f"{side}_{end}"] for end in chain] for chain in _CHAINS] for side in ("left", "right")])
"""[2, 5, 2]: left and right, each bone's ends."""
_ALIKE = 0.06
"""Standard deviation of a stretch against the whole body's size."""
_TRUST = 0.1  # consecutive moments say nearly the same: so much of each counts


class Tally(NamedTuple):
    """Normal equations of the stretches."""

    normal: Floats
    moment: Floats
    moments: int = 0


def nothing() -> Tally:
    """No moment taken in yet."""
    return Tally(np.zeros((len(STRETCHES),) * 2), np.zeros(len(STRETCHES)))


def body_of(scales: Floats, body: Body) -> Body:
    """The body with these stretches and the same markers."""
    return body._replace(rest_m=stretched(scales), size_unit=size_of(scales))


def guess(landmarks_m: Floats, model: str) -> Floats:
    """Stretches [10] out of landmarks [F, 33, 3] alone: against the same distances on the template.

    Bones that nobody sees, as legs under a desk, are as much larger than the template's as those that are seen.
    """
    ratios = medians(_distances(landmarks_m)) / _home_m(model)
    overall = float(medians(ratios[:, None])[0])
    overall = overall if np.isfinite(overall) else 1.0
    ratios = np.where(np.isfinite(ratios), ratios, overall)
    named = dict(zip(LONG, ratios.tolist(), strict=True))
    return np.array([named.get(name, overall) for name in STRETCHES]).clip(0.8 * overall, 1.25 * overall)


def medians(values: Floats) -> Floats:
    """[...] of values [F, ...], each over those that are known; NaN of nothing. Of a few, numpy's takes ten times
    as long."""
    ordered, counts = np.sort(values, axis=0), np.isfinite(values).sum(axis=0)[None]
    lower, upper = np.maximum(counts - 1, 0) // 2, np.minimum(counts // 2, len(values) - 1)
    return ((np.take_along_axis(ordered, lower, 0) + np.take_along_axis(ordered, upper, 0)) / 2.0)[0]


@functools.cache
def _home_m(model: str) -> Floats:
    """[5]: the distances of the template as that detector sees it."""
    markers = body_markers(model)
    return _distances((_rest_joints()[markers.joint] + markers.offset_m)[None])[0]


def _rest_joints() -> Floats:
    joints, template = np.zeros((len(PARENTS), 3)), rest_template_m()
    for row, parent in enumerate(PARENTS):
        if parent >= 0:
            joints[row] = joints[parent] + template[row]
    return joints


def _distances(points: Floats) -> Floats:
    """[F, 5]: thigh, shin, trunk, upper arm, forearm, each the mean of both sides, or the one that is seen."""
    return medians(np.linalg.norm(points[:, _ENDS[..., 0]] - points[:, _ENDS[..., 1]], axis=-1).swapaxes(0, 1))


def take_in(tally: Tally, body: Body, scales: Floats, laid: Laid, told: tuple[Floats, Floats]) -> Tally:
    """One moment more: its laid pose, the points it was laid into and their information.

    The pose may still turn as the bones grow; it is eliminated (Schur's complement), so that the lengths found are
    those that fit best with the poses that go with them, not with the poses of wrong lengths.
    """
    known = system(body, laid, *told)
    arms = _slopes(body, laid)
    pulled = known.told @ arms
    flat, pull = arms.reshape(-1, len(STRETCHES)), pulled.reshape(-1, len(STRETCHES))
    mixed = known.slopes.reshape(len(flat), -1).T @ pull
    free = solve(known.normal + 1e-6 * np.eye(len(known.normal)), np.column_stack((mixed, known.moment)))
    normal = flat.T @ pull - mixed.T @ free[:, :-1]
    moment = pull.T @ known.off_m.reshape(-1) - mixed.T @ free[:, -1]
    return Tally(tally.normal + _TRUST * normal, tally.moment + _TRUST * (moment + normal @ scales), tally.moments + 1)


def solved(tally: Tally, scales: Floats) -> Floats:
    """The stretches [10] of everything taken in; what was not seen is as large as the rest of the performer."""
    alike = np.full(len(STRETCHES), _ALIKE**-2)
    found = scales
    for _ in range(3):
        found = solve(tally.normal + np.diag(alike), tally.moment + alike * size_of(found))
    return np.clip(found, 0.5, 1.6)


def _slopes(body: Body, laid: Laid) -> Floats:
    """[M, 3, G]: how each marker moves with each stretch, from the pelvis."""
    arms = np.zeros((len(PARENTS), 3, len(STRETCHES)))
    rows = np.array([row for row, parent in enumerate(PARENTS) if parent > 0])
    parents = np.array(PARENTS)[rows]
    arms[rows, :, stretch_rows()[rows]] = (laid.turns[parents] @ rest_template_m()[rows][:, :, None])[..., 0]
    above = ancestors()[body.markers.joint].astype(float) @ arms.reshape(len(PARENTS), -1)
    return above.reshape(-1, 3, len(STRETCHES))
