"""Tracker samples -> where each film camera is, what its lens does, and when the wall will show it.

One sample: placed in its stream (lost, repeated, late?), its time regularised, carried into the stage and forward to
the entrance pupil, held back where asked, smoothed where asked, and predicted to the moment the wall lights up.
`tick` is what happens between samples: one missing is concealed, silence is said.
"""

from collections import deque
from typing import Literal, NamedTuple

import msgspec

from bridge import align, continuity, dejitter, lens_track, prediction, smoothing, stream_watch
from bridge.align import Placed
from bridge.clock import NS_PER_S
from bridge.frames import Quaternion, Vector, compose, quat_rotate
from bridge.lens import LensTable
from bridge.messages import Alarm, CameraPose, StreamHealth, TrackerSample
from bridge.timecode import frame_number, frames_per_day

Rigid = tuple[Vector, Quaternion]
"""outer_from_inner: where the inner frame's origin is, and how it is turned."""

_HISTORY_S = 2.0  # how long a pose can be held back
_LESSON = 32  # poses that prediction is taught anew, when what it had learnt is void


class Rig(msgspec.Struct, frozen=True, kw_only=True):
    """One camera's numbers."""

    subject: str
    tracker: str
    camera_id: int = 0
    stage_from_tracker: Rigid
    body_from_sensor: Rigid
    nodal_offset_m: float = 0.0
    lens: LensTable
    sensor_mm: tuple[float, float]
    period_s: float
    """Of the tracker, as declared; the stream's own is measured."""
    tracker_latency_s: float = 0.0
    """From exposure to the packet's arrival."""
    display_latency_s: float = 0.0
    """From the pose leaving us to light from the wall."""
    delay_s: float = 0.0
    """Hold poses back by this much, to meet a picture that comes late. A pose held back is never predicted."""
    align: Literal["arrival", "timecode"] = "arrival"
    """`timecode` places samples by their labels, `arrival` by when they came."""
    smoothing: bool = False
    prediction: bool = True


class TrackState:
    """One camera's stream; `step` and `tick` change it in place, for speed, and hand it back."""

    __slots__ = (
        "concealed_ns",
        "delay_s",
        "foresight",
        "frame",
        "history",
        "lens",
        "line",
        "motion",
        "newest",
        "origin_ns",
        "previous",
        "said",
        "sample",
        "sequence",
        "smooth",
        "smoothing",
        "stage_from_tracker",
        "stream",
        "was_late",
        "watch",
    )

    def __init__(self, rig: Rig) -> None:
        self.watch = stream_watch.Watch()
        self.stream = continuity.Continuity()
        self.line: dejitter.Line | None = None
        self.origin_ns = 0
        self.frame = 0.0
        self.sample: TrackerSample | None = None
        self.newest: Placed | None = None
        self.previous: Placed | None = None
        self.history: deque[Placed] = deque(maxlen=max(4, round(_HISTORY_S / rig.period_s)))
        self.smoothing, self.delay_s, self.stage_from_tracker = rig.smoothing, rig.delay_s, rig.stage_from_tracker
        self.smooth: smoothing.Smooth | None = None
        self.foresight = _foresight(rig, rig.period_s)
        self.motion: prediction.Motion | None = None
        self.lens = lens_track.LensTrack()
        self.said: CameraPose | None = None
        """The newest pose we told."""
        self.sequence = 0
        self.concealed_ns = 0
        """`t_ns` of the pose we made up for the sample that is due; 0 when none is."""
        self.was_late = False


def start(rig: Rig) -> TrackState:
    """Nothing heard yet."""
    return TrackState(rig)


def set_smoothing(state: TrackState, on: bool) -> TrackState:
    """Switch smoothing, live."""
    state.smoothing, state.smooth = on, None
    return state


def learn_again(rig: Rig, state: TrackState) -> None:
    """Filters forget, and learn from what is kept: the next pose is as good as if they had never stopped."""
    state.smooth = state.motion = state.lens.zoom = None
    if state.delay_s > 0.0:
        return
    for placed in list(state.history)[-_LESSON:]:
        _drawn(rig, state, placed, follow=True)


def step(rig: Rig, state: TrackState, sample: TrackerSample) -> tuple[TrackState, list[CameraPose]]:
    """One sample of this camera; no pose for one that is repeated, overtaken or somebody else's."""
    sender_before = state.watch.sender
    if not stream_watch.hears(state.watch, sample.sender, sample.t_arrival_ns):
        return state, []
    if sender_before != state.watch.sender:
        state.stream.sequence = None
    periods = _place(rig, state, sample)
    if periods <= 0 and periods != continuity.CAUGHT_UP:
        return state, []
    placed = _carry(rig, state, sample, max(periods, 0))
    _note_late(state, placed.t_ns)
    state.previous, state.newest, state.sample, state.concealed_ns = state.newest, placed, sample, 0
    state.history.append(placed)
    if state.delay_s > 0.0:
        held = _held_back(rig, state, placed)
        if held is None:
            return state, []
        placed = held
    drawn = _drawn(rig, state, placed, follow=periods > 0)
    return state, [_said(rig, state, placed, drawn, sample.t_arrival_ns, _display_ns(rig, state, 0.0))]


def tick(rig: Rig, state: TrackState, now_ns: int) -> tuple[TrackState, list[CameraPose | StreamHealth | Alarm]]:
    """Let time pass: conceal the one missing sample, say stale, lost and back; health once a second."""
    said: list[CameraPose | StreamHealth | Alarm] = []
    watch, line = state.watch, state.line
    period_s = line.period_s if line else rig.period_s
    condition = stream_watch.condition_at(watch, now_ns, period_s)
    if line and condition == "live" and not state.concealed_ns:
        overdue_s = (now_ns - state.origin_ns) / NS_PER_S - line.at_s - period_s
        if overdue_s > 0.5 * period_s:
            said.extend(_conceal(rig, state, line, now_ns))
    changed = condition != watch.condition
    if changed:
        said.extend(stream_watch.turn(watch, rig.subject, condition, now_ns))
        if condition in ("stale", "lost") and state.said:
            stale, lost = condition == "stale", condition == "lost"
            said.append(again(state, msgspec.structs.replace(state.said, stale=stale, lost=lost)))
    said.extend(stream_watch.conflict(watch, rig.subject, rig.camera_id, now_ns))
    if changed or stream_watch.due(watch, now_ns):
        said.append(stream_watch.health(watch, rig.subject, state.stream, line.jitter_s if line else 0.0, now_ns))
    return state, said


# --- where a sample stands in its stream, and when it was true -----------------------------------------------------


def _place(rig: Rig, state: TrackState, sample: TrackerSample) -> int:
    """How many periods after the newest sample this one is; 0 or less for one to pass over."""
    stream, line, arrival_ns = state.stream, state.line, sample.t_arrival_ns
    sequence, modulus = sample.sequence, sample.sequence_modulus
    if rig.align == "timecode" or sequence is None:
        label = _label(sample, line.period_s if line else rig.period_s)
        sequence, modulus = label or (sequence, modulus)
    content = None
    if sequence is None:
        content = (sample.position_m, sample.rotation_wxyz, sample.zoom_raw_unit, sample.focus_raw_unit)
    if line is None:
        state.origin_ns = arrival_ns
        state.line = dejitter.Line(rig.period_s)
        return continuity.place(stream, sequence, modulus, 1.0, content)
    arrival_s = (arrival_ns - state.origin_ns) / NS_PER_S
    elapsed = (arrival_s - line.at_s) / line.period_s
    outage = arrival_s - line.at_s > stream_watch.LOST_NS / NS_PER_S
    periods = continuity.place(stream, sequence, modulus, 1.0 if outage and sequence is None else elapsed, content)
    if periods == continuity.RESTARTED or (outage and periods > 0):
        state.line = dejitter.Line(line.period_s, arrival_s)
        state.history.clear()
        return max(periods, 1)
    if periods > 0:
        dejitter.advance(line, arrival_s, periods)
        longer = continuity.longer_period(stream)
        if longer > 1:
            dejitter.stretch(line, longer)
    return periods


def _label(sample: TrackerSample, period_s: float) -> tuple[int, int] | None:
    """(frame number, frames a day) of a timecode that counts every sample; None of one that does not."""
    tc = sample.timecode
    if tc is None or abs(period_s * tc.rate_num / tc.rate_den - 1.0) > 0.02:
        return None
    return frame_number(tc), frames_per_day(tc.rate_num, tc.rate_den, tc.drop_frame)


def _carry(rig: Rig, state: TrackState, sample: TrackerSample, periods: int) -> Placed:
    """The sensor in the stage frame, at the time it was there."""
    line = state.line
    assert line is not None
    if sample.time_source == "arrival":
        t_ns = state.origin_ns + round((line.at_s - rig.tracker_latency_s) * NS_PER_S)
    else:
        t_ns = sample.t_ns
    if state.newest is not None:  # never before what was told already
        t_ns = max(t_ns, state.newest.t_ns + 1, state.concealed_ns + 1)
    state.frame += periods
    position_m, rotation = compose(
        compose(state.stage_from_tracker, (sample.position_m, sample.rotation_wxyz)), rig.body_from_sensor
    )
    zoom, focus = sample.zoom_raw_unit or 0.0, sample.focus_raw_unit or 0.0
    iris = sample.iris_raw_unit or 0.0
    return Placed(t_ns, state.frame, position_m, rotation, zoom, focus, sample.timecode, iris, sample.lens)


def _note_late(state: TrackState, t_ns: int) -> None:
    """Count one whose pose was made up and told already; it is told all the same, for takes have every sample.

    Two in a row are not late, but slow.
    """
    late = state.concealed_ns != 0 and not state.was_late and t_ns <= state.concealed_ns + _quarter_ns(state)
    state.was_late = late
    state.stream.reordered += late


def _quarter_ns(state: TrackState) -> float:
    return 0.25 * NS_PER_S * state.line.period_s if state.line else 0.0


def _held_back(rig: Rig, state: TrackState, placed: Placed) -> Placed | None:
    """The pose of `delay_s` ago, between two samples; by timecode where that counts every sample."""
    sample = state.sample
    if rig.align == "timecode" and sample and state.line and _label(sample, state.line.period_s) and sample.timecode:
        tc = sample.timecode
        return align.at_frame(state.history, placed.place_frames - state.delay_s * tc.rate_num / tc.rate_den).placed
    return align.at_time(state.history, placed.t_ns - round(state.delay_s * NS_PER_S)).placed


# --- what is told ---------------------------------------------------------------------------------------------------


class _Drawn(NamedTuple):
    """What the wall is drawn with: where the sensor is taken to be, and whether that is a prediction."""

    position_m: Vector
    rotation_wxyz: Quaternion
    predicted: bool


def _drawn(rig: Rig, state: TrackState, placed: Placed, *, follow: bool) -> _Drawn:
    """From a measured pose: smoothed and predicted as the rig and the operator want it.

    One that only caught up is not followed: it has no time of its own to learn a motion from.
    """
    position_m, rotation = placed.position_m, placed.rotation_wxyz
    if not follow and state.motion is not None:
        return _Drawn(*prediction.predict(state.motion, (_display_ns(rig, state, 0.0) - placed.t_ns) / NS_PER_S), True)
    if state.smoothing:
        state.smooth = smoothing.step(_ONE_EURO, state.smooth, placed.t_ns, position_m, rotation)
        position_m, rotation = state.smooth.position_m, state.smooth.rotation_wxyz
    if not rig.prediction or state.delay_s > 0.0:
        return _Drawn(position_m, rotation, False)
    if state.line and abs(state.line.period_s - state.foresight.period_s) > 0.1 * state.foresight.period_s:
        state.foresight, state.motion, state.lens.zoom = _foresight(rig, state.line.period_s), None, None
    state.motion = prediction.step(state.foresight, state.motion, placed.t_ns, position_m, rotation)
    lens_track.follow(state.lens, state.foresight, placed)
    horizon_s = (_display_ns(rig, state, 0.0) - placed.t_ns) / NS_PER_S
    return _Drawn(*prediction.predict(state.motion, horizon_s), True)


def _foresight(rig: Rig, period_s: float) -> prediction.Prediction:
    return prediction.Prediction(period_s, rig.tracker_latency_s + rig.display_latency_s)


def _conceal(rig: Rig, state: TrackState, line: dejitter.Line, now_ns: int) -> list[CameraPose]:
    """One pose in the missing sample's place, a period further along the way of the last two."""
    last, before = state.newest, state.previous
    if last is None or before is None or last.t_ns - before.t_ns > 2.5 * line.period_s * NS_PER_S:
        return []
    period_ns = round(line.period_s * NS_PER_S)
    placed = align.between(before, last, 1.0 + period_ns / (last.t_ns - before.t_ns))
    state.concealed_ns = placed.t_ns
    state.watch.concealed += 1
    if state.delay_s > 0.0:
        held = align.at_time((*state.history, placed), placed.t_ns - round(state.delay_s * NS_PER_S)).placed
        if held is None:
            return []
        placed = held
    drawn = _Drawn(placed.position_m, placed.rotation_wxyz, False)
    t_display_ns = _display_ns(rig, state, line.period_s)
    if state.motion is not None:
        drawn = _Drawn(*prediction.predict(state.motion, (t_display_ns - last.t_ns) / NS_PER_S), True)
    pose = _said(rig, state, placed, drawn, now_ns, t_display_ns)
    state.said = msgspec.structs.replace(pose, concealed=True)
    return [state.said]


def again(state: TrackState, pose: CameraPose) -> CameraPose:
    """A pose once more, as the newest."""
    state.sequence += 1
    state.said = msgspec.structs.replace(pose, sequence=state.sequence)
    return state.said


def _display_ns(rig: Rig, state: TrackState, after_s: float) -> int:
    at_s = state.line.at_s if state.line else 0.0
    return state.origin_ns + round((at_s + after_s + rig.display_latency_s) * NS_PER_S)


def _said(
    rig: Rig, state: TrackState, placed: Placed, drawn: _Drawn, t_arrival_ns: int, t_display_ns: int
) -> CameraPose:
    """The lens, and both poses carried forward to the entrance pupil."""
    sample = state.sample
    measured = lens_track.measured(state.lens, rig.lens, placed)
    lens = lens_track.foretold(state.lens, rig.lens, placed, measured, t_display_ns) if drawn.predicted else measured
    x, y, z = quat_rotate(drawn.rotation_wxyz, (0.0, lens.entrance_pupil_m + rig.nodal_offset_m, 0.0))
    a, b, c = quat_rotate(placed.rotation_wxyz, (0.0, measured.entrance_pupil_m + rig.nodal_offset_m, 0.0))
    (px, py, pz), (mx, my, mz) = drawn.position_m, placed.position_m
    state.sequence += 1
    state.said = CameraPose(
        subject=rig.subject,
        t_ns=placed.t_ns,
        sequence=state.sequence,
        position_m=(px + x, py + y, pz + z),
        rotation_wxyz=drawn.rotation_wxyz,
        lens=lens,
        sensor_mm=rig.sensor_mm,
        t_arrival_ns=t_arrival_ns,
        t_display_ns=t_display_ns,
        time_source=sample.time_source if sample else "arrival",
        timecode=placed.timecode,
        measured_position_m=(mx + a, my + b, mz + c),
        measured_rotation_wxyz=placed.rotation_wxyz,
        zoom_raw_unit=placed.zoom_raw_unit,
        focus_raw_unit=placed.focus_raw_unit,
        iris_raw_unit=placed.iris_raw_unit,
        predicted=drawn.predicted,
        measured_lens=None if lens is measured else measured,
    )
    return state.said


_ONE_EURO = smoothing.OneEuro()
