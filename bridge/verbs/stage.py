"""`cyc stage`: read a stage file and say what it describes."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bridge.stage import AnyWall, ArcWall, CeilingWall, FlatWall, Stage, display_latency_s
from bridge.stage_file import StageFault, load
from bridge.verbs.terminal import COULD_NOT, DONE, fail, print_json, say, table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc stage show FILE`, `cyc stage keys FOLDER`."""
    parser.epilog = "example:\n  cyc stage show stage_configs/small_wall.toml"
    verbs = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    show = verbs.add_parser("show", help="what a stage file describes, or each of its faults")
    show.add_argument("stage", type=Path, metavar="STAGE.toml")
    show.add_argument("--json", action="store_true", help="one JSON object")
    keys = verbs.add_parser("keys", help="make the CURVE keys that a bus beyond loopback needs")
    keys.add_argument("folder", type=Path, metavar="FOLDER")


def run(args: argparse.Namespace) -> int:
    """Dispatch the action."""
    return _show(args.stage, args.json) if args.action == "show" else _keys(args.folder)


def _show(path: Path, as_json: bool) -> int:
    try:
        stage = load(path)
    except StageFault as fault:
        return fail(str(fault))
    if as_json:
        print_json(msgspec.to_builtins(stage))
        return DONE
    say(f"{stage.name}: {stage.note}" if stage.note else stage.name)
    table("Walls", ("name", "shape", "size", "pixels", "pitch mm", "light after ms"), _walls(stage))
    table("Cameras", ("name", "tracker", "id", "lens", "sensor mm", "pixels", "rate"), _cameras(stage))
    table(
        "Trackers",
        ("name", "protocol", "listens on", "rate Hz", "latency ms"),
        (
            (t.name, f"{t.protocol} {t.profile}", f"udp {t.bind}:{t.port}", f"{t.rate_hz:g}", f"{t.latency_s * 1e3:g}")
            for t in stage.trackers
        ),
    )
    return DONE


def _walls(stage: Stage) -> Iterator[tuple[object, ...]]:
    for wall in stage.walls:
        shape = str(wall.__struct_config__.tag)
        size_m = wall_size_m(wall)
        size = f"{size_m[0]:.2f} x {size_m[1]:.2f} m" if size_m else ""
        pitch = f"{size_m[0] / wall.pixels[0] * 1e3:.2f}" if size_m else ""
        latency = f"{display_latency_s(stage, wall) * 1e3:g}"
        yield wall.name, shape, size, f"{wall.pixels[0]} x {wall.pixels[1]}", pitch, latency


def wall_size_m(wall: AnyWall) -> tuple[float, float] | None:
    """Width and height along the surface; None for a mesh."""
    if isinstance(wall, FlatWall):
        return wall.width_m, wall.height_m
    if isinstance(wall, ArcWall):
        return wall.radius_m * wall.arc_deg * 3.141592653589793 / 180.0, wall.height_m
    return (wall.width_m, wall.depth_m) if isinstance(wall, CeilingWall) else None


def _cameras(stage: Stage) -> Iterator[tuple[object, ...]]:
    for c in stage.cameras:
        sensor, pixels = f"{c.sensor_mm[0]:g} x {c.sensor_mm[1]:g}", f"{c.resolution_px[0]} x {c.resolution_px[1]}"
        yield c.name, c.tracker, c.tracker_camera_id, c.lens, sensor, pixels, c.rate


def _keys(folder: Path) -> int:
    from bridge.bus.keys import make_keys

    try:
        make_keys(folder)
    except OSError as error:
        return fail(f"{folder}: {error.strerror or error}", COULD_NOT)
    say(f"{folder}: bus keys made; copy the folder to each host and name it in the stage file as bus.curve_keys")
    return DONE
