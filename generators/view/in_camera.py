"""What a camera photographs of walls that show an environment, against the environment seen directly: whether the
illusion holds in the picture, resolution of the LEDs and all."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage  # pyright: ignore[reportMissingTypeStubs]

from bridge.frames import Vector
from bridge.incamera.photograph import lattice, photograph
from bridge.messages import EnvironmentView, PictureTicket
from bridge.sight import Sight, focal_px
from bridge.tone import srgb
from bridge.wall.draw import blank, paint_rows
from bridge.wall.frustum import inner_frusta, view_outline
from bridge.wall.shape import Screen, pitch_m, points
from bridge.wall.views import NO_VIEWS, Painting, Views, sampled, views
from bridge.world.world import known_set
from generators.camera import Camera
from generators.view.framing import of_sight, rotation_of
from generators.view.show import Scene

Floats32 = NDArray[np.float32]
WIDEST_PX = 4096
_ndimage: Any = ndimage  # it has no types
_NOWHERE = PictureTicket(
    subject="", t_ns=0, path="", slot=0, generation=0, height_px=1, width_px=1, channels=3, dtype="float16"
)


class Seen(NamedTuple):
    """One camera at one moment."""

    photo: Floats32
    """[H, W, 3], of the walls; 1.0 is 100 nits."""
    direct: Floats32
    """[H, W, 3], the environment itself, no sharper than the walls can show it."""
    covered: NDArray[np.bool_]
    """[H, W]: an inner frustum on a lit wall."""
    psnr_db: float
    """Over what is covered, of both as a screen would show them (sRGB-encoded, 1.0 white)."""


def seen(scene: Scene, screens: Sequence[Screen], sight: Sight, margin_deg: float, gain_unit: float = 1.0) -> Seen:
    """The walls painted for this very pose, in their own pixels, and photographed."""
    near_m = _nearest_m(screens, sight)
    pitch = min(math.sqrt(math.prod(pitch_m(screen.shape, screen.pixels))) for screen in screens)
    view = _view(scene, of_sight(sight, margin_deg, _width_px(sight, margin_deg, near_m / pitch)))
    painting = Painting(view, np.zeros(1, np.int64), NO_VIEWS, gain_unit)
    inner, dark = inner_frusta([sight], [margin_deg]), known_set()._replace(gain_unit=0.0)
    shown: list[Floats32] = []
    for screen in screens:
        picture = blank(screen.pixels)
        paint_rows(screen, dark, inner, painting, sight.position_m, picture, (0, screen.pixels[1]))
        shown.append(np.where(picture.owner[..., None] >= 0, picture.light, np.float32(-1.0)))
    photo = photograph(sight, [screen.shape for screen in screens], [np.maximum(light, 0.0) for light in shown])
    inside = photograph(
        sight, [screen.shape for screen in screens], [(light >= 0).astype(np.float32) for light in shown]
    )
    covered = (photo.lit > 0.999) & (inside.light[..., 0] > 0.999)
    peak = min(screen.peak_unit for screen in screens)
    direct = _direct(scene, sight, margin_deg, pitch / near_m * focal_px(sight))
    direct = np.minimum(direct * np.float32(gain_unit), np.float32(peak))
    return Seen(photo.light, direct, covered, _psnr_db(photo.light[covered], direct[covered]))


def _direct(scene: Scene, sight: Sight, margin_deg: float, led_px: float) -> Floats32:
    """Rendered apart, as finely as the camera sees, and averaged over an LED: `led_px` is its size in camera pixels."""
    width, height = sight.resolution_px
    view = _view(scene, of_sight(sight, margin_deg, _width_px(sight, margin_deg, focal_px(sight))))
    light = sampled(view, 0, lattice(sight, 0.5, (width, height))).reshape(height, width, 3)
    sigma = led_px / math.sqrt(12.0)
    return np.asarray(_ndimage.gaussian_filter(np.nan_to_num(light), (sigma, sigma, 0.0)), np.float32)


def _view(scene: Scene, camera: Camera) -> Views:
    told = EnvironmentView(
        subject="camera",
        t_ns=0,
        environment=scene.content,
        position_m=camera.position_m,
        rotation_wxyz=rotation_of(camera),
        focal_px=camera.focal_px,
        centre_px=camera.centre_px,
        picture=_NOWHERE,
    )
    return views([told], [scene.light(camera, 0, 0)])


def _width_px(sight: Sight, margin_deg: float, pixels_per_unit: float) -> int:
    edge = view_outline(sight, margin_deg)[:, 0]
    return min(WIDEST_PX, max(64, round(float(edge.max() - edge.min()) * pixels_per_unit)))


def _nearest_m(screens: Sequence[Screen], sight: Sight) -> float:
    """To the nearest part of a wall."""
    uv = np.stack(np.meshgrid(np.linspace(0.02, 0.98, 33), np.linspace(0.02, 0.98, 33)), axis=-1)
    eye: Vector = sight.position_m
    return min(float(np.nanmin(np.linalg.norm(points(screen.shape, uv) - eye, axis=-1))) for screen in screens)


def _psnr_db(a: Floats32, b: Floats32) -> float:
    if not a.size:
        return math.nan
    off = srgb(np.clip(a, 0.0, 1.0)) - srgb(np.clip(b, 0.0, 1.0))
    return -10.0 * math.log10(max(float(np.mean(off * off)), 1e-12))
