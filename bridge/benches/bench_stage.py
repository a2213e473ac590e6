"""A stage made for benches: any number of cameras on one FreeD tracker, ports of its own, one service started alone."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

from bridge.stage import Stage
from bridge.stage_file import load
from bridge.wire import opentrackio
from bridge.wire.opentrackio import Packet
from bridge.wire.opentrackio_packets import JSON

UDP_PORT, ENGINE_PORT, BUS_PORT, PAGE_PORT = 42000, 42060, 42100, 42180


def write(folder: Path, cameras: int, rate_hz: float) -> Path:
    """A stage file with that many cameras."""
    lines = [
        f'schema = 1\nname = "bench{cameras}x{rate_hz:g}"',
        '[[walls]]\nshape = "flat"\nname = "back"\ncentre_m = [0, 3, 1.5]\nwidth_m = 5\nheight_m = 3\n'
        "pixels = [1920, 1152]",
        '[[lenses]]\nname = "zoom"',
        "points = [{ zoom_raw_unit = 0, focal_length_mm = 20, opencv_distortion_unit = [-0.05, 0.01] }, "
        "{ zoom_raw_unit = 65535, focal_length_mm = 60, entrance_pupil_m = 0.1 }]",
        f'[[trackers]]\nname = "arm"\nprotocol = "freed"\nport = {UDP_PORT}\nrate_hz = {rate_hz}\nlatency_s = 0.01',
        f"[engine]\nport = {ENGINE_PORT}\n[bus]\nport = {BUS_PORT}",
    ]
    for number in range(1, cameras + 1):
        lines.append(
            f'[[cameras]]\nname = "cam{number}"\ntracker = "arm"\ntracker_camera_id = {number}\nlens = "zoom"\n'
            "sensor_mm = [24, 13.5]\nresolution_px = [1920, 1080]\nbody_from_sensor = { position_m = [0, 0.1, 0] }"
        )
    path = folder / f"bench{cameras}x{rate_hz:g}.toml"
    path.write_text("\n".join(lines))
    return path


def read(path: Path) -> Stage:
    """The stage of a file that `write` made."""
    return load(path)


@contextlib.contextmanager
def service(name: str, stage: Path, *words: str, said: Path | None = None) -> Generator["subprocess.Popen[bytes]"]:
    """One service of the stage, as the supervisor would start it; what it says goes into the file `said`, if any."""
    argv = [sys.executable, "-m", "bridge", "service", name, "--stage", str(stage), *words]
    with contextlib.ExitStack() as opened:
        heard = opened.enter_context(said.open("wb")) if said is not None else None
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stderr=heard)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(10)


def be_nice(pid: int, priority: int) -> None:
    """As the supervisor starts a service of this priority; where the system allows it."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, pid, priority)


@contextlib.contextmanager
def running(stage: Path, takes: Path) -> Generator["subprocess.Popen[bytes]"]:
    """The whole stage, supervised, as `cyc run` starts it; its page on a port of its own."""
    words = ("--takes", str(takes), "--page", f"127.0.0.1:{PAGE_PORT}")
    process = subprocess.Popen([sys.executable, "-m", "bridge", "run", str(stage), *words], stdin=subprocess.PIPE)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(15)


def recommended_sample() -> Packet:
    """An OpenTrackIO sample with all that the standard recommends."""
    text = (
        b'{"tracker":{"recording":false,"slate":"A101_A_4","status":"Optical Good"},"timing":{"mode":"external",'
        b'"sampleRate":{"num":24000,"denom":1001},"timecode":{"hours":1,"minutes":2,"seconds":3,"frames":4,'
        b'"frameRate":{"num":24000,"denom":1001}}},"lens":{"distortion":[{"radial":[0.001,0.0002,0.0003],'
        b'"tangential":[0.0001,0.0002],"overscan":1.1}],"encoders":{"focus":0.1,"iris":0.2,"zoom":0.3},'
        b'"entrancePupilOffset":0.123,"fStop":4.0,"pinholeFocalLength":24.305,"focusDistance":10.0,'
        b'"projectionOffset":{"x":0.1,"y":0.2}},"protocol":{"name":"OpenTrackIO","version":[1,0,1]},'
        b'"sampleId":"urn:uuid:5ca5f233-11b5-4f43-8815-948d73e48a33",'
        b'"sourceId":"urn:uuid:5ca5f233-11b5-dead-beef-948d73e48a33","sourceNumber":1,'
        b'"transforms":[{"translation":{"x":1.0,"y":2.0,"z":3.0},"rotation":{"pan":180.0,"tilt":90.0,"roll":45.0},'
        b'"id":"Camera"}]}'
    )
    return Packet(1, JSON, opentrackio.decode_sample(text))
