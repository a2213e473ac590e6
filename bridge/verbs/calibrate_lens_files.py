"""Where `cyc calibrate lens` gets a table besides boards: an STMap, OpenTrackIO; and OpenTrackIO out."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from bridge.calibrate.lens.opentrackio import Told, points_of, samples, told_of
from bridge.calibrate.lens.stmap import ORIGINS, Optic, StMapFault, lens_of_map
from bridge.calibrate.lens.stmap_files import load as load_map
from bridge.exr import ExrFault
from bridge.lens import lens_at, lens_table
from bridge.messages import TrackerSample
from bridge.stage import Camera, Lens, LensPoint
from bridge.take.chunks import TakeFault
from bridge.take.read import Take
from bridge.verbs.terminal import DONE, say
from bridge.wire.opentrackio import decode_sample
from bridge.wire.refusal import Refused

_ROOM_PX = 0.5


class FileFault(ValueError):
    """A file that gives no lens; the text says why."""


def add_sources(what: Any) -> None:
    """Instead of boards."""
    what.add_argument("--stmap", type=Path, metavar="FILE.exr", help="fit a row to another tool's STMap")
    what.add_argument("--import-opentrackio", type=Path, metavar="FILE", help="samples (.json), or a take (.mcap)")
    what.add_argument("--export-opentrackio", type=Path, metavar="FILE.json", help="write the table as samples")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Of an STMap."""
    parser.add_argument("--zoom", type=float, metavar="COUNT", help="--stmap: which row (0)")
    parser.add_argument("--focus", type=float, metavar="COUNT", help="--stmap: which row (0)")
    parser.add_argument("--focal-length", type=float, metavar="MM", help="--stmap: a map cannot say it (the table's)")
    parser.add_argument("--origin", choices=ORIGINS, help="--stmap: where t is 0 (found, where nothing says it)")
    parser.add_argument("--kind", choices=("undistort", "distort"), help="--stmap: what the map does")


def export(args: argparse.Namespace, camera: Camera, lens: Lens) -> int:
    """Writes the file."""
    path: Path = args.export_opentrackio
    rows = samples(lens.points, camera.name, camera.sensor_mm, camera.resolution_px)
    try:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(rows), indent=2) + b"\n")
    except OSError as error:
        raise FileFault(f"{path}: cannot be written: {error.strerror}") from None
    say(f"{path}: {len(rows)} rows of {lens.name}")
    return DONE


def points(args: argparse.Namespace, camera: Camera, lens: Lens) -> tuple[list[LensPoint], str, float | None]:
    """New rows, what to note of them, and how far in pixels they are from what was said."""
    try:
        if args.stmap:
            return _from_map(args, camera, lens)
        return _from_opentrackio(args.import_opentrackio, camera)
    except Refused as refused:
        raise FileFault(f"{args.import_opentrackio}: {refused}") from None
    except (StMapFault, ExrFault, TakeFault) as fault:
        raise FileFault(str(fault)) from None
    except OSError as error:
        raise FileFault(f"{error.filename}: cannot be read: {error.strerror}") from None


def _from_map(args: argparse.Namespace, camera: Camera, lens: Lens) -> tuple[list[LensPoint], str, float | None]:
    zoom, focus = args.zoom or 0.0, args.focus or 0.0
    now = lens_at(lens_table(lens.points), zoom, focus)
    if args.focal_length is not None:
        if not args.focal_length > 0:
            raise FileFault(f"--focal-length: expected millimetres above 0, got {args.focal_length:g}")
        now = msgspec.structs.replace(now, focal_length_mm=args.focal_length)
    found, said = load_map(args.stmap, args.kind, camera.resolution_px)
    fit = lens_of_map(found, Optic(now, camera.sensor_mm, camera.resolution_px), args.origin or said)
    if fit.worst_px > _ROOM_PX:
        raise FileFault(
            f"{args.stmap}: no lens of OpenCV's formula is nearer than {fit.rms_px:.2f} px rms, "
            f"{fit.worst_px:.1f} px at worst; expected under {_ROOM_PX:g}: is --kind right, and is it "
            "this camera's whole picture?"
        )
    bent = [round(float(k), 8) for k in msgspec.structs.astuple(fit.lens.distortion)]
    while bent and bent[-1] == 0.0:
        bent.pop()
    right, down = fit.lens.projection_offset_mm
    row = LensPoint(
        zoom_raw_unit=zoom,
        focus_raw_unit=focus,
        focal_length_mm=now.focal_length_mm,
        entrance_pupil_m=now.entrance_pupil_m,
        focus_distance_m=now.focus_distance_m,
        projection_offset_mm=(round(right, 5) + 0.0, round(down, 5) + 0.0),
        opencv_distortion_unit=tuple(bent),
    )
    scaled = f", its picture scaled by {fit.scale_unit:.5f}" if abs(fit.scale_unit - 1.0) > 1e-5 else ""
    note = f"STMap {args.stmap.name}, origin {fit.origin}, within {fit.worst_px:.3f} px{scaled}"
    return [row], note, fit.rms_px


def _from_opentrackio(path: Path, camera: Camera) -> tuple[list[LensPoint], str, float | None]:
    told = list(_told_in_take(path, camera) if path.suffix == ".mcap" else _told_in_json(path, camera))
    if not told:
        raise FileFault(f"{path}: expected samples with a pinholeFocalLength, got none")
    px = max(one.inexact_mm for one in told) / camera.sensor_mm[0] * camera.resolution_px[0]
    if px > _ROOM_PX:
        raise FileFault(f"{path}: OpenCV's formula is up to {px:.1f} px from what was said; expected {_ROOM_PX:g}")
    rows = points_of(told)
    return rows, f"OpenTrackIO {path.name}: {len(rows)} positions of {len(told)} samples", px


def _told_in_take(path: Path, camera: Camera) -> Iterator[Told]:
    with Take(path) as take:
        for sample in take.messages(TrackerSample, camera.tracker):
            if sample.lens is not None and sample.camera_id == camera.tracker_camera_id:
                yield Told(sample.zoom_raw_unit or 0.0, sample.focus_raw_unit or 0.0, sample.lens)


def _told_in_json(path: Path, camera: Camera) -> Iterator[Told]:
    """A list of samples, one sample, or one a line."""
    data = path.read_bytes()
    try:
        parts = [data] if data.lstrip()[:1] != b"[" else msgspec.json.decode(data, type=list[msgspec.Raw])
        msgspec.json.decode(parts[0] if parts else b"{}")
    except msgspec.DecodeError:
        parts = [line for line in data.splitlines() if line.strip()]
    for part in parts:
        told = told_of(decode_sample(bytes(part)), camera.sensor_mm)
        if told is not None:
            yield told
