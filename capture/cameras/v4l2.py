"""Cameras that Linux knows, with their formats: the kernel's V4L2 structs, asked by ioctl.

OpenCV opens cameras but cannot list them. The layouts are those of linux/videodev2.h, which never change.
"""

import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from capture.cameras.address import CameraFault

SYSTEM = Path("/sys/class/video4linux")
QUERYCAP, ENUM_FMT, ENUM_FRAMESIZES, ENUM_FRAMEINTERVALS = 0x80685600, 0xC0405602, 0xC02C564A, 0xC034564B
_CAPTURE = 1
_HAS_DEVICE_CAPS, _VIDEO_CAPTURE = 0x80000000, 0x1
_DISCRETE = 1
_MOST = 64

Ask = Callable[[int, bytearray], bool]
"""An ioctl on an open camera: request and struct, which is filled in; False: there is no more of that."""


class Mode(NamedTuple):
    """A size with the rates it comes at."""

    format: str
    width_px: int
    height_px: int
    rates_hz: tuple[float, ...]


class Found(NamedTuple):
    """A camera that is there."""

    device: str
    """What to call it: a path, or a number."""
    name: str
    modes: tuple[Mode, ...]
    fault: str = ""


def cameras(system: Path = SYSTEM) -> list[Found]:
    """Those that give pictures, in order; a node for metadata or output is none."""
    nodes = sorted(system.glob("video*"), key=lambda path: (len(path.name), path.name)) if system.is_dir() else []
    found = (_found(f"/dev/{node.name}", _name(node)) for node in nodes)
    return [camera for camera in found if camera is not None]


def path_of_name(name: str, system: Path = SYSTEM) -> str:
    """The device whose name contains it, in any case. CameraFault where there is none, or more than one."""
    named = [camera for camera in cameras(system) if name.lower() in camera.name.lower()]
    if len(named) == 1:
        return named[0].device
    there = ", ".join(f"{camera.device} {camera.name}" for camera in named or cameras(system)) or "none is here"
    many = "more than one camera has that name" if named else "no camera has that name"
    raise CameraFault(f"{name}: {many} ({there}); a number, or a path of a video or folder, will do too")


def _name(node: Path) -> str:
    try:
        return (node / "name").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return node.name


def _found(device: str, name: str) -> Found | None:
    try:
        handle = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:
        return Found(device, name, (), f"{error.strerror}: is this user in the group video?")
    try:
        ask = _asking(handle)
        return Found(device, name, tuple(modes(ask))) if gives_pictures(ask) else None
    finally:
        os.close(handle)


def _asking(handle: int) -> Ask:
    import fcntl  # not on Windows

    def ask(request: int, filled: bytearray) -> bool:
        try:
            fcntl.ioctl(handle, request, filled)
        except OSError:
            return False
        return True

    return ask


def gives_pictures(ask: Ask) -> bool:
    """Whether this node is the one with the pictures."""
    answer = bytearray(104)
    if not ask(QUERYCAP, answer):
        return False
    every, own = struct.unpack_from("<II", answer, 84)
    return bool((own if every & _HAS_DEVICE_CAPS else every) & _VIDEO_CAPTURE)


def modes(ask: Ask) -> Iterator[Mode]:
    """Every format, size and rate; of sizes by steps, the largest."""
    for index in range(_MOST):
        answer = bytearray(struct.pack("<II", index, _CAPTURE).ljust(64, b"\0"))
        if not ask(ENUM_FMT, answer):
            return
        pixels = bytes(answer[44:48])
        for width, height in _sizes(ask, pixels):
            yield Mode(
                pixels.decode("ascii", "replace").strip(), width, height, tuple(_rates(ask, pixels, width, height))
            )


def _sizes(ask: Ask, pixels: bytes) -> Iterator[tuple[int, int]]:
    for index in range(_MOST):
        answer = bytearray((struct.pack("<I", index) + pixels).ljust(44, b"\0"))
        if not ask(ENUM_FRAMESIZES, answer):
            return
        kind, first, second, _, _, tallest = struct.unpack_from("<6I", answer, 8)
        if kind != _DISCRETE:
            yield second, tallest
            return
        yield first, second


def _rates(ask: Ask, pixels: bytes, width: int, height: int) -> Iterator[float]:
    for index in range(_MOST):
        answer = bytearray((struct.pack("<I", index) + pixels + struct.pack("<II", width, height)).ljust(52, b"\0"))
        if not ask(ENUM_FRAMEINTERVALS, answer):
            return
        kind, over, under = struct.unpack_from("<3I", answer, 16)
        if over:
            yield round(under / over, 3)
        if kind != _DISCRETE:
            return
