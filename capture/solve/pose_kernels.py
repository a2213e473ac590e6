"""The skeleton's joints, and how every marker moves with every joint, compiled."""

import numpy as np

from bridge.compiled import compiled


@compiled
def forward(
    parents: np.ndarray, rest_m: np.ndarray, rotations: np.ndarray, root_m: np.ndarray, out: np.ndarray
) -> None:
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
def slopes(
    placed: np.ndarray,
    off: np.ndarray,
    chains: tuple[np.ndarray, np.ndarray],
    terms: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    unknowns: int,
) -> np.ndarray:
    """[M, 3, 3 + D]: how each marker moves with the root and with every unknown; off [M, 7] as `misfit` says it.

    `chains`: each marker's joint, and [M, T] whether a term moves the joint (1), the offset (2) or both (3).
    """
    joint, reach = chains
    bone, axis, unknown, share = terms
    out = np.zeros((len(joint), 3, unknowns))
    arm = np.empty(3)
    for m in range(len(joint)):
        for i in range(3):
            out[m, i, i] = 1.0
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
            out[m, 0, 3 + unknown[t]] += v * arm[2] - w * arm[1]
            out[m, 1, 3 + unknown[t]] += w * arm[0] - u * arm[2]
            out[m, 2, 3 + unknown[t]] += u * arm[1] - v * arm[0]
    return out
