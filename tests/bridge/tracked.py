"""A rig and the samples it is fed, for tests of tracking."""

import msgspec

from bridge import tracking
from bridge.clock import NS_PER_S
from bridge.frames import IDENTITY
from bridge.lens import lens_table
from bridge.messages import CameraPose, TrackerSample
from bridge.stage import LensPoint
from bridge.tracking import Rig, TrackState

PERIOD_NS = 10_000_000
START_NS = 5 * NS_PER_S
NOWHERE = ((0.0, 0.0, 0.0), IDENTITY)


def rig(**changes: object) -> Rig:
    plain = Rig(
        subject="camA",
        tracker="arm",
        stage_from_tracker=NOWHERE,
        body_from_sensor=NOWHERE,
        lens=lens_table([LensPoint(focal_length_mm=35.0)]),
        sensor_mm=(24.0, 13.5),
        period_s=PERIOD_NS / NS_PER_S,
        prediction=False,
    )
    return msgspec.structs.replace(plain, **changes)


def sample(index: float, **changes: object) -> TrackerSample:
    """At 1 m/s along X, by default without a sequence."""
    t_ns = START_NS + round(index * PERIOD_NS)
    plain = TrackerSample(
        subject="arm",
        t_ns=t_ns,
        t_arrival_ns=t_ns,
        position_m=(index * PERIOD_NS / NS_PER_S, 0.0, 0.0),
        rotation_wxyz=IDENTITY,
        sender="10.0.0.1:40000",
    )
    return msgspec.structs.replace(plain, **changes)


def feed(settings: Rig, samples: list[TrackerSample]) -> tuple[TrackState, list[CameraPose]]:
    state, poses = tracking.start(settings), []
    for one in samples:
        state, said = tracking.step(settings, state, one)
        poses += said
    return state, poses


def counts(state: TrackState) -> dict[str, int]:
    stream = state.stream
    names = ("received", "lost", "duplicate", "reordered")
    return {name: getattr(stream, name) for name in names if getattr(stream, name)}
