"""Which pixels of a picture are sky: what is even, reaches the top edge, and is brighter or bluer than what is below.

Even patches at the top edge are the seeds. A sunlit wall is one too, so seeds must look like sky beside the rest of the
picture, and much like the likeliest of them. Their colours, drawn out over the whole picture, then say pixel by pixel
what else is sky: a gap between leaves is, a crown before the sun is not.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage  # pyright: ignore[reportMissingTypeStubs]

from generators.push_pull import filled

_images: Any = ndimage
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_WIDE_PX = 320
_EVEN, _SMALLEST = (0.025, 0.012), 0.006
"""Slope per pixel of the small picture below which it is even: a second one where the first runs sky into walls, as fog
does. And the share of the picture that a seed must have."""
_BLUE_WEIGHS, _LIGHT_WEIGHS = 2.2, 1.1
_SKY, _BESIDE = 0.33, 0.3
"""What a seed must reach, and how much less than the likeliest it may."""
_LIKE = 0.11
"""How far a pixel may be from the colour that the sky would have there."""
_DARK, _LAMPLIT = 0.25, 0.05
"""A night sky is darker than what lamps light, and not of their orange."""
_SPECK = 0.002


def open_sky(encoded: NDArray[np.floating]) -> Mask:
    """[H, W], of sRGB-encoded colours [H, W, 3]. Empty where nothing looks like sky."""
    picture = np.asarray(encoded, np.float64)
    every = max(1, round(picture.shape[1] / _WIDE_PX))
    small = _images.gaussian_filter(picture, (0.5 * every, 0.5 * every, 0))[::every, ::every]
    seeds = _seeds(small)
    if not seeds.any():
        return np.zeros(picture.shape[:2], np.bool_)
    expected = _enlarged(filled(small.astype(np.float32), seeds, around=False), picture.shape[:2], every)
    like = np.abs(picture - expected).max(axis=2) < _LIKE
    return _whole(like, _images.binary_dilation(_at(seeds, like.shape, every), iterations=3 * every))


def _seeds(small: Floats) -> Mask:
    """Of the even patches at the top edge, those that are sky."""
    slope = np.max([np.hypot(*(_images.sobel(small[..., k], axis=a) / 8 for a in (0, 1))) for k in range(3)], axis=0)
    for most in _EVEN:
        sky = _chosen(small, _top_patches(slope < most))
        if sky.any():
            return sky
    return np.zeros(small.shape[:2], np.bool_)


def _top_patches(even: Mask) -> list[Mask]:
    even[2:] &= _images.binary_opening(even)[2:]
    labels, _ = _images.label(even)
    patches = [labels == label for label in np.unique(labels[:2]) if label]
    return [patch for patch in patches if patch.mean() >= _SMALLEST]


def _chosen(small: Floats, patches: list[Mask]) -> Mask:
    likely = [_likely(small, patch) for patch in patches]
    sky = np.zeros(small.shape[:2], np.bool_)
    for patch, value in zip(patches, likely, strict=True):
        if value > max(_SKY, max(likely) - _BESIDE):
            sky |= patch
    return sky


def _likely(small: Floats, where: Mask) -> float:
    """Bluer and brighter than the rest of the picture; by night, darker and bluer than what lamps light."""
    rest = ~_images.binary_dilation(where, iterations=2)
    if not rest.any():
        return 0.0
    up, down = small[where].mean(axis=0), small[rest].mean(axis=0)
    bluer, lighter = (up[2] - up[0]) - (down[2] - down[0]), up.mean() - down.mean()
    if up.mean() < _DARK and min(down[0] - down[1], down[1] - down[2], bluer) > _LAMPLIT:
        return 1.0
    return float(_BLUE_WEIGHS * bluer + _LIGHT_WEIGHS * lighter)


def _enlarged(small: NDArray[np.float32], shape: tuple[int, int], every: int) -> Floats:
    rows, columns = np.meshgrid(*(np.arange(size) / every for size in shape), indexing="ij")
    parts = [_images.map_coordinates(small[..., k], (rows, columns), order=1, mode="nearest") for k in range(3)]
    return np.stack(parts, axis=-1)


def _at(mask: Mask, shape: tuple[int, ...], every: int) -> Mask:
    return mask[np.ix_(*(np.arange(size) // every for size in shape))]


def _whole(like: Mask, seeds: Mask) -> Mask:
    """What hangs together with a seed, without the holes that specks of cloud, birds and the sun's disc leave."""
    labels, count = _images.label(like)
    kept = np.zeros(count + 1, np.bool_)
    kept[np.unique(labels[seeds & like])] = True
    kept[0] = False
    sky = kept[labels]
    labels, count = _images.label(~sky)
    specks = np.bincount(labels.ravel(), minlength=count + 1) < _SPECK * like.size
    specks[0] = False
    return np.asarray(sky | specks[labels], np.bool_)
