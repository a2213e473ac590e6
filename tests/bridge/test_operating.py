"""What an operator sets: against laws, a peer calculation in matrices, and a spine left untouched beside it."""

import math

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge import changed_live, operating, spine, tracking
from bridge.align import at_time
from bridge.clock import NS_PER_S
from bridge.commands import (
    Freeze,
    LoadEnvironment,
    SetDelay,
    SetExposure,
    SetFrustum,
    SetSmoothing,
    SetTimeOfDay,
    StartTake,
    ZeroTracking,
)
from bridge.frames import compose
from bridge.messages import CameraSettings, Message, SceneSettings
from bridge.spine import SpineState
from bridge.spine_process import settings_of
from bridge.stage_file import parse
from bridge.wire import engine, freed
from tests.bridge.operated import PERIOD_NS, RIG, SETTINGS, SMALL, STAGES, Stream, camera, datagram


def scene(kind: type[Message], **values: object) -> Message:
    return kind(subject="scene", t_ns=0, **values)


COMMANDS = st.one_of(
    *(st.builds(lambda on, k=kind: camera(k, on=on), st.booleans()) for kind in (SetFrustum, Freeze, SetSmoothing)),
    st.builds(lambda on: camera(ZeroTracking, on=on), st.booleans()),
    st.builds(lambda d: camera(SetDelay, delay_frames=d), st.floats(-5, 40) | st.just(math.nan)),
    st.builds(lambda ev: scene(SetExposure, exposure_ev=ev), st.floats(-15, 15) | st.just(math.inf)),
    st.builds(lambda hour: scene(SetTimeOfDay, hour_unit=hour), st.none() | st.floats(-2, 27)),
    st.builds(lambda n: scene(LoadEnvironment, environment=n), st.sampled_from(["", "sky", "desert", "moon"])),
)
FIELD = {
    SetFrustum: ("on", "frustum"), Freeze: ("on", "frozen"), SetSmoothing: ("on", "smoothing"),
    ZeroTracking: ("on", "zeroed"), SetDelay: ("delay_frames",) * 2, SetExposure: ("exposure_ev",) * 2,
    SetTimeOfDay: ("hour_unit",) * 2, LoadEnvironment: ("environment",) * 2,
}  # fmt: skip


def allowed(command: Message) -> bool:
    match command:
        case SetDelay(delay_frames=value):
            return 0 <= value <= 25
        case SetExposure(exposure_ev=value):
            return abs(value) <= 10
        case SetTimeOfDay(hour_unit=value):
            return value is None or 0 <= value <= 24
        case LoadEnvironment(environment=value):
            return value != "moon"
        case _:
            return True


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(COMMANDS, st.integers(0, 2)), max_size=12))
def test_whatever_was_asked_the_last_of_each_that_was_allowed_holds(asked: list[tuple[Message, int]]) -> None:
    """Law, through the whole spine while poses go by: each pose goes to the engine, and what is said is what is set."""
    stream = Stream()
    stream.run(27)  # a second, so that there is something to hold back
    expected: dict[str, object] = {"frustum": True}
    for command, between in asked:
        said, fault = stream.ask(command)
        assert (not fault) == allowed(command), fault
        if not fault:
            given_as, field = FIELD[type(command)]
            expected[field] = getattr(command, given_as)
            assert [type(message) for message in said] == [CameraSettings, SceneSettings]
        for _ in range(between):
            assert len(stream.step()[1].engine) == 1
    now = {**msgspec.structs.asdict(stream.settings()), **msgspec.structs.asdict(stream.state.operated.scene)}
    assert {field: now[field] for field in expected} == expected


def test_settings_are_said_every_second_and_begin_as_the_stage_file_has_them() -> None:
    settled = parse(SMALL.replace('name = "arm"', 'name = "arm"\ndelay_frames = 1.5\nsmoothing = true'), STAGES / "x")
    of_stage = settings_of(settled, lambda: 0, boot=7)
    state = SpineState(of_stage)
    heard = [
        message
        for tenth in range(30)
        for message in spine.tick(of_stage, state, NS_PER_S + tenth * NS_PER_S // 10)[1].bus
        if isinstance(message, CameraSettings | SceneSettings)
    ]
    assert [type(message) for message in heard] == [CameraSettings, SceneSettings] * 3
    assert heard[0] == CameraSettings(subject="camA", t_ns=NS_PER_S, smoothing=True, delay_frames=1.5)
    assert heard[1] == SceneSettings(subject="scene", t_ns=NS_PER_S)


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (camera(SetDelay, delay_frames=25.5), "delay of camA: expected 0 to 25 camera frames, got 25.5"),
        (camera(SetDelay, delay_frames=math.nan), "delay of camA: expected 0 to 25 camera frames, got nan"),
        (SetDelay(subject="camZ", t_ns=0, delay_frames=0.0), "no camera camZ; there are camA"),
        (scene(SetExposure, exposure_ev=-11.0), "exposure: expected -10 to 10 stops, got -11"),
        (scene(SetTimeOfDay, hour_unit=24.5), "time of day: expected an hour from 0 to 24, got 24.5"),
        (
            scene(LoadEnvironment, environment="dessert"),
            "no environment 'dessert'; there are sky, test-set, desert, a hash of the library's, or '' for the stage's own",  # noqa: E501
        ),
        (
            camera(ZeroTracking, on=True),
            "camA has no live tracking (waiting): there is no place to call zero",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_changes_nothing(command: Message, sentence: str) -> None:
    stream = Stream()
    before = stream.state.operated
    assert stream.ask(command) == ([], sentence)
    assert stream.state.operated == before
    assert stream.ask(StartTake(subject="x", t_ns=0))[1].startswith("the spine knows SetFrustum, Freeze")


def test_a_frozen_camera_stands_still_for_the_engine_and_goes_on_for_the_take() -> None:
    """Beside a spine that was never frozen: the same measurements, and afterwards the same poses, bit for bit."""
    stream, peer = Stream(), Stream()
    before = stream.run(50)[-1]
    peer.run(50)
    stream.ask(camera(Freeze, on=True))
    for number in range(51, 81):
        (pose, out), (truth, _) = stream.step(), peer.step()
        frame = engine.decode(*out.engine[0])
        assert isinstance(frame, engine.CameraFrame)
        assert (frame.sequence, frame.frozen, frame.predicted) == (number, True, False)
        assert (pose.position_m, pose.rotation_wxyz, pose.lens) == (
            before.position_m,
            before.rotation_wxyz,
            before.lens,
        )
        assert (frame.zoom_raw_unit, frame.focus_raw_unit) == (before.zoom_raw_unit, before.focus_raw_unit)
        assert (pose.measured_position_m, pose.measured_rotation_wxyz) == (
            truth.measured_position_m,
            truth.measured_rotation_wxyz,
        )
        assert (pose.lens_measured, pose.zoom_raw_unit, pose.t_ns) == (
            truth.lens_measured,
            truth.zoom_raw_unit,
            truth.t_ns,
        )
    stream.ask(camera(Freeze, on=False))
    for _ in range(20):
        (pose, out), (truth, other) = stream.step(), peer.step()
        assert pose == truth and not pose.frozen
        assert out.engine == other.engine


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=10))
def test_any_freezing_and_releasing_tells_what_a_peer_says_it_should(switched: list[tuple[bool, int]]) -> None:
    """Law: frozen, the last pose before the first freeze since the last release; else what an untouched spine says."""
    stream, peer = Stream(), Stream()
    held, newest = None, [stream.run(5), peer.run(5)][1][-1]
    for on, count in switched:
        stream.ask(camera(Freeze, on=on))
        held = (held or newest) if on else None
        for _ in range(count):
            pose, newest = stream.step()[0], peer.step()[0]
            shown = held or newest
            assert (pose.position_m, pose.lens) == (shown.position_m, shown.lens)
            assert pose.measured_position_m == newest.measured_position_m
            assert pose.frozen == (held is not None)


def test_stock_unreal_is_frozen_too_but_not_who_asked_for_what_is_measured() -> None:
    udp = 'udp = [{ protocol = "freed", port = 40100 }, { protocol = "freed", port = 40101, measured = true }]'
    stage = parse(SMALL.replace(SMALL[SMALL.index("udp = [") : SMALL.index("[[outputs]]")], f"{udp}\n"), STAGES / "x")
    of_stage = settings_of(stage, lambda: 0, boot=7)
    state = SpineState(of_stage)
    sent: list[dict[int, freed.FreeDPacket]] = []
    for index in range(40):
        if index == 20:
            spine.obey(of_stage, state, camera(Freeze, on=True), NS_PER_S)
        item = datagram(index)
        _, out = spine.step(of_stage, state, item, item.t_arrival_ns)
        sent.append({target: freed.decode(data) for target, data in out.udp})
    shown, measured = ([packets[target] for packets in sent[19:]] for target in (0, 1))
    assert len({(packet.position_mm, packet.pan_deg, packet.zoom, packet.focus) for packet in shown}) == 1
    assert len({(packet.position_mm, packet.zoom) for packet in measured}) == len(measured)


def test_freezing_twice_keeps_the_first_moment_and_before_any_pose_the_first_pose() -> None:
    stream = Stream()
    stream.ask(camera(Freeze, on=True))
    first = stream.run(1)[0]
    assert first.frozen
    later = stream.run(20)[-1]
    stream.ask(camera(Freeze, on=True))
    assert stream.run(1)[0].position_m == later.position_m == first.position_m
    assert later.measured_position_m != first.measured_position_m


def test_a_frustum_that_is_off_is_a_flag_on_every_pose_and_nothing_else() -> None:
    stream, peer = Stream(), Stream()
    stream.ask(camera(SetFrustum, on=False))
    (_, out), (_, other) = stream.step(), peer.step()
    off, on = engine.decode(*out.engine[0]), engine.decode(*other.engine[0])
    assert isinstance(off, engine.CameraFrame) and isinstance(on, engine.CameraFrame)
    assert (off.frustum_off, on.frustum_off) == (True, False)
    assert msgspec.structs.replace(off, frustum_off=False) == on
    stream.ask(camera(SetFrustum, on=True))
    assert stream.step()[1].engine == peer.step()[1].engine


def test_a_camera_whose_tracker_is_lost_hears_of_a_switch_all_the_same() -> None:
    stream = Stream()
    stream.run(10)
    gone_ns = stream.now_ns() + 3 * NS_PER_S
    for at_ns in range(stream.now_ns(), gone_ns, PERIOD_NS):
        spine.tick(SETTINGS, stream.state, at_ns)
    _, out, answer = spine.obey(SETTINGS, stream.state, camera(SetFrustum, on=False), gone_ns)
    frame = engine.decode(*out.engine[0])
    assert answer.ok and isinstance(frame, engine.CameraFrame)
    assert (frame.lost, frame.frustum_off) == (True, True)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.0, 25.0), st.integers(30, 60))
def test_a_delay_tells_what_was_so_long_ago_from_the_first_pose_on(delay_frames: float, after: int) -> None:
    """Law: the pose at t with delay d is the one told d ago (between two, where d is no whole number)."""
    stream, peer = Stream(), Stream()
    stream.run(after)
    peer.run(after)
    assert stream.ask(camera(SetDelay, delay_frames=delay_frames))[1] == ""
    for _ in range(3):
        held, now = stream.run(1)[0], peer.run(1)[0]
        then = at_time(peer.state.tracks[0].history, now.t_ns - round(delay_frames / 25 * NS_PER_S)).placed
        assert then is not None
        pupil = compose(
            (then.position_m, then.rotation_wxyz), ((0.0, held.lens_measured.entrance_pupil_m, 0.0), (1, 0, 0, 0))
        )
        assert held.measured_position_m == pytest.approx(pupil[0], abs=1e-9)
        assert abs(held.t_ns - then.t_ns) <= 1
        if delay_frames > 1e-6:
            assert not held.predicted
            assert held.position_m == held.measured_position_m


def test_without_delay_again_the_camera_is_predicted_as_if_it_had_never_been_held() -> None:
    """To a millimetre: prediction has been taught anew by what was kept, not from nothing."""
    stream, peer = Stream(), Stream()
    stream.run(100)
    peer.run(100)
    stream.ask(camera(SetDelay, delay_frames=3.0))
    stream.run(25), peer.run(25)
    stream.ask(camera(SetDelay, delay_frames=0.0))
    for _ in range(10):
        again, truth = stream.run(1)[0], peer.run(1)[0]
        assert again.predicted
        assert math.dist(again.position_m, truth.position_m) < 2e-3
        assert again.measured_position_m == truth.measured_position_m
        assert math.dist(truth.position_m, truth.measured_position_m) > 5e-3


def test_a_stream_far_slower_or_faster_keeps_the_longest_delay() -> None:
    """Twice as fast as declared there is still a second to hold back."""
    state = tracking.start(RIG)
    assert (state.history.maxlen or 0) * RIG.period_s / 2 >= changed_live.LONGEST_DELAY_NS / NS_PER_S
    assert operating.longest_delay_frames(30000, 1001, NS_PER_S) == pytest.approx(29.97, abs=1e-3)
