"""Walk the first day on a simulated stage: plant wrong offsets, find them by calibration, and let the check judge.

python examples/04_first_day.py --stage stage_configs/small_wall.toml --out out/first_day
"""

import argparse
import subprocess
import sys
from pathlib import Path

from msgspec.structs import replace

from bridge.stage import Camera, Lens, Processor, Stage, Tracker
from bridge.stage_file import load
from bridge.stage_text import toml_of
from bridge.stage_walls import AnyWall, MeshWall, Pose


def shifted(pose: Pose, by_m: tuple[float, float, float], by_deg: tuple[float, float, float]) -> Pose:
    """A pose that somebody measured wrongly."""
    x, y, z = (a + b for a, b in zip(pose.position_m, by_m, strict=True))
    pan, tilt, roll = (a + b for a, b in zip(pose.pan_tilt_roll_deg, by_deg, strict=True))
    return Pose(position_m=(x, y, z), pan_tilt_roll_deg=(pan, tilt, roll))


def wrong_tracker(tracker: Tracker) -> Tracker:
    origin = shifted(tracker.stage_from_tracker, (0.12, -0.20, 0.05), (3.0, 0.5, -0.4))
    return replace(tracker, stage_from_tracker=origin, latency_s=tracker.latency_s + 0.030)


def wrong_camera(camera: Camera) -> Camera:
    mount = shifted(camera.body_from_sensor, (0.012, 0.0, -0.009), (0.8, -0.6, 0.5))
    return replace(camera, body_from_sensor=mount, nodal_offset_m=camera.nodal_offset_m + 0.014)


def wrong_lens(lens: Lens) -> Lens:
    points = (replace(p, focal_length_mm=p.focal_length_mm * 1.02, opencv_distortion_unit=()) for p in lens.points)
    return replace(lens, points=tuple(points))


def wrong_processor(processor: Processor) -> Processor:
    return replace(processor, latency_s=processor.latency_s + 0.025)


def wrong_wall(wall: AnyWall) -> AnyWall:
    """Surveyed by tape: 4 cm off."""
    x, y, z = wall.position_m if isinstance(wall, MeshWall) else wall.centre_m
    moved = (x + 0.03, y - 0.02, z + 0.015)
    return replace(wall, position_m=moved) if isinstance(wall, MeshWall) else replace(wall, centre_m=moved)


def planted(truth: Stage) -> Stage:
    """The stage as a hurried survey has it. The first wall is right: the stage's frame hangs on it."""
    return replace(
        truth,
        trackers=tuple(map(wrong_tracker, truth.trackers)),
        cameras=tuple(map(wrong_camera, truth.cameras)),
        lenses=tuple(map(wrong_lens, truth.lenses)),
        processors=tuple(map(wrong_processor, truth.processors)),
        walls=(truth.walls[0], *map(wrong_wall, truth.walls[1:])),
    )


def cyc(*words: str | Path) -> int:
    """What an operator types."""
    print("\n$ cyc", *words, flush=True)
    return subprocess.run([sys.executable, "-m", "bridge", *map(str, words)], check=False).returncode


def walk(path: Path, truth_path: Path, stage: Stage) -> int:
    """Lens, then stage, then delays; -> the check's exit code."""
    told = ("--simulate", truth_path)
    anchor = ("--anchor", stage.walls[0].name)
    held = ("--hold", *(wall.name for wall in stage.walls[1:])) if stage.walls[1:] else ()
    for camera in stage.cameras:
        cyc("calibrate", "lens", path, "--camera", camera.name, *told)
    for camera in stage.cameras:  # the first one finds the walls, the others keep them
        walls = anchor if camera is stage.cameras[0] else (*anchor, *held)
        cyc("calibrate", "stage", path, "--camera", camera.name, "--poses", "24", *walls, *told)
        cyc("calibrate", "delay", path, "--camera", camera.name, *told)
    for wall in {wall.processor: wall for wall in reversed(stage.walls)}.values():  # a wall of each processor
        cyc("calibrate", "delay", path, "--camera", stage.cameras[0].name, "--flash", "--wall", wall.name, *told)
    return cyc("check", path, "--as-built", truth_path)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stage", type=Path, default=Path("stage_configs/small_wall.toml"))
    parser.add_argument("--out", type=Path, default=Path("out/first_day"))
    args = parser.parse_args()
    truth = load(args.stage)
    args.out.mkdir(parents=True, exist_ok=True)
    truth_path, path = args.out / "truth.toml", args.out / "wrong.toml"
    truth_path.write_text(toml_of(truth, ["the stage as it truly stands"]), encoding="utf-8")
    path.write_text(toml_of(planted(truth), ["the stage as it was surveyed in a hurry"]), encoding="utf-8")
    before = cyc("check", path, "--as-built", truth_path)
    after = walk(path, truth_path, truth)
    print(f"\nthe check said {'fix' if before else 'OK'} before, and {'fix' if after else 'OK'} after")
    return 0 if before and not after else 1


if __name__ == "__main__":
    sys.exit(main())
