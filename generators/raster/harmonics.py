"""Real spherical harmonics up to degree 3 in INRIA's order and signs (Kerbl et al. 2023)."""

import numpy as np
from numpy.typing import NDArray

Floats32 = NDArray[np.float32]

C0 = 0.28209479177387814
C1 = 0.4886025119029199
C2 = (1.0925484305920792, -1.0925484305920792, 0.31539156525252005, -1.0925484305920792, 0.5462742152960396)
C3 = (
    -0.5900435899266435,
    2.890611442640554,
    -0.4570457994644658,
    0.3731763325901154,
    -0.4570457994644658,
    1.445305721320277,
    -0.5900435899266435,
)


def basis(directions: NDArray[np.floating], count: int) -> Floats32:
    """Y_k [N, count] of unit directions [N, 3]; `count` is 1, 4, 9 or 16."""
    x, y, z = np.asarray(directions, np.float32).T
    found = [np.full_like(x, C0)]
    if count > 1:
        found += [-C1 * y, C1 * z, -C1 * x]
    if count > 4:
        xx, yy, zz = x * x, y * y, z * z
        found += [C2[0] * x * y, C2[1] * y * z, C2[2] * (2 * zz - xx - yy), C2[3] * x * z, C2[4] * (xx - yy)]
        if count > 9:
            found += [
                C3[0] * y * (3 * xx - yy),
                C3[1] * x * y * z,
                C3[2] * y * (4 * zz - xx - yy),
                C3[3] * z * (2 * zz - 3 * xx - 3 * yy),
                C3[4] * x * (4 * zz - xx - yy),
                C3[5] * z * (xx - yy),
                C3[6] * x * (xx - 3 * yy),
            ]
    return np.stack(found, axis=1).astype(np.float32)


def colours_seen(sh: Floats32, means_m: Floats32, eye_m: NDArray[np.floating]) -> Floats32:
    """sRGB-encoded colours [N, 3] of splats seen from `eye_m` [3], at least 0."""
    if sh.shape[1] == 1:
        return np.maximum(0.5 + np.float32(C0) * sh[:, 0], 0).astype(np.float32)
    towards = means_m - np.asarray(eye_m, np.float32)
    towards /= np.maximum(np.linalg.norm(towards, axis=1, keepdims=True), 1e-9)
    return np.maximum(0.5 + np.einsum("nk,nkc->nc", basis(towards, sh.shape[1]), sh), 0).astype(np.float32)
