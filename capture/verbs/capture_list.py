"""`cyc capture list`: the cameras that are here with their sizes and rates, or what named sources give."""

import argparse
import sys
from typing import Any

from bridge.verbs.terminal import COULD_NOT, DONE, note, print_json, table
from capture.cameras import v4l2
from capture.cameras.address import CameraFault, address, without_password
from capture.cameras.opened import AS_IT_LIKES, numbered, open_film
from capture.cameras.timeline import timecode_of
from capture.cameras.v4l2 import Found, Mode

NONE = (
    "no camera is here. Plug a webcam or capture card in (on Linux its user must be in the group video), or name a "
    "stream, a video or a folder of pictures: cyc capture list rtsp://10.0.0.20/stream take/cam1.mp4"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc capture list [SOURCE ...]`."""
    parser.epilog = "examples:\n  cyc capture list\n  cyc capture list rtsp://10.0.0.20/stream take/cam1.mp4"
    parser.add_argument("sources", nargs="*", metavar="SOURCE", help="a stream's address, a video, a folder, a device")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Exit code 1 where there is no camera, or one of the sources gives nothing."""
    if args.sources:
        return _shown([_looked_at(source) for source in args.sources], args.json, "what they give")
    found = numbered() if sys.platform == "win32" else v4l2.cameras()
    return _shown([_row(camera) for camera in found], args.json, "cameras here")


def _shown(rows: list[dict[str, Any]], as_json: bool, title: str) -> int:
    if as_json:
        print_json({"cameras": rows})
    elif rows:
        columns = ("camera", "name", "pictures", "timecode", "fault")
        table(title, columns, [(r["source"], r["name"], _sizes(r), r["timecode"], r["fault"]) for r in rows])
    if not rows:
        note(NONE)
    return DONE if rows and not any(row["fault"] for row in rows) else COULD_NOT


def _row(camera: Found) -> dict[str, Any]:
    modes = [mode._asdict() | {"rates_hz": list(mode.rates_hz)} for mode in camera.modes]
    return {"source": camera.device, "name": camera.name, "modes": modes, "timecode": "", "fault": camera.fault}


def _looked_at(text: str) -> dict[str, Any]:
    """The first picture tells the size."""
    shown = ""
    try:
        shown = without_password(text)
        source = address(text)
        shown = source.shown
        film = open_film(source, AS_IT_LIKES)
        try:
            picture = film.decode() if film.grab() else None
            if picture is None:
                raise CameraFault(f"{shown}: it opens, but no picture can be decoded")
            rates = (film.rate_hz,) if film.rate_hz else ()
            mode = Mode(source.kind, picture.shape[1], picture.shape[0], rates)
        finally:
            film.close()
    except CameraFault as fault:
        return _row(Found(shown, "", (), str(fault)))
    label = timecode_of(source)
    return _row(Found(shown, "", (mode,))) | {"timecode": str(label or ""), "frames": film.frames}


def _sizes(row: dict[str, Any]) -> str:
    """Each size once, with its rates; the compressed format wins where there are several."""
    sizes: dict[tuple[int, int], list[float]] = {}
    for mode in row["modes"]:
        rates = sizes.setdefault((mode["width_px"], mode["height_px"]), [])
        rates += [rate for rate in mode["rates_hz"] if rate not in rates]
    words = (f"{w}x{h} @ {', '.join(f'{rate:g}' for rate in rates) or '?'}" for (w, h), rates in sizes.items())
    return "; ".join(words)
