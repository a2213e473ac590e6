"""Pictures between the processes of one host: pixels in a map, a ticket with path, slot and generation on the bus.

Nobody waits: a writer goes round its slots, and a reader that was too slow is told so instead of given a torn picture.
"""

import contextlib
import os
from collections import OrderedDict
from collections.abc import Generator
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from bridge import picture_map
from bridge.messages import PictureTicket
from bridge.picture_map import NoRoom, PictureMap, fence

__all__ = ["NoRoom", "PictureReader", "PictureWriter", "TicketFields"]

_MAPS_HELD = 16


class TicketFields(TypedDict):
    """What a PictureTicket says about where the pixels are."""

    path: str
    slot: int
    generation: int
    height_px: int
    width_px: int
    channels: int
    dtype: Any


class PictureWriter:
    """Writes pictures [H, W, C] of one size. A picture stays readable until `slots - 1` more have been begun.

    Maps left by processes that died are swept away first. Raises NoRoom.
    """

    def __init__(
        self, name: str, shape: tuple[int, int, int], dtype: str, *, slots: int = 3, folder: Path | None = None
    ) -> None:
        folder = folder or picture_map.default_folder()
        picture_map.sweep(folder)
        self._map, self._descriptor = picture_map.create(folder, name, shape, dtype, slots)
        self._count = 0

    @property
    def path(self) -> Path:
        """Of the map."""
        return self._map.path

    @property
    def last(self) -> TicketFields:
        """The ticket of the newest complete picture."""
        height, width, channels = self._map.shape
        return TicketFields(
            path=str(self._map.path),
            slot=(self._count - 1) % len(self._map.slots),
            generation=2 * self._count,
            height_px=height,
            width_px=width,
            channels=channels,
            dtype=self._map.dtype.name,
        )

    def write(self, picture: NDArray[Any]) -> TicketFields:
        """Copy a picture in. ValueError for another shape or dtype."""
        if picture.shape != self._map.shape or picture.dtype != self._map.dtype:
            raise ValueError(
                f"{self._map.path.name}: expected {self._map.shape} {self._map.dtype}, "
                f"got {picture.shape} {picture.dtype}"
            )
        with self.slot() as pixels:
            np.copyto(pixels, picture)
        return self.last

    @contextlib.contextmanager
    def slot(self) -> Generator[NDArray[Any]]:
        """The next slot's pixels to draw in place; the ticket is `last` afterwards. An error leaves it unreadable."""
        count = self._count + 1
        slot, generations = (count - 1) % len(self._map.slots), self._map.generations
        generations[slot] = 2 * count - 1
        fence()
        yield self._map.slots[slot]
        fence()
        generations[slot] = 2 * count
        self._count = count

    def close(self) -> None:
        """Remove the map; readers that have it open keep their last picture."""
        path = self._map.path
        self._map.close()
        os.close(self._descriptor)
        with contextlib.suppress(OSError):
            path.unlink()


class PictureReader:
    """Reads by ticket; `overwritten` counts pictures asked for too late, `refused` tickets that were none of ours."""

    def __init__(self, folder: Path | None = None) -> None:
        self.overwritten = 0
        self.refused = 0
        self._folder = folder or picture_map.default_folder()
        self._maps: OrderedDict[str, PictureMap] = OrderedDict()

    def read(self, ticket: PictureTicket, out: NDArray[Any] | None = None) -> NDArray[Any] | None:
        """A copy [H, W, C], in `out` where given; None when the picture is gone or was overwritten meanwhile."""
        pixels = self.view(ticket)
        if pixels is None:
            return None
        if out is None:
            out = np.empty_like(pixels)
        np.copyto(out, pixels, casting="no")
        return out if self.unchanged(ticket) else None

    def view(self, ticket: PictureTicket) -> NDArray[Any] | None:
        """The pixels in place, read-only, or None; whatever was made of them counts only if `unchanged` afterwards."""
        found = self._map(ticket)
        if found is None:
            return None
        if int(found.generations[ticket.slot]) != ticket.generation:
            self.overwritten += 1
            return None
        fence()
        return found.slots[ticket.slot]

    def unchanged(self, ticket: PictureTicket) -> bool:
        """Whether the picture is still the ticket's; False is counted."""
        fence()
        found = self._maps.get(ticket.path)
        same = found is not None and int(found.generations[ticket.slot]) == ticket.generation
        self.overwritten += not same
        return same

    def close(self) -> None:
        """Let all maps go."""
        while self._maps:
            self._maps.popitem()[1].close()

    def _map(self, ticket: PictureTicket) -> PictureMap | None:
        found = self._maps.get(ticket.path) or self._open(ticket.path)
        if found is None:
            return None
        shape = (ticket.height_px, ticket.width_px, ticket.channels)
        odd = ticket.generation % 2 or ticket.generation <= 0
        if shape != found.shape or ticket.dtype != found.dtype.name or not 0 <= ticket.slot < len(found.slots) or odd:
            self.refused += 1
            return None
        return found

    def _open(self, path: str) -> PictureMap | None:
        """Only maps in our own folder: a ticket must not make a reader open any file."""
        try:
            if Path(path).parent != self._folder or not path.endswith(picture_map.SUFFIX):
                raise ValueError(path)
            found = self._maps[path] = picture_map.open_to_read(Path(path))
        except FileNotFoundError:
            self.overwritten += 1
            return None
        except (OSError, ValueError):
            self.refused += 1
            return None
        if len(self._maps) > _MAPS_HELD:
            self._maps.popitem(last=False)[1].close()
        return found
