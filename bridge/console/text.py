"""The page's large texts: is all well, what is being recorded, what came of the last press, what is wrong."""

from collections.abc import Iterable
from html import escape

from bridge.clock import NS_PER_S
from bridge.console.faults import Attention, attention
from bridge.console.markup import clock, duration, section, state
from bridge.console.takes import playing
from bridge.console.view import AlarmView, View, newest_timecode
from bridge.console.words import camera_word, take_word

ALARMS_SHOWN = 6
_WORST_FIRST = ("fault", "warning", "notice")
_TAKE_TONE = {"RECORDING": "rec", "READY": "idle"}
_SEVERITY_TONE = {"fault": "bad", "warning": "warn", "notice": "idle"}


def verdict(view: View, wrong: Iterable[Attention], now_ns: int) -> str:
    """For whoever stands across the stage: what is played back or stands still, what is lost, or that all is well."""
    return f'<div class="cyc">{playing(view, now_ns)}{_held(view)}{_worst(view, wrong, now_ns)}</div>'


def _held(view: View) -> str:
    frozen = [name for name, seen in view.settings.items() if seen.said.frozen]
    hidden = [name for name, seen in view.settings.items() if not seen.said.frustum]
    said = [*([_named("FROZEN", frozen)] if frozen else []), *([_named("FRUSTUM OFF", hidden)] if hidden else [])]
    return f'<p class="cyc-verdict ice">❄ {escape(" · ".join(said))}</p>' if said else ""


def _worst(view: View, wrong: Iterable[Attention], now_ns: int) -> str:
    worst = next((item for item in wrong if item.severity == "fault"), None)
    words = [camera_word(camera, now_ns) for camera in view.cameras.values()]
    lost = [name for name, camera in view.cameras.items() if camera_word(camera, now_ns) in _GONE]
    if lost:
        return f'<p class="cyc-verdict bad">✕ {escape(_named("LOST", lost))}</p>'
    if worst is not None:
        return f'<p class="cyc-verdict bad">✕ {escape(worst.subject)}: see Alarms</p>'
    good = sum(word in ("live", "concealed") for word in words)
    if good < len(words):
        tone = "warn" if "stale" in words else "idle"
        return f'<p class="cyc-verdict {tone}">{good} of {len(words)} cameras live</p>'
    return f'<p class="cyc-verdict good">● {len(words)} of {len(words)} live</p>'


_GONE = ("LOST", "SILENT", "no poses")


def _named(word: str, cameras: list[str]) -> str:
    shown = ", ".join(cameras[:3])
    return f"{shown}{f' and {len(cameras) - 3} more' if len(cameras) > 3 else ''} {word}"


def take(view: View, now_ns: int) -> str:
    """What the recorder does, as large as it gets."""
    word, said = take_word(view, now_ns), view.take
    tone = _TAKE_TONE.get(word, "bad")
    if said is None or word != "RECORDING":
        last = f'<p class="dim">last take {escape(said.take)}</p>' if said and said.take else ""
        return f'<div class="cyc"><p class="big">{state(word, tone)}</p>{last}</div>'
    seconds = (now_ns - view.take_since_ns) // NS_PER_S
    megabytes = said.bytes_written / 1e6
    size = f"{megabytes:.0f} MB" if megabytes >= 10 else f"{megabytes:.1f} MB"
    missed = f', <span class="bad">{said.missed} missed</span>' if said.missed else ", none missed"
    return (
        f'<div class="cyc"><p class="big"><span class="side">{clock(seconds)}</span>'
        f"{state(word, tone)}</p><p>{escape(said.take)}"
        f' <span class="dim">{size}{missed}</span></p></div>'
    )


def heading(view: View, stage_name: str, beat: int, since_ns: int = 0) -> str:
    """The stage's name and the newest timecode that came since then; a new `beat` keeps the page from calling itself
    out of date."""
    timecode = newest_timecode(view, since_ns)
    shown = f'<span class="side">{timecode}</span>' if timecode else '<span class="side dim">no timecode</span>'
    old = '<div class="cyc-old">✕ This page is out of date: the console service does not answer</div>'
    return f'<div class="cyc" data-beat="{beat}"><p class="big">{shown}{escape(stage_name)}</p>{old}</div>'


def answer(view: View) -> str:
    """What came of the last button press."""
    if not view.answer:
        return ""
    word, tone = ("done", "good") if view.answer_ok else ("refused", "bad")
    return f'<div class="cyc"><p class="wrap">{state(word, tone)} {escape(view.answer)}</p></div>'


def alarms(view: View, now_ns: int, wrong: Iterable[Attention] | None = None) -> str:
    """What is wrong now, then what was said lately; each with what to do. Empty when all is well."""
    wrong = attention(view, now_ns) if wrong is None else wrong
    lines = [(item.severity, item.subject, item.text, "") for item in wrong]
    lines += [_alarm_line(seen, now_ns) for seen in reversed(view.alarms)]
    lines.sort(key=lambda line: _WORST_FIRST.index(line[0]))
    if not lines:
        return '<div class="cyc"><h2>Alarms</h2><p class="good">● none</p></div>'
    shown = "".join(
        f'<p class="wrap">{state(subject, _SEVERITY_TONE.get(severity, "bad"))} {escape(text)}'
        f' <span class="dim">{escape(since)}</span></p>'
        for severity, subject, text, since in lines[:ALARMS_SHOWN]
    )
    left = len(lines) - ALARMS_SHOWN
    more = f'<p class="dim">and {left} more</p>' if left > 0 else ""
    return section("Alarms", shown + more)


def _alarm_line(seen: AlarmView, now_ns: int) -> tuple[str, str, str, str]:
    times = f"{seen.count} times, " if seen.count > 1 else ""
    since = f"{times}{duration(max(now_ns - seen.alarm.t_ns, 0) / NS_PER_S)} ago"
    return seen.alarm.severity, seen.alarm.subject, seen.alarm.text, since
