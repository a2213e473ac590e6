"""The page's model and its words: what an operator reads in each situation."""

import re
from html import unescape

import pytest

from bridge.clock import NS_PER_S
from bridge.console import faults, markup, running, streams
from bridge.console import text as console_text
from bridge.console import view as console_view
from bridge.console import words as console_words
from bridge.console.view import View, answered, start, view
from bridge.messages import (
    Alarm,
    CameraPose,
    HopLatency,
    LensState,
    Mark,
    Message,
    ServiceHealth,
    ServiceState,
    StreamHealth,
    TakeState,
)
from bridge.supervision import SaidReady, Started, Tell, Tick, Watch, step
from bridge.timecode import Timecode

S = NS_PER_S
LENS = LensState(focal_length_mm=32.0)


def pose(name: str = "camA", t_ns: int = S, x: float = 0.0, **more: object) -> CameraPose:
    place = (x, 0.0, 1.5)
    fixed = {"sensor_mm": (24.0, 13.5), "t_arrival_ns": t_ns, "t_display_ns": t_ns, "measured_position_m": place}
    return CameraPose(subject=name, t_ns=t_ns, sequence=t_ns, position_m=place, lens=LENS, **fixed, **more)


def health(name: str = "camA", t_ns: int = S, state: str = "live", **more: object) -> StreamHealth:
    return StreamHealth(subject=name, t_ns=t_ns, state=state, **more)


def after(*messages: Message) -> View:
    state = start(("camA", "camB"), ("spine", "recorder"))
    for message in messages:
        state = view(state, message)
    return state


def word(now_ns: int, *messages: Message) -> str:
    return console_words.camera_word(after(*messages).cameras["camA"], now_ns)


def shown(html: str) -> str:
    """What is left for the eye."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def test_a_camera_is_called_what_it_is_now() -> None:
    assert word(S) == "waiting"
    assert word(S, health(state="waiting")) == "waiting"
    assert word(S, pose(), health()) == "live"
    assert word(S, pose(concealed=True), health()) == "concealed"
    assert word(S, pose(stale=True), health()) == "stale"
    assert word(S, pose(), health(state="stale")) == "stale"
    assert word(S, pose(lost=True), health(state="lost")) == "LOST"
    assert word(3 * S, pose(), health(t_ns=3 * S)) == "no poses"


def test_live_is_not_believed_once_nobody_says_it_any_more() -> None:
    messages = pose(), health()
    assert word(2 * S, *messages) == "live"
    assert word(5 * S, *messages) == "SILENT"


def test_age_goes_on_counting_while_nothing_comes() -> None:
    lost = after(pose(t_ns=10 * S, lost=True), health(t_ns=10 * S, state="lost", age_s=4.0)).cameras["camA"]
    assert console_words.camera_age_s(lost, 12 * S) == pytest.approx(6.0)
    live = after(pose(t_ns=10 * S), health(t_ns=10 * S, age_s=0.5)).cameras["camA"]
    assert console_words.camera_age_s(live, 10 * S + S // 100) == pytest.approx(0.01)


def test_the_trail_is_bounded_and_leaves_out_what_was_not_measured() -> None:
    state = after(*(pose(t_ns=i * S // 10, x=float(i)) for i in range(1, 1000)))
    camera = state.cameras["camA"]
    assert len(camera.trail_m) == len(camera.trail_t_ns) == console_view.TRAIL
    assert console_words.trail(camera, 999 * S // 10, 1.0)[-1] == (999.0, 0.0, 1.5)
    assert len(console_words.trail(camera, 999 * S // 10, 1.0)) == 11
    assert len(after(pose(), pose(t_ns=2 * S, concealed=True)).cameras["camA"].trail_m) == 1


def test_poses_faster_than_the_eye_do_not_shorten_the_trail() -> None:
    state = after(*(pose(t_ns=i * S // 240, x=float(i)) for i in range(1, 240 * 5)))
    times = state.cameras["camA"].trail_t_ns
    assert times[-1] - times[0] > 4 * S


def test_the_same_alarm_is_counted_and_many_are_bounded() -> None:
    alarms = [Alarm(subject="camA", t_ns=i * S, severity="warning", text="late") for i in range(3)]
    state = after(*alarms)
    assert [(seen.count, seen.first_t_ns) for seen in state.alarms] == [(3, 0)]
    many = [Alarm(subject="camA", t_ns=i, severity="warning", text=f"alarm {i}") for i in range(500)]
    assert len(after(*many).alarms) == console_view.ALARMS
    assert not console_view.cleared(state).alarms


def test_what_is_wrong_says_what_to_do_and_goes_away_by_itself() -> None:
    conflict = health("camB", conflicting=3, conflicting_sender="10.0.0.9:1", sender="10.0.0.5:1")
    dead = ServiceState(subject="spine", t_ns=S, state="dead", reason="exit code -9")
    bad = after(pose(lost=True), health(state="lost", age_s=4.0), conflict, pose("camB"), dead)
    found = [(item.severity, item.subject, item.text) for item in faults.attention(bad, S)]
    assert found == [
        ("fault", "camA", "no packet for 4 s: check the tracker's power and its network cable"),
        ("fault", "spine", "is down, it is started again by itself: exit code -9"),
        ("warning", "camB", "10.0.0.9:1 uses its id too and is ignored, 10.0.0.5:1 keeps it: change one id"),
    ]
    ready = ServiceState(subject="spine", t_ns=S, state="ready")
    assert not faults.attention(after(pose(), health(), pose("camB"), health("camB"), ready), S)


def test_the_alarm_of_a_slow_start_goes_with_the_next_word_of_the_service() -> None:
    watch, said = Watch(name="spine"), list[Message]()
    for event, now_s in ((Started(1), 1), (Tick(), 62), (SaidReady(70 * S), 70)):
        watch, actions = step(watch, event, now_s * S)
        said += [action.message for action in actions if isinstance(action, Tell)]
    starting, slow, ready = said
    assert isinstance(slow, Alarm)
    other = Alarm(subject="spine", t_ns=62 * S, severity="warning", text="spine ended (exit code 1); started again")
    assert len(after(starting, slow, other).alarms) == 2
    assert [seen.alarm for seen in after(starting, slow, other, ready).alarms] == [other]
    assert not after(starting, ready, slow).alarms, "whichever comes first: they are of two queues"
    again = Alarm(subject="spine", t_ns=200 * S, severity="warning", text=slow.text)
    assert len(after(starting, slow, ready, again).alarms) == 1


def test_what_has_an_alarm_of_its_own_is_not_said_twice() -> None:
    alarm = Alarm(subject="camA", t_ns=S, severity="fault", text="lost: look at the cable")
    state = after(pose(lost=True), health(state="lost"), alarm)
    assert not faults.attention(state, S)
    assert "lost: look at the cable" in shown(console_text.alarms(state, S))
    assert len(faults.attention(state, 120 * S)) == 1, "an old alarm hides nothing"


def test_the_take_is_only_called_recording_while_the_recorder_says_so() -> None:
    running = TakeState(subject="recorder", t_ns=10 * S, recording=True, take="sc1_002", bytes_written=2_000_000)
    state = after(running, TakeState(subject="recorder", t_ns=75 * S, recording=True, take="sc1_002"))
    assert shown(console_text.take(state, 75 * S)) == "1:05 ● RECORDING sc1_002 0.0 MB, none missed"
    assert console_words.take_word(state, 90 * S) == "RECORDER SILENT"
    assert "do not count on this take" in shown(console_text.alarms(state, 90 * S))
    fault = TakeState(subject="recorder", t_ns=76 * S, recording=False, take="sc1_002", fault="the disk is full")
    assert console_words.take_word(view(state, fault), 76 * S) == "FAULT"
    assert console_words.take_word(after(), S) == "NO RECORDER"


def test_a_new_take_counts_from_its_own_start() -> None:
    takes = [TakeState(subject="recorder", t_ns=t * S, recording=True, take=name) for t, name in ((1, "a"), (9, "b"))]
    assert after(*takes).take_since_ns == 9 * S


def test_hops_name_the_worst_camera_and_forget_silent_ones() -> None:
    def hop(camera: str, p99_s: float, t_ns: int = S) -> HopLatency:
        return HopLatency(subject=camera, t_ns=t_ns, hop="wire", p50_s=0.001, p99_s=p99_s, max_s=p99_s, count=9)

    state = after(hop("camA", 0.002), hop("camB", 0.005))
    assert shown(running.hops(state, S)).endswith("wire 1.00 5.00 camB")
    assert "not measured yet" in running.hops(state, 10 * S)
    assert shown(running.hops(view(state, hop("camA", 0.002, 10 * S)), 10 * S)).endswith("wire 1.00 2.00 camA")


def test_rows_read_like_sentences() -> None:
    state = after(pose(), health(rate_hz=119.9, lost=12, received=3988, concealed=2), pose("camB", lost=True))
    text = shown(streams.cameras(state, S + S // 100))
    heads = "Cameras state Hz age last minute lost conc."
    assert text == f"{heads} camB ✕ LOST – 10 ms – – camA ● live 120 10 ms 12 (0.3%) 2"
    said = ServiceState(subject="spine", t_ns=S, state="ready", restarts=2)
    own = ServiceHealth(subject="spine", t_ns=S, cpu_cores_unit=0.31, memory_bytes=62_000_000)
    text = shown(running.services(after(said, own), S))
    assert text == "Services state restarts core MB spine ● ready 2 31% 62 recorder ✕ not heard – – –"


def test_the_heading_shows_the_newest_timecode() -> None:
    timecode = Timecode(hours=13, minutes=2, seconds=3, frames=4, rate_num=25)
    state = after(pose(timecode=timecode), pose("camB", t_ns=2 * S))
    assert "13:02:03:04 volume" in shown(console_text.heading(state, "volume", 1))
    assert "no timecode" in console_text.heading(after(), "volume", 1)
    old = after(pose(timecode=timecode))
    assert "13:02:03:04" in console_text.heading(old, "volume", 1, since_ns=S)
    assert "no timecode" in console_text.heading(old, "volume", 1, since_ns=S + 1), "a dead tracker's is of no use"


@pytest.mark.parametrize("part", ["cameras", "services", "hops", "take", "alarms"])
def test_nothing_that_came_from_the_network_becomes_markup(part: str) -> None:
    evil = "<img src=x onerror=alert(1)>"
    state = after(
        health(conflicting=1, conflicting_sender=evil, sender=evil),
        Alarm(subject="x", t_ns=S, severity="fault", text=evil),
        HopLatency(subject="camA", t_ns=S, hop=evil, p50_s=0, p99_s=0, max_s=0, count=1),
        TakeState(subject="recorder", t_ns=S, recording=True, take=evil, fault=""),
        ServiceState(subject="spine", t_ns=S, state="dead", reason=evil),
    )
    where = {"cameras": streams, "services": running, "hops": running}.get(part, console_text)
    assert "<img" not in getattr(where, part)(state, S)
    assert "<img" not in console_text.answer(answered(state, False, evil))


def test_other_messages_change_nothing() -> None:
    state = after()
    assert view(state, Mark(subject="console", t_ns=S)) is state


@pytest.mark.parametrize(("seconds", "text"), [(0.0123, "12 ms"), (3.21, "3.2 s"), (99.0, "99.0 s"), (900.0, "15 min")])
def test_durations(seconds: float, text: str) -> None:
    assert markup.duration(seconds) == text
