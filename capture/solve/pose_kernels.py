"""The skeleton's joints, and how every marker moves with every joint, compiled."""

import numpy as np

from bridge.compiled import compiled


@compiled
def forward(parents: np.ndarray, rest_m: np.ndarray, rotations: np.ndarray, root_m: np.ndarray, out: np.ndarray) -> None:
    """Into out [B, 4, 3]: rows 0..2 stage_from_bone, row 3 the joint; what `capture.bones.forward` says."""
    for bone in range(len(parents)):
        parent = parents[bone]
        for i in range(3):
            if parent < 0:
                out[bone, 3, i] = root_m[i]
                for j in range(3):
                    out[bone, i, j] = rotations[bone, i, j]
                continue
            at = out[parent, 3, i]
            for k in range(3):
                at += out[parent, i, k] * rest_m[bone, k]
            out[bone, 3, i] = at
            for j in range(3):
                total = 0.0
                for k in range(3):
                    total += out[parent, i, k] * rotations[bone, k, j]
                out[bone, i, j] = total


@compiled
def misfit(
    placed: np.ndarray, joint: np.ndarray, frame: np.ndarray, offset_m: np.ndarray, points: np.ndarray, told: np.ndarray
) -> np.ndarray:
    """[M, 7]: from the marker to its point, the marker's place, and its squared distance in standard deviations."""
    out = np.empty((len(joint), 7))
    for m in range(len(joint)):
        for i in range(3):
            at = placed[joint[m], 3, i]
            for k in range(3):
                at += placed[frame[m], i, k] * offset_m[m, k]
            out[m, 3 + i] = at
            out[m, i] = points[m, i] - at
        far = 0.0
        for i in range(3):
            for k in range(3):
                far += out[m, i] * told[m, i, k] * out[m, k]
        out[m, 6] = far
    return out


@compiled
def add_marker(
    arms: np.ndarray, unknown: np.ndarray, told: np.ndarray, off: np.ndarray, normal: np.ndarray, moment: np.ndarray
) -> None:
    """One marker's part: arms [T, 3] say how it moves with each of T terms, which belong to the unknowns [T]."""
    pulled = np.empty(3)
    for a in range(len(unknown)):
        row = unknown[a]
        for i in range(3):
            pulled[i] = arms[a, 0] * told[0, i] + arms[a, 1] * told[1, i] + arms[a, 2] * told[2, i]
        moment[row] += pulled[0] * off[0] + pulled[1] * off[1] + pulled[2] * off[2]
        for b in range(len(unknown)):
            normal[row, unknown[b]] += pulled[0] * arms[b, 0] + pulled[1] * arms[b, 1] + pulled[2] * arms[b, 2]


@compiled
def assemble(
    placed: np.ndarray,
    off: np.ndarray,
    told: np.ndarray,
    chains: tuple[np.ndarray, np.ndarray],
    terms: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    unknowns: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Normal equations of the root's three and all joints' unknowns; off [M, 7] as `misfit` says it.

    `chains`: each marker's joint, and [M, T] whether a term moves the joint (1), the offset (2) or both (3).
    """
    joint, reach = chains
    bone, axis, unknown, share = terms
    normal, moment = np.zeros((unknowns, unknowns)), np.zeros(unknowns)
    arms, rows = np.zeros((len(bone) + 3, 3)), np.zeros(len(bone) + 3, dtype=np.int64)
    arm = np.empty(3)
    for i in range(3):
        arms[i, i], rows[i] = 1.0, i
    for m in range(len(joint)):
        if told[m, 0, 0] + told[m, 1, 1] + told[m, 2, 2] <= 0.0:
            continue
        count = 3
        for t in range(len(bone)):
            if reach[m, t] == 0:
                continue
            for i in range(3):
                at = placed[joint[m], 3, i]
                arm[i] = (at - placed[bone[t], 3, i]) if reach[m, t] & 1 else 0.0
                if reach[m, t] & 2:
                    arm[i] += off[m, 3 + i] - at
            u = placed[bone[t], 0, axis[t]] * share[t]
            v = placed[bone[t], 1, axis[t]] * share[t]
            w = placed[bone[t], 2, axis[t]] * share[t]
            arms[count, 0] = v * arm[2] - w * arm[1]
            arms[count, 1] = w * arm[0] - u * arm[2]
            arms[count, 2] = u * arm[1] - v * arm[0]
            rows[count] = unknown[t] + 3
            count += 1
        add_marker(arms[:count], rows[:count], told[m], off[m, :3], normal, moment)
    return normal, moment
