"""Damaged packets all the way: datagram -> sample -> pose -> the engine's bytes. Only a refusal may stop one."""

import json
import math
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bridge import spine
from bridge.clock import NS_PER_S
from bridge.samples import Datagram
from bridge.spine import Outgoing, Spine, SpineState
from bridge.spine_process import settings_of
from bridge.stage_file import load
from bridge.wire import engine, opentrackio
from bridge.wire.opentrackio_packets import JSON, cut

STAGE = load(Path(__file__).parents[2] / "stage_configs" / "small_wall.toml")
VECTORS = Path(__file__).parents[1] / "vectors"
PERIOD_NS = NS_PER_S // 120
FLOAT32_MAX = 3.4028234663852886e38

SAMPLE: dict[str, Any] = {
    "sourceNumber": 1,
    "transforms": [
        {"translation": {"x": 0.5, "y": -2.0, "z": 1.5}, "rotation": {"pan": 10.0, "tilt": -5.0, "roll": 1.0}},
        {"scale": {"x": 1.0, "y": 1.0, "z": 1.0}, "translation": {"x": 0.0, "y": 0.1, "z": 0.0}},
    ],
    "lens": {
        "pinholeFocalLength": 35.0,
        "entrancePupilOffset": 0.12,
        "focusDistance": 4.0,
        "fStop": 2.8,
        "tStop": 3.1,
        "projectionOffset": {"x": 0.1, "y": -0.2},
        "distortion": [{"model": "Brown-Conrady U-D", "radial": [1e-5] * 6, "tangential": [1e-5, 2e-5]}],
        "encoders": {"zoom": 0.5, "focus": 0.25, "iris": 0.75},
    },
    "timing": {
        "sequenceNumber": 7,
        "sampleRate": {"num": 120, "denom": 1},
        "sampleTimestamp": {"seconds": 1_700_000_000, "nanoseconds": 5},
        "timecode": {"hours": 1, "minutes": 2, "seconds": 3, "frames": 4, "frameRate": {"num": 25, "denom": 1}},
    },
}
EXTREMES = (
    0, 1, -1, 59, 255, 256, 300, 2**31, 2**32 - 1, 2**63, 0.0, -0.0, 1e-300, -1e-300, 0.1, 1e4, 1e9, 1e30, 1e37,
    FLOAT32_MAX, 1e39, -1e39, 1e100, 1e150, 1e300, -1e300, 1.7e308, -1.7e308, None, "Brown-Conrady D-U", [], {},
)  # fmt: skip


def settings_for(protocol: str) -> Spine:
    """The small stage, its tracker speaking this protocol, its camera under any number the packets use."""
    settings = settings_of(STAGE, lambda: 0, boot=7)
    sources = {name: (protocol, source) for name, (_, source) in settings.sources.items()}
    return msgspec.structs.replace(settings, sources=sources)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every number, text, list and map inside."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    within = [way for key, inner in items for way in leaves(inner, (*path, key))]
    return [*within, path] if path else within


def with_extremes(dice: random.Random, number: int) -> bytes:
    """A sample that is well said, with one to three values no lens, label or place has."""
    sample = json.loads(json.dumps(SAMPLE))
    sample["timing"]["sequenceNumber"] = number
    if dice.random() < 0.5:
        sample["lens"]["distortion"][0]["model"] = "Brown-Conrady D-U"
    for _turn in range(dice.choice((1, 1, 2, 3))):
        *way, last = dice.choice(leaves(sample))
        place = sample
        for key in way:
            place = place[key]
        place[last] = dice.choice(EXTREMES)
    (data,) = cut(json.dumps(sample).encode(), JSON, dice.randrange(1 << 16))
    return data


def check_engine(out: Outgoing) -> None:
    for parts in out.engine:
        frame = engine.decode(*parts)
        if isinstance(frame, engine.CameraFrame):
            numbers = (*frame.position_cm, *frame.rotation_xyzw, *frame.distortion_unit, frame.focal_length_mm)
            assert all(map(math.isfinite, numbers)), frame
            assert math.dist(frame.rotation_xyzw, (0.0,) * 4) == pytest.approx(1.0)


def bombard(protocol: str, packets: list[bytes]) -> Counter[str]:
    """What became of each: refused by kind, or sent."""
    settings = settings_for(protocol)
    state, counts = SpineState(settings), Counter[str]()
    tracker = STAGE.trackers[0].name
    for number, data in enumerate(packets):
        now_ns = NS_PER_S + number * PERIOD_NS
        try:
            state, out = spine.step(settings, state, Datagram(tracker, data, "10.0.0.1:1", now_ns), now_ns + 50_000)
            check_engine(out)
            state, later = spine.tick(settings, state, now_ns + 60_000)
            check_engine(later)
        except Exception as error:
            raise AssertionError(f"{protocol} let {error!r} out at {data!r}") from error
        counts.update(kind for kind, _, _ in out.refused)
        counts["sent"] += bool(out.engine)
    return counts


def changed(**parts: Any) -> bytes:
    """The sample with some of its lens, timing or transforms changed."""
    sample = json.loads(json.dumps(SAMPLE))
    for part, value in parts.items():
        sample[part] = {**sample[part], **value} if isinstance(value, dict) else value
    (data,) = cut(json.dumps(sample).encode(), JSON, 1)
    return data


@pytest.mark.parametrize(
    "data",
    [
        changed(lens={"fStop": 1e300}),
        changed(lens={"entrancePupilOffset": 1.7e308}),
        changed(lens={"encoders": {"zoom": 1.7e308}}),
        changed(lens={"projectionOffset": {"x": 1e300}}),
        changed(lens={"distortion": [{"model": "Brown-Conrady U-D", "radial": [1e100]}]}),
        changed(lens={"distortion": [{"radial": [1e-5], "tangential": [1e300, 0.0]}]}),
        changed(timing={"timecode": {"frames": 300, "frameRate": {"num": 1000, "denom": 1}}}),
        changed(transforms=[{"scale": {"y": 0.0}}, {"scale": {"y": 1e300}}, {"translation": {"y": 1e300}}]),
    ],
)
def test_what_no_engine_could_hold_is_refused(data: bytes) -> None:
    assert bombard("opentrackio", [data]) == {"field": 1, "sent": 0}


@pytest.mark.parametrize("infinity_m", [1e6, FLOAT32_MAX, 1.7e308])
def test_a_focus_at_infinity_is_told_as_far_away(infinity_m: float) -> None:
    sample = opentrackio.decode(changed(lens={"focusDistance": infinity_m})).sample
    said = opentrackio.to_sample(sample, subject="a", t_arrival_ns=0, sender="")
    assert said is not None and said.lens is not None
    assert said.lens.focus_distance_m == 1e6


def test_samples_with_impossible_numbers_never_stop_the_spine() -> None:
    dice = random.Random("extremes")
    check("opentrackio", bombard("opentrackio", [with_extremes(dice, number) for number in range(1500)]))


@pytest.mark.slow
def test_many_samples_with_impossible_numbers() -> None:
    dice = random.Random("more extremes")
    check("opentrackio", bombard("opentrackio", [with_extremes(dice, number) for number in range(100_000)]))


def any_freed(dice: random.Random) -> bytes:
    """Any bits at all behind a true checksum, from the stage's camera."""
    return with_sum(b"\xd1\x01" + dice.randbytes(26))


def any_f4(dice: random.Random) -> bytes:
    """Every axis we know and some we do not, with any bits, in any order."""
    ids = [dice.choice((*F4_IDS, dice.randrange(256))) for _ in range(dice.randrange(20))]
    blocks = b"".join(bytes((number,)) + dice.randbytes(4) for number in ids)
    return with_sum(bytes((0xF4, 1, len(ids), dice.randrange(256))) + blocks)


def with_sum(body: bytes) -> bytes:
    return body + bytes(((0x40 - sum(body)) & 0xFF,))


F4_IDS = (1, 2, 3, 4, 5, 6, 7, 0x0D, 0x13, *range(0x50, 0x5A), 0x60, 0xF8, 0xF9)


@pytest.mark.parametrize(("protocol", "any_packet"), [("freed", any_freed), ("f4", any_f4)])
def test_any_bits_behind_a_true_checksum(protocol: str, any_packet: Callable[[random.Random], bytes]) -> None:
    dice = random.Random(protocol)
    counts = bombard(protocol, [any_packet(dice) for _ in range(1500)])
    print(f"{protocol}: {dict(counts)}")
    assert counts["sent"] > 500


def check(protocol: str, counts: Counter[str]) -> None:
    print(f"{protocol}: {dict(counts)}")
    assert counts["field"] > 100
    assert counts["sent"] > 100
