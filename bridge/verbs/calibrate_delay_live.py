"""The live half of `cyc calibrate delay`: films with a device while poses are heard, or while walls are asked to flash.

Flashes are asked for on the bus as `calibrate`, a place of its own there, so whoever shows pictures listens to that.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np

from bridge.bus.feed import Feed
from bridge.bus.keys import BusKeys, load_keys
from bridge.bus.publisher import Publisher
from bridge.calibrate.delay.clip import ClipFault, Device, offset_s
from bridge.calibrate.delay.delays import middles_s
from bridge.calibrate.delay.filming import Asking, Filmed, film
from bridge.calibrate.delay.flash import DURATION_S, flash_plan
from bridge.calibrate.delay.material import (
    FLASH_PX,
    Flashes,
    Motion,
    Stamps,
    lens_of,
    rate_of,
    timed,
    tracking_of,
    turns_of,
    way_of,
)
from bridge.clock import NS_PER_S, system_clock
from bridge.messages import CameraPose
from bridge.services import keys_folder, own_endpoints
from bridge.stage import Camera, Stage
from bridge.take.track import measured

Watch = Callable[[str], None]
_LIVE_PX = 480
_AFTER_S = 1.2
_JOIN_S = 1.0


def live_motion(stage: Stage, camera: Camera, args: argparse.Namespace, watch: Watch) -> Motion:
    """Poses from the spine while the device films. ClipFault where either is silent."""
    feed = Feed([own_endpoints(stage, "spine")], [f"CameraPose/{camera.name}"], system_clock, keys=_keys(stage, args))
    said: list[CameraPose] = []

    def heard(_now_ns: int) -> None:
        said.extend(received.message for received in feed.take(0.002) if isinstance(received.message, CameraPose))

    try:
        watch(f"filming for {args.seconds:g} s: pan and tilt back and forth now")
        came = _film(args, _LIVE_PX, args.seconds, heard)
    finally:
        feed.close()
    poses = measured(said)
    if len(poses) < 2:
        raise ClipFault(
            f"expected poses of {camera.name} on the bus, heard {len(poses)}: is `cyc run {args.stage}` on?"
        )
    stamps = Stamps(_arrivals_s(came), "arrival", came.t_ns[0])
    watch("following the picture")
    _, rows = turns_of(enumerate(came.pictures), lens_of(poses), poses[0].sensor_mm)
    middle_s = _middles_s(stamps.t_s, camera, args)
    way = way_of(poses, stamps, None)
    stamped = "arrival" if args.capture_latency is None else "exposure"
    return Motion(timed(rows, middle_s), way, stamped, tracking_of(stage, camera, poses))


def live_flashes(stage: Stage, camera: Camera, wall: str, args: argparse.Namespace, watch: Watch) -> Flashes:
    """Asks for flashes while the device films. PortBusy where another calibration is at it."""
    plan = flash_plan(system_clock() & 0xFFFF)
    publisher = Publisher(*own_endpoints(stage, "calibrate"), system_clock, keys=_keys(stage, args))
    asking = Asking(publisher, plan, wall, DURATION_S)

    def meanwhile(now_ns: int) -> None:
        asking.turn(now_ns)
        time.sleep(0.0005)

    try:
        joined_ns = system_clock() + round(_JOIN_S * NS_PER_S)
        while system_clock() < joined_ns:  # whoever listens needs a moment to find us
            publisher.serve()
            time.sleep(0.01)
        watch(f"asking {wall} for {len(plan)} flashes; keep the camera still")
        came = _film(args, FLASH_PX, plan[-1] + _AFTER_S, meanwhile)
    finally:
        publisher.close()
    origin_ns = came.t_ns[0]
    asked_s = [offset_s(t_ns, origin_ns) for t_ns in asking.asked_ns]
    return Flashes(came.pictures, _middles_s(_arrivals_s(came), camera, args), asked_s, DURATION_S)


def _film(args: argparse.Namespace, width_px: int, seconds: float, meanwhile: Callable[[int], None]) -> Filmed:
    device = Device(args.live, width_px, system_clock)
    try:
        came = film(device, seconds, system_clock, meanwhile)
    finally:
        device.close()
    if len(came.t_ns) < 2:
        raise ClipFault(f"--live {args.live}: expected pictures, {len(came.t_ns)} came")
    return came


def _arrivals_s(came: Filmed) -> np.ndarray:
    return np.array([offset_s(t_ns, came.t_ns[0]) for t_ns in came.t_ns])


def _middles_s(arrivals_s: np.ndarray, camera: Camera, args: argparse.Namespace) -> np.ndarray:
    open_s = args.shutter_deg / 360.0 / rate_of(camera)
    return middles_s(arrivals_s, args.stamp or "middle", open_s) - (args.capture_latency or 0.0)


def _keys(stage: Stage, args: argparse.Namespace) -> BusKeys | None:
    folder = keys_folder(stage, args.stage)
    return load_keys(folder) if folder else None
