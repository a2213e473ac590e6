"""The performer in the room as a camera films it: skin the figures, light them, draw them before the room, add grain.

A texture is filtered by its size on the picture, edges by four samples a pixel; the key light throws shadows on the
figures and on the floor.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage  # pyright: ignore[reportMissingTypeStubs]

from capture.rig import RigCamera, plane_from_pixel, plane_from_stage, project
from capture.synthetic.body import Mesh
from capture.synthetic.draw_kernels import compose, fill, grain, shade
from capture.synthetic.mesh_kernels import lit, vertex_normals
from capture.synthetic.openness import from_afar
from capture.synthetic.room_kernels import floor_shade, room

Floats = NDArray[np.float64]
Reals = NDArray[np.float32]
Picture = NDArray[np.uint8]
"""[H, W, 3], blue first as OpenCV has it."""

KEY = np.array([-0.45, -0.62, 0.88]) / np.linalg.norm([-0.45, -0.62, 0.88])
"""Where the key light is."""
_LIGHTS = np.array(
    [KEY, (1.45, 1.36, 1.25), (0.86, -0.42, 0.28), (0.28, 0.31, 0.36), (0.50, 0.51, 0.54), (0.27, 0.22, 0.18)]
)
_GRID, _GRID_HALF_M = 160, 3.2
_CURVE_STEPS = 4096
_MARGIN_PX = 3


class Figure(NamedTuple):
    """Something that stands in the room at one moment."""

    mesh: Mesh
    textures: tuple[Reals, ...]
    colours: Reals
    vertices_m: Reals
    normals: Reals
    reached: Reals
    """[V] by the key light."""


class Setting(NamedTuple):
    """What one camera sees where nobody stands."""

    camera: RigCamera
    behind: Reals
    floor_m: Reals
    plate: Picture


def figure(mesh: Mesh, textures: tuple[Reals, ...], colours: Reals, vertices_m: Reals) -> Figure:
    """Normals and shadows of vertices in the stage."""
    normals = np.empty_like(vertices_m)
    vertex_normals(vertices_m, mesh.triangles, normals)
    reached = from_afar(vertices_m, mesh.triangles, KEY.astype(np.float32), 384, 2)
    return Figure(mesh, textures, colours, vertices_m, normals, reached)


def setting(camera: RigCamera) -> Setting:
    """The empty room, seen once."""
    width, height = camera.size_px
    columns, rows = np.meshgrid((np.arange(2 * width) + 0.5) / 2, (np.arange(2 * height) + 0.5) / 2)
    plane = plane_from_pixel(camera, np.stack((columns, rows), axis=-1))
    turn = plane_from_stage(camera)[:, :3]
    rays = (plane @ turn[:2] + turn[2]).astype(np.float32)
    behind, floor_m = np.zeros((height, width, 3), np.float32), np.zeros((height, width, 2), np.float32)
    room(rays, np.array(camera.position_m, np.float32), floor_m, behind)
    plate = np.empty((height, width, 3), np.uint8)
    compose(np.zeros((height, width, 4), np.float32), behind, np.ones((height, width), np.float32), _CURVE, _ONE, plate)
    return Setting(camera, behind, floor_m, plate)


def filmed(
    view: Setting, moments: Sequence[Sequence[Figure]], noise: "Noise | None" = None, gain: Reals | None = None
) -> Picture:
    """A picture of the figures; several moments are one exposure, whose mean it is. `gain` [3] on the light."""
    whole = (0, 0, *view.camera.size_px)
    placed = [[_seen(view.camera, each) for each in figures] for figures in moments]
    left, top, right, bottom = whole if gain is not None else _window(view.camera, placed, moments)
    out = view.plate.copy()
    if right > left and bottom > top:
        part = np.zeros((bottom - top, right - left, 4), np.float32)
        shadow = np.zeros((bottom - top, right - left), np.float32)
        for figures, screens in zip(moments, placed, strict=True):
            _draw(view, figures, [screen - np.array([left, top, 0], np.float32) for screen in screens], part)
            shadow += _shadow(view, figures, (left, top), shadow.shape)
        behind, amount = view.behind[top:bottom, left:right], np.float32(1.0 / len(moments))
        compose(
            part * amount, behind, shadow * amount, _CURVE, _ONE if gain is None else gain, out[top:bottom, left:right]
        )
    if noise is not None:
        noise.add(out)
    return out


def matte(view: Setting, figures: Sequence[Figure]) -> Reals:
    """[H, W] 0..1: how much of each pixel the figures cover, at one moment."""
    width, height = view.camera.size_px
    part = np.zeros((height, width, 4), np.float32)
    _draw(view, figures, [_seen(view.camera, each) for each in figures], part)
    return part[..., 3]


class Noise:
    """A sensor's: one field drawn once, a window of it at random for each picture."""

    def __init__(self, size_px: tuple[int, int], sigma: float, seed: int) -> None:
        self._random = np.random.Generator(np.random.PCG64(seed))
        shape = (size_px[1] + 61, size_px[0] + 61, 3)
        self._field = np.clip(self._random.normal(0.0, sigma, shape).round(), -100, 100).astype(np.int8)

    def add(self, picture: Picture) -> None:
        """In place."""
        down, across = self._random.integers(0, 62, 2)
        grain(picture, self._field, int(down), int(across))


def _encoded() -> Picture:
    light = np.arange(_CURVE_STEPS) / (_CURVE_STEPS - 1)
    shown = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)
    return (255.0 * shown + 0.5).astype(np.uint8)


_CURVE, _ONE = _encoded(), np.ones(3, np.float32)


def _seen(camera: RigCamera, each: Figure) -> Reals:
    """[V, 3]: column, row, 1 / depth; depth 0 or less stays 0."""
    depth = each.vertices_m @ plane_from_stage(camera)[2, :3] + plane_from_stage(camera)[2, 3]
    near = np.where(depth > 0.1, 1.0 / np.maximum(depth, 0.1), 0.0)
    pixels = np.nan_to_num(project(camera, each.vertices_m), nan=-1e5)
    return np.concatenate((pixels, near[:, None]), axis=1).astype(np.float32)


def _window(
    camera: RigCamera, placed: Sequence[Sequence[Reals]], moments: Sequence[Sequence[Figure]]
) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what the figures and their shadows touch."""
    places: list[NDArray[np.floating]] = [screen[screen[:, 2] > 0, :2] for each in placed for screen in each]
    for figures in moments:
        for each in figures:
            fallen = each.vertices_m[::7, :2] - each.vertices_m[::7, 2:] * (KEY[:2] / KEY[2])
            places.append(project(camera, np.column_stack((fallen, np.zeros(len(fallen))))))
    every = np.concatenate([*places, np.empty((0, 2))])
    every = every[np.isfinite(every).all(axis=1)]
    if not len(every):
        return (0, 0, 0, 0)
    low = np.floor(every.min(axis=0)) - 24 * _MARGIN_PX
    high = np.ceil(every.max(axis=0)) + 24 * _MARGIN_PX
    width, height = camera.size_px
    return (int(max(0, low[0])), int(max(0, low[1])), int(min(width, high[0])), int(min(height, high[1])))


def _draw(view: Setting, figures: Sequence[Figure], screens: Sequence[Reals], part: Reals) -> None:
    """Add the figures to `part`, whose first pixel `screens` count from."""
    samples = (2 * part.shape[0], 2 * part.shape[1])
    nearness, owners = np.zeros(samples, np.float32), np.full(samples, -1, np.int32)
    placed = [screen * np.array([2.0, 2.0, 1.0], np.float32) for screen in screens]
    first = 0
    for each, screen in zip(figures, placed, strict=True):
        fill(screen, each.mesh.triangles, False, first, nearness, owners)
        first += len(each.mesh.triangles)
    first = 0
    lights = np.vstack((_LIGHTS, view.camera.position_m)).astype(np.float32)
    for each, screen in zip(figures, placed, strict=True):
        light = np.empty((len(each.vertices_m), 4), np.float32)
        lit(each.vertices_m, each.normals, each.mesh.open_to_sky, each.reached, lights, light)
        drawn = (each.mesh.triangles, each.mesh.corner_uv, each.mesh.materials, light)
        shade(nearness, owners, screen, drawn, _texture(each.textures, view.camera, screen), each.colours, first, part)
        first += len(each.mesh.triangles)


def _texture(textures: tuple[Reals, ...], camera: RigCamera, screen: Reals) -> Reals:
    """The finest that is not finer than the picture: a metre of skin is about half the texture."""
    pixels_per_metre = camera.focal_px[0] * float(np.median(screen[:, 2]))
    levels = int(np.floor(np.log2(max(0.55 * textures[0].shape[0] / max(pixels_per_metre, 1.0), 1.0)) + 0.3))
    return textures[min(levels, len(textures) - 1)]


def _shadow(view: Setting, figures: Sequence[Figure], corner: tuple[int, int], shape: tuple[int, int]) -> Reals:
    """[h, w]: what of its light the floor keeps."""
    grid = np.zeros((_GRID, _GRID, 2), np.float32)
    scale = _GRID / (2.0 * _GRID_HALF_M)
    for layer, toward, blur, most in ((0, KEY[:2] / KEY[2], 1.5, 0.55), (1, np.zeros(2), 2.5, 0.5)):
        near, owners = np.zeros((_GRID, _GRID), np.float32), np.empty((_GRID, _GRID), np.int32)
        for each in figures:
            low = each.vertices_m[:, 2] < (9.0 if layer == 0 else 0.55)
            fallen = each.vertices_m[:, :2] - each.vertices_m[:, 2:] * toward
            flat = np.column_stack(((fallen + _GRID_HALF_M) * scale, low)).astype(np.float32)
            fill(flat, each.mesh.triangles, True, 0, near, owners)
        grid[..., layer] = most * np.asarray(cast(Any, ndimage).gaussian_filter(near, blur, truncate=2.0), np.float32)
    out = np.empty(shape, np.float32)
    left, top = corner
    floor_shade(view.floor_m[top : top + shape[0], left : left + shape[1]], grid, _GRID_HALF_M, out)
    return out
