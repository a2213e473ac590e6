"""`cyc stage`: say what a stage file describes; make one from Unreal's `.ndisplay`, and the other way."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bridge.stage import Stage, display_latency_s
from bridge.stage_file import StageFault, load, parse
from bridge.stage_text import toml_of
from bridge.stage_walls import AnyWall, ArcWall, CeilingWall, FlatWall
from bridge.verbs.terminal import COULD_NOT, DONE, fail, note, print_json, say, table
from bridge.wire import ndisplay
from bridge.wire.ndisplay_cluster import cluster_of
from bridge.wire.ndisplay_walls import stage_of
from bridge.wire.refusal import Refused


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc stage show FILE`, `import FILE`, `export FILE --to FILE`, `keys FOLDER`."""
    parser.epilog = (
        "examples:\n  cyc stage show stage_configs/small_wall.toml\n"
        "  cyc stage export stage_configs/small_wall.toml --to wall.ndisplay"
    )
    verbs = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    show = verbs.add_parser("show", help="what a stage file describes, or each of its faults")
    show.add_argument("stage", type=Path, metavar="STAGE.toml")
    show.add_argument("--json", action="store_true", help="one JSON object")
    example = "example: cyc stage import wall.ndisplay --out stage.toml"
    _add_import(verbs.add_parser("import", help="a stage file from Unreal's .ndisplay", epilog=example))
    example = "example: cyc stage export stage_configs/xr_corner.toml --to wall.ndisplay"
    _add_export(verbs.add_parser("export", help="Unreal's .ndisplay from a stage file", epilog=example))
    keys = verbs.add_parser("keys", help="make the CURVE keys that a bus beyond loopback needs")
    keys.add_argument("folder", type=Path, metavar="FOLDER")


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ndisplay", type=Path, metavar="FILE.ndisplay", help="its screens become flat walls")
    parser.add_argument("--out", type=Path, metavar="STAGE.toml", help="without it the text comes on stdout")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("stage", type=Path, metavar="STAGE.toml")
    parser.add_argument("--to", type=Path, required=True, metavar="FILE.ndisplay")
    parser.add_argument("--format", choices=("4.27", "5.00"), default="5.00", help="5.00 is what Unreal 5 writes")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Dispatch the action."""
    if args.action == "import":
        return _import(args.ndisplay, args.out, args.json)
    if args.action == "export":
        return _export(args.stage, args.to, args.format, args.json)
    return _show(args.stage, args.json) if args.action == "show" else _keys(args.folder)


def _import(path: Path, out: Path | None, as_json: bool) -> int:
    target = out or Path("stage.toml")
    if out and out.exists():
        return fail(f"{out}: is there already, and an import would write over what was filled in; name another --out")
    try:
        cluster = ndisplay.decode(path.read_bytes())
        stage, notes = stage_of(cluster, target.stem if out else path.stem)
        text = toml_of(stage, notes)
        parse(text, target)  # what is written has been read
        if out:
            out.write_text(text, encoding="utf-8")
    except OSError as error:
        return fail(f"{error.filename}: {error.strerror}")
    except Refused as refusal:
        return fail(f"{path}: {refusal}")
    except StageFault as fault:
        return fail(f"{path}: makes a stage that would be refused:\n{fault}")
    if as_json:
        print_json({"out": out and str(out), "stage": msgspec.to_builtins(stage), "notes": notes})
    elif out:
        _say_notes(f"{out}: {len(stage.walls)} walls, {len(stage.outputs)} outputs", notes)
    else:
        say(text.rstrip())
    return DONE


def _export(path: Path, to: Path, version: str, as_json: bool) -> int:
    try:
        cluster, notes = cluster_of(load(path), version)
        to.write_bytes(ndisplay.encode(cluster))
    except StageFault as fault:
        return fail(str(fault))
    except OSError as error:
        return fail(f"{error.filename}: {error.strerror}")
    viewports = sum(len(node.viewports) for node in cluster.nodes)
    figures = {"nodes": len(cluster.nodes), "viewports": viewports, "screens": len(cluster.screens)}
    if as_json:
        print_json({"out": str(to), "version": version, **figures, "notes": notes})
    else:
        _say_notes(f"{to}: {', '.join(f'{count} {what}' for what, count in figures.items())}", notes)
    return DONE


def _say_notes(text: str, notes: tuple[str, ...]) -> None:
    say(text)
    for line in notes:
        note(f"  {line}")


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
