"""Panoramas and pinhole pictures, each read from the other. Equirectangular [H, 2H, C], row 0 up, the centre column
along +Y, right of centre towards +X; stage frame."""

import numpy as np
from numpy.typing import NDArray

from generators import equirectangular
from generators.camera import Camera
from generators.panorama_kernels import read_flat, read_turn

Floats32 = NDArray[np.float32]


def directions(height_px: int) -> Floats32:
    """Unit vectors [H, 2H, 3] of the pixels' centres, as exact as pictures are."""
    return equirectangular.directions(height_px).astype(np.float32)


def rays(camera: Camera) -> Floats32:
    """Unit vectors [h, w, 3] that a camera's pixels look along."""
    width, height = camera.size_px
    x = (np.arange(width) + 0.5 - camera.centre_px[0]) / camera.focal_px[0]
    y = (np.arange(height) + 0.5 - camera.centre_px[1]) / camera.focal_px[1]
    plane = np.empty((height, width, 3))
    plane[..., 0], plane[..., 1], plane[..., 2] = x, y[:, None], 1.0
    towards = plane @ np.asarray(camera.plane_from_stage)
    return (towards / np.linalg.norm(towards, axis=-1, keepdims=True)).astype(np.float32)


def in_directions(panorama: Floats32, towards: Floats32) -> Floats32:
    """A panorama's values [..., C] in directions [..., 3]."""
    picture = np.ascontiguousarray(panorama, np.float32)
    found = np.empty((towards.size // 3, picture.shape[2]), np.float32)
    read_turn(picture, np.ascontiguousarray(towards, np.float32).reshape(-1, 3), found)
    return found.reshape(*towards.shape[:-1], picture.shape[2])


def view(panorama: Floats32, camera: Camera) -> Floats32:
    """What a camera at the panorama's centre sees [h, w, C]."""
    return in_directions(panorama, rays(camera))


def places(camera: Camera, towards: Floats32) -> tuple[Floats32, NDArray[np.bool_]]:
    """(column, row) [..., 2] where a camera sees directions [..., 3], and whether its picture holds them."""
    plane = np.asarray(towards, np.float32) @ np.asarray(camera.plane_from_stage, np.float32).T
    ahead = plane[..., 2] > 1e-6
    deep = np.where(ahead, plane[..., 2], 1.0)
    found = np.empty((*plane.shape[:-1], 2), np.float32)
    found[..., 0] = camera.focal_px[0] * plane[..., 0] / deep + camera.centre_px[0]
    found[..., 1] = camera.focal_px[1] * plane[..., 1] / deep + camera.centre_px[1]
    width, height = camera.size_px
    inside = ahead & (found[..., 0] >= 0) & (found[..., 0] <= width) & (found[..., 1] >= 0) & (found[..., 1] <= height)
    return found, inside


def at_places(picture: Floats32, places_px: Floats32) -> Floats32:
    """A flat picture's values [N, C] at (column, row) [N, 2]."""
    found = np.empty((len(places_px), picture.shape[2]), np.float32)
    read_flat(np.ascontiguousarray(picture, np.float32), np.ascontiguousarray(places_px, np.float32), found)
    return found


def painted(picture: Floats32, camera: Camera, height_px: int) -> tuple[Floats32, NDArray[np.bool_]]:
    """A camera's picture [h, w, C] put where it looks in a panorama, black elsewhere; and where that is."""
    where, inside = places(camera, directions(height_px))
    canvas = np.zeros((height_px, 2 * height_px, picture.shape[2]), np.float32)
    canvas[inside] = at_places(picture, where[inside])
    return canvas, inside
