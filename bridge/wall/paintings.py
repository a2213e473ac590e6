"""Reads the view service's pictures and puts them together for painting: each camera's newest that could be read, with
the pose it was drawn for, and the surround."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.clock import NS_PER_S
from bridge.messages import EnvironmentView
from bridge.pictures import PictureReader
from bridge.wall.heard import SURROUND, Wish
from bridge.wall.views import NO_VIEWS, NOTHING_PAINTED, Painting, Views, views
from bridge.world.world import gain

STALE_NS = NS_PER_S
"""A camera's view that is so much older than the camera's pose is not shown: its view service has stopped. The surround
holds for any pose, so it stays."""


class _Had(NamedTuple):
    told: EnvironmentView
    pixels: NDArray[np.float16]


class Paintings:
    """Pictures that were read once are kept until newer ones could be read."""

    def __init__(self) -> None:
        self._reader = PictureReader()
        self._had: dict[str, _Had] = {}
        self._surround: tuple[tuple[int, ...], Views] = (), NO_VIEWS

    def of(self, wish: Wish, exposure_ev: float) -> tuple[Wish, Painting]:
        """What to paint, and for which poses: a camera that has a view is drawn at the pose that its view has."""
        if not wish.views:
            self._had.clear()
            return wish, NOTHING_PAINTED
        self._read(wish)
        poses, row, shown = list(wish.poses), np.full(len(wish.poses), -1, np.int64), list[_Had]()
        for index, pose in enumerate(poses):
            had = self._had.get(pose.subject)
            if had and had.told.pose and pose.t_ns - had.told.pose.t_ns < STALE_NS:
                poses[index], row[index] = had.told.pose, len(shown)
                shown.append(had)
        inner = views([had.told for had in shown], [had.pixels for had in shown])
        painting = Painting(inner, row, self._around(), gain(exposure_ev + wish.scene.exposure_ev))
        return wish._replace(poses=tuple(poses)), painting

    def close(self) -> None:
        """Let the pictures go."""
        self._reader.close()

    def _read(self, wish: Wish) -> None:
        """What is newer than what we have; a picture overwritten meanwhile leaves the last one."""
        for told in wish.views:
            had = self._had.get(told.subject)
            if had and _number(had.told) == _number(told):
                continue
            pixels = self._reader.read(told.picture)
            if pixels is not None and pixels.dtype == np.float16 and pixels.ndim == 3:
                self._had[told.subject] = _Had(told, pixels)

    def _around(self) -> Views:
        """A few million pixels, so put together only when one of its pictures is new."""
        faces = [had for name, had in self._had.items() if name.startswith(SURROUND)]
        numbers = tuple(number for had in faces for number in _number(had.told))
        if numbers != self._surround[0]:
            self._surround = numbers, views([had.told for had in faces], [had.pixels for had in faces])
        return self._surround[1]


def _number(told: EnvironmentView) -> tuple[int, int]:
    return hash(told.picture.path), told.picture.generation
