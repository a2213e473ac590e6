"""STMaps: pictures that say for each pixel where in another picture to look. Made of a lens, and a lens found in one.

Red is s, from the left; green is t, from the bottom (Nuke's way) or from the top. 0 and 1 are the outer edges, so the
centre of pixel (x, y) of a picture that looks at itself holds ((x + 0.5) / w, (y + 0.5) / h).
A map that undistorts has the undistorted picture's pixels and looks into the plate; one that distorts has the plate's
pixels and looks into the undistorted picture, which is wider by `margin_px` on each side, so that nothing is lost.
"""

import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, cast

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import optimize  # pyright: ignore[reportMissingTypeStubs]

from bridge.distortion import distort, fold_radius, opencv_model, pixel_from_plane, plane_from_pixel, undistort
from bridge.incamera.photograph_kernels import Eight, lattice_rays
from bridge.messages import Distortion, LensState
from bridge.sight import border_px

Floats = NDArray[np.float64]
Origin = Literal["bottom-left", "top-left"]
Kind = Literal["undistort", "distort"]

ORIGINS: tuple[Origin, ...] = ("bottom-left", "top-left")
_optimize: Any = optimize
_MOST_WIDER = 1.0
_OUTSIDE = -1.0
_GOOD_ENOUGH_PX = 0.01
_PLAIN = ("k1_unit", "k2_unit", "p1_unit", "p2_unit")
_LADDER = (_PLAIN[:2], _PLAIN, (*_PLAIN, "k3_unit"), (*_PLAIN, "k3_unit", "k4_unit", "k5_unit", "k6_unit"))
_CENTRED_PX = 0.5  # what a centre off by a whole picture costs: it shows in nothing where there is no distortion
_COLUMNS, _TRIES = 33, 25


class StMapFault(ValueError):
    """A lens that cannot be said as maps, or a map that says no lens."""


class Optic(NamedTuple):
    """A lens and the picture it makes."""

    lens: LensState
    sensor_mm: tuple[float, float]
    resolution_px: tuple[int, int]


def margin_px(optic: Optic) -> tuple[int, int]:
    """How much wider than the plate, on each side, the undistorted picture is: left and right, top and bottom."""
    width, height = optic.resolution_px
    straight = _straight_px(optic, border_px(optic.resolution_px, 256))
    if not np.isfinite(straight).all():
        raise StMapFault("the distortion folds over inside the picture: no map leads back; calibrate the lens again")
    over = np.maximum(np.maximum(-straight, straight - (width, height)).max(axis=0), 0.0)
    across, down = (math.ceil(value) for value in over)
    if across > _MOST_WIDER * width or down > _MOST_WIDER * height:
        raise StMapFault(f"undistorted, the picture is {across} x {down} pixels wider on each side: no map for that")
    return across, down


def _straight_px(optic: Optic, pixels: Floats) -> Floats:
    plane = undistort(optic.lens.distortion, plane_from_pixel(*optic, pixels))
    return pixel_from_plane(*optic, plane)


def undistorting(optic: Optic, margin: tuple[int, int]) -> Floats:
    """[H + 2 m, W + 2 m, 2], where in the plate, in pixels, each undistorted pixel's light is; nan beyond the fold."""
    width, height = optic.resolution_px
    x, y = np.arange(width + 2 * margin[0]) + 0.5 - margin[0], np.arange(height + 2 * margin[1]) + 0.5 - margin[1]
    plane = plane_from_pixel(*optic, np.stack(np.meshgrid(x, y), axis=-1))
    return pixel_from_plane(*optic, distort(optic.lens.distortion, plane))


def distorting(optic: Optic, margin: tuple[int, int]) -> Floats:
    """[H, W, 2], where in the undistorted picture with its margin each pixel of the plate is to be fetched."""
    width, height = optic.resolution_px
    ends = plane_from_pixel(*optic, np.array([(0.5, 0.5), (1.5, 1.5)]))
    xy = np.array([ends[0, 0], ends[1, 0] - ends[0, 0], ends[0, 1], ends[1, 1] - ends[0, 1]])
    bent, directions = optic.lens.distortion, np.empty((width * height, 3))
    k = cast(Eight, tuple(map(float, msgspec.structs.astuple(bent))))
    lattice_rays(width, xy, np.eye(3), k, fold_radius(bent), directions)
    straight = pixel_from_plane(*optic, directions[:, :2] / directions[:, 2:])
    return straight.reshape(height, width, 2) + np.array(margin)


def st_of(pixels: Floats, size_px: tuple[int, int], origin: Origin) -> NDArray[np.float32]:
    """Pixels of a picture of `size_px` as s and t; what looks nowhere is -1."""
    st = pixels / np.array(size_px)
    if origin == "bottom-left":
        st[..., 1] = 1.0 - st[..., 1]
    return np.nan_to_num(st, nan=_OUTSIDE).astype(np.float32)


def pixels_of(st: NDArray[np.floating], size_px: tuple[int, int], origin: Origin) -> Floats:
    """The inverse of `st_of`; nan outside the picture."""
    at = st.astype(np.float64)
    at[~((at >= 0.0) & (at <= 1.0)).all(axis=-1)] = np.nan
    if origin == "bottom-left":
        at[..., 1] = 1.0 - at[..., 1]
    return at * np.array(size_px)


# --- a lens found in a map ------------------------------------------------------------------------------------------


class Map(NamedTuple):
    """A map as it was read."""

    st: NDArray[np.float32]
    """[H, W, 2]."""
    kind: Kind
    margin_px: tuple[int, int] = (0, 0)
    """Of the undistorted picture."""


class FromMap(NamedTuple):
    """A lens that does what a map does."""

    lens: LensState
    origin: Origin
    scale_unit: float
    """How much larger the map's undistorted picture is than this focal length makes it."""
    rms_px: float
    worst_px: float
    """Of the whole plate, in its pixels."""


def lens_of_map(found: Map, optic: Optic, origin: Origin | None) -> FromMap:
    """OpenCV's coefficients and the centre, for the focal length of `optic`; both origins are tried where none is said.

    StMapFault where the map is of another shape, or no lens of ours does what it does.
    """
    pairs = {one: _pairs(found, optic, one) for one in ORIGINS}
    fits = {one: _fit(*pairs[one], optic, one, _LADDER[:1]) for one in ORIGINS}  # the wrong one is off by far
    best = min(fits.values(), key=lambda fit: fit.rms_px)
    if origin is not None and fits[origin].rms_px > 10 * max(best.rms_px, 0.05):
        raise StMapFault(
            f"origin: with {origin} the map is {fits[origin].rms_px:.1f} px from any lens, with {best.origin} "
            f"{best.rms_px:.2f} px: its origin seems to be {best.origin}"
        )
    chosen = origin or best.origin
    return _fit(*pairs[chosen], optic, chosen, _LADDER)


def _pairs(found: Map, optic: Optic, origin: Origin) -> tuple[Floats, Floats]:
    """Undistorted and distorted places of the same light [n, 2], both in the plate's pixels, on a coarse grid."""
    tall, wide = found.st.shape[:2]
    width, height = optic.resolution_px
    rows = np.array(_spread(tall, max(round(_COLUMNS * height / width), 2)))
    columns = np.array(_spread(wide, _COLUMNS))
    here = np.stack(np.meshgrid(columns + 0.5, rows + 0.5), axis=-1)
    margin = np.array(found.margin_px)
    whole = np.array(optic.resolution_px) + 2 * margin  # of the undistorted picture
    if found.kind == "undistort":
        there = pixels_of(found.st[np.ix_(rows, columns)], optic.resolution_px, origin)
        straight, bent = here * (whole / (wide, tall)) - margin, there
    else:
        there = pixels_of(found.st[np.ix_(rows, columns)], (int(whole[0]), int(whole[1])), origin)
        straight, bent = there - margin, here * (np.array(optic.resolution_px) / (wide, tall))
    seen = np.isfinite(straight).all(axis=-1) & np.isfinite(bent).all(axis=-1)
    if seen.sum() < 50:
        raise StMapFault(f"only {seen.sum()} of {seen.size} places of the map are inside the picture: expected most")
    return straight[seen], bent[seen]


def _spread(count: int, chosen: int) -> list[int]:
    return sorted({round((count - 1) * step / (chosen - 1)) for step in range(chosen)})


def _fit(straight: Floats, bent: Floats, optic: Optic, origin: Origin, ladder: Sequence[tuple[str, ...]]) -> FromMap:
    """The simplest formula that is as good as one can see."""
    best: FromMap | None = None
    start = np.zeros(3)
    for terms in ladder:
        begin = np.concatenate((start, np.zeros(3 + len(terms) - len(start))))
        steps = np.array([0.01, 0.01, 0.1] + [0.003 if term[0] == "p" else 0.1 for term in terms])
        answer = _optimize.least_squares(
            _misses, begin, x_scale=steps, max_nfev=_TRIES, args=(terms, optic, straight, bent)
        )
        start = np.asarray(answer.x, np.float64)
        off = np.hypot(*(_bent(start, terms, optic, straight) - bent).T)
        rms = math.sqrt(float((off**2).mean()))
        if best is None or rms < 0.5 * best.rms_px:
            lens = _lens_of(start, terms, optic)
            best = FromMap(lens, origin, math.exp(start[2]), rms, float(off.max()))
        if best.worst_px < _GOOD_ENOUGH_PX:
            break
    assert best is not None
    return best


def _misses(x: Floats, terms: tuple[str, ...], optic: Optic, straight: Floats, bent: Floats) -> Floats:
    return np.concatenate(((_bent(x, terms, optic, straight) - bent).ravel(), _CENTRED_PX * x[:2]))


def _lens_of(x: Floats, terms: tuple[str, ...], optic: Optic) -> LensState:
    """x: offset right and down in sensor widths, log of the scale, then the coefficients."""
    offset = (float(x[0]) * optic.sensor_mm[0], float(x[1]) * optic.sensor_mm[0])
    bent = Distortion(**dict(zip(terms, (float(k) for k in x[3:]), strict=True)))
    return msgspec.structs.replace(optic.lens, projection_offset_mm=offset, distortion=bent)


def _bent(x: Floats, terms: tuple[str, ...], optic: Optic, straight: Floats) -> Floats:
    lens = _lens_of(x, terms, optic)
    plane = plane_from_pixel(lens, *optic[1:], straight) / math.exp(float(x[2]))
    moved = np.stack(opencv_model(lens.distortion, plane[:, 0], plane[:, 1]), axis=1)
    return pixel_from_plane(lens, *optic[1:], moved)
