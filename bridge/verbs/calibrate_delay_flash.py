"""The flash half of `cyc calibrate delay`: from asking a wall for white to its light, and whose time that was."""

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from bridge.calibrate.delay import made as delay_made
from bridge.calibrate.delay.clip import ClipFault, offset_s
from bridge.calibrate.delay.delays import DelayFault, middles_s, processor_latency_s
from bridge.calibrate.delay.flash import Latency, Seen, latency_of, linear, region_level
from bridge.calibrate.delay.material import Flashes, Timing, clip_light, flashes_of, rate_of, stamps_of
from bridge.stage import Camera, Stage
from bridge.stage_edit import Change
from bridge.stage_file import load
from bridge.stage_walls import AnyWall
from bridge.timecode import parse_rate
from bridge.verbs.calibrate_delay_report import Report

Watch = Callable[[str], None]
_CLIPPED = 0.98


def flash_report(stage: Stage, camera: Camera, args: argparse.Namespace, watch: Watch) -> Report:
    """Measured, and told."""
    wall = wall_of(stage, args.wall)
    material = _material(stage, camera, wall, args, watch)
    rate_hz = rate_of(camera)
    open_s = args.shutter_deg / 360.0 / rate_hz
    watch("looking for the flashes")
    level, region = region_level(linear(material.light, encoded=not args.linear))
    seen = Seen(material.middle_s - 0.5 * open_s, open_s, level)
    found = latency_of(seen, material.asked_s, material.duration_s, args.most, args.refresh_hz)
    change, words = _change(stage, wall, found, args)
    notes = [
        f"light came {found.mean_s * 1e3:.1f} ms after it was asked for ({found.mean_s * rate_hz:.2f} frames)",
        words,
    ]
    notes += _cautions(level, found, camera, args)
    made = " (simulated: no camera filmed this)" if material.made else ""
    return Report(
        title=f"{stage.name}: {wall.name} seen by {camera.name}, delay by flashes{made}",
        rows=_rows(found, rate_hz, float(region.mean())),
        changes=[change],
        notes=notes,
        figures={
            "by": "flash",
            "simulated": material.made,
            "latency_frames": found.mean_s * rate_hz,
            **found._asdict(),
        },
        subject=wall.processor or wall.name,
        drawing=partial(_draw, seen, material, found),
    )


def wall_of(stage: Stage, name: str | None) -> AnyWall:
    """The one named, or the first."""
    found = next((wall for wall in stage.walls if name in (None, wall.name)), None)
    if found is None:
        raise ClipFault(f"--wall {name}: the stage file has {', '.join(wall.name for wall in stage.walls)}")
    return found


def _material(stage: Stage, camera: Camera, wall: AnyWall, args: argparse.Namespace, watch: Watch) -> Flashes:
    if args.simulate:
        watch("simulating flashes")
        return delay_made.flashes(load(args.simulate), args.simulate.parent, camera.name, wall.name, args.shutter_deg)
    if args.live:
        from bridge.verbs.calibrate_delay_live import live_flashes

        return live_flashes(stage, camera, wall.name, args, watch)
    return _recorded(camera, wall, args, watch)


def _recorded(camera: Camera, wall: AnyWall, args: argparse.Namespace, watch: Watch) -> Flashes:
    asked = flashes_of(args.take, wall.name)
    names, light = clip_light(args.clip, watch)
    stamps = stamps_of(args.clip, names, Timing(args.times, None), parse_rate(camera.rate))
    good = np.isfinite(stamps.t_s)
    open_s = args.shutter_deg / 360.0 / rate_of(camera)
    middle_s = middles_s(stamps.t_s[good], args.stamp or "middle", open_s) - (args.capture_latency or 0.0)
    asked_s = [offset_s(flash.t_ns, stamps.origin_ns) for flash in asked]
    within = [at for at in asked_s if middle_s[0] < at < middle_s[-1] - 0.5]
    return Flashes(light[good], middle_s, within, asked[0].duration_s)


def _change(stage: Stage, wall: AnyWall, found: Latency, args: argparse.Namespace) -> tuple[Change, str]:
    """Which setting takes it, and what is in the number."""
    processor = next((p for p in stage.processors if p.name == wall.processor), None)
    into = args.into or ("processor" if processor else "engine")
    if into == "engine":
        if args.through == "display":
            raise DelayFault(
                "--into engine: `cyc wall show` drew the flashes, so the engine's time is not in the number"
            )
        rest_s = processor.latency_s if processor else 0.0
        value_s = processor_latency_s(found.mean_s, rest_s, f"processors[{wall.processor}].latency_s")
        words = "in engine.latency_s: the bus, drawing, the wait for a refresh and scan-out, without the processor's"
        return Change("engine", "", "latency_s", round(value_s, 5)), f"{words} {rest_s * 1e3:.1f} ms"
    if processor is None:
        raise DelayFault(f"wall {wall.name} has no processor in the stage file: add one, or use --into engine")
    wait_s = 0.5 * found.spread_s
    through = (wait_s, "half a refresh of `cyc wall show`")
    rest_s, rest = (stage.engine.latency_s, "engine.latency_s") if args.through == "engine" else through
    value_s = processor_latency_s(found.mean_s, rest_s, rest)
    words = f"in processors[{processor.name}].latency_s: all that is not {rest} ({rest_s * 1e3:.1f} ms)"
    return Change("processors", processor.name, "latency_s", round(value_s, 5)), f"{words}: processor, panels, cables"


def _cautions(level: np.ndarray, found: Latency, camera: Camera, args: argparse.Namespace) -> list[str]:
    said: list[str] = []
    if float(level.max()) > _CLIPPED:
        said.append("white is clipped in the clip, which blurs the moment within a picture: stop down and film again")
    if found.between > 0.4 * found.seen and args.shutter_deg < 300.0:
        said.append(
            f"{found.between} of {found.seen} flashes came while the shutter was closed: open it to 360 degrees, "
            "and they are known better"
        )
    if found.sigma_s * rate_of(camera) > 0.1:
        said.append("known to no better than a tenth of a frame: film more flashes, or open the shutter")
    if args.live and args.capture_latency is None:
        said.append(
            "the capture's own latency is in the number too: state it (--capture-latency S), or it is the wall's"
        )
    return said


def _rows(found: Latency, rate_hz: float, region_unit: float) -> list[tuple[str, str]]:
    return [
        ("asked to light, mean", f"{found.mean_s * 1e3:.2f} ms = {found.mean_s * rate_hz:.3f} frames"),
        ("one sigma", f"{found.sigma_s * 1e3:.2f} ms = {found.sigma_s * rate_hz:.3f} frames"),
        ("spread, by the wait for a refresh", f"{found.spread_s * 1e3:.1f} ms ({1.0 / found.spread_s:.0f} Hz)"),
        ("flashes seen", f"{found.seen} of {found.asked}, {found.between} while the shutter was closed"),
        ("match with the plan", f"{found.match_unit:.3f} (1 is perfect)"),
        ("of the picture flashed", f"{region_unit:.0%}"),
    ]


def _draw(seen: Seen, material: Flashes, found: Latency, out: Path) -> list[Path]:
    from bridge.calibrate.delay.charts import save_flash

    return save_flash(out, seen, material.asked_s, material.duration_s, found.mean_s)
