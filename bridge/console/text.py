"""The texts of the operator's page as HTML: large, few, every state a word and a sign, never colour alone.

Whatever came from the network (senders, notes, alarm texts) is escaped.
"""

from collections.abc import Iterable, Sequence
from html import escape

from bridge.clock import NS_PER_S
from bridge.console.view import AlarmView, View, newest_timecode
from bridge.console.words import attention, camera_age_s, camera_word, loss_share_unit, take_word, worst_hops
from bridge.messages import ServiceState

ALARMS_SHOWN = 6
_WORST_FIRST = ("fault", "warning", "notice")
_SIGNS = {"good": "●", "warn": "▲", "bad": "✕", "idle": "○", "rec": "●"}
_CAMERA_TONE = {"live": "good", "concealed": "good", "waiting": "idle", "stale": "warn"}
_SERVICE_TONE = {"ready": "good", "starting": "idle", "stopped": "idle"}
_TAKE_TONE = {"RECORDING": "rec", "READY": "idle"}
_SEVERITY_TONE = {"fault": "bad", "warning": "warn", "notice": "idle"}


def cameras(state: View, now_ns: int) -> str:
    """Streams: state, rate, age of the newest packet, lost, concealed."""
    rows: list[Sequence[str]] = []
    for name, camera in sorted(state.cameras.items()):
        word, health = camera_word(camera, now_ns), camera.health
        age_s = camera_age_s(camera, now_ns)
        rows.append(
            (
                _name(name),
                _state(word, _CAMERA_TONE.get(word, "bad")),
                f"{health.rate_hz:.0f}" if health and word in ("live", "concealed", "stale") else "–",
                "–" if age_s is None else duration(age_s),
                _lost(health.lost, loss_share_unit(health)) if health else "–",
                str(health.concealed) if health else "–",
            )
        )
    dense = "dense" if len(rows) > 10 else ""
    return _section("Cameras", _table(("", "state", "Hz", "age", "lost", "conc."), rows, lefts=(1,), kind=dense))


def hops(state: View, now_ns: int) -> str:
    """Latency per hop, of the camera that has it worst."""
    rows: list[Sequence[str]] = []
    for hop in worst_hops(state, now_ns):
        declared = ' <span class="dim">declared</span>' if hop.declared else ""
        camera = f'<span class="dim">{escape(hop.subject)}</span>'
        p99 = "" if hop.declared else milliseconds(hop.p99_s)
        rows.append((f"{escape(hop.hop.replace('->', '→'))}{declared}", milliseconds(hop.p50_s), p99, camera))
    if not rows:
        return _section("Latency", '<p class="dim">not measured yet</p>')
    return _section("Latency, worst camera, ms", _table(("", "p50", "p99", "camera"), rows, kind="dense"))


def services(state: View, now_ns: int) -> str:
    """Services: state, restarts, processor and memory."""
    rows: list[Sequence[str]] = []
    for name, service in state.services.items():
        said, health = service.state, service.health
        fresh = health is not None and now_ns - health.t_ns < 5 * NS_PER_S
        word = _service_word(said, fresh, bool(health and health.ready))
        rows.append(
            (
                _name(name),
                _state(word, _SERVICE_TONE.get(word, "bad")),
                str(said.restarts) if said else "–",
                f"{health.cpu_cores_unit:.0%}" if health and fresh else "–",
                f"{health.memory_bytes / 1e6:.0f}" if health and fresh and health.memory_bytes else "–",
            )
        )
    return _section("Services", _table(("", "state", "restarts", "core", "MB"), rows, lefts=(1,), kind="dense"))


def take(state: View, now_ns: int) -> str:
    """What the recorder does, as large as it gets."""
    word, said = take_word(state, now_ns), state.take
    tone = _TAKE_TONE.get(word, "bad")
    if said is None or word != "RECORDING":
        name = f'<p class="dim">last take {escape(said.take)}</p>' if said and said.take else ""
        return f'<div class="cyc"><p class="big">{_state(word, tone)}</p>{name}</div>'
    seconds = (now_ns - state.take_since_ns) // NS_PER_S
    megabytes = said.bytes_written / 1e6
    size = f"{megabytes:.0f} MB" if megabytes >= 10 else f"{megabytes:.1f} MB"
    missed = f', <span class="bad">{said.missed} missed</span>' if said.missed else ", none missed"
    return (
        f'<div class="cyc"><p class="big"><span class="side">{seconds // 60}:{seconds % 60:02d}</span>'
        f"{_state(word, tone)}</p><p>{escape(said.take)}"
        f' <span class="dim">{size}{missed}</span></p></div>'
    )


def heading(state: View, stage_name: str, beat: int) -> str:
    """The stage's name and the newest timecode; a new `beat` keeps the page from calling itself out of date."""
    timecode = newest_timecode(state)
    shown = f'<span class="side">{timecode}</span>' if timecode else '<span class="side dim">no timecode</span>'
    old = '<div class="cyc-old">✕ This page is out of date: the console service does not answer</div>'
    return f'<div class="cyc" data-beat="{beat}"><p class="big">{shown}{escape(stage_name)}</p>{old}</div>'


def answer(state: View) -> str:
    """What came of the last button press."""
    if not state.answer:
        return ""
    word, tone = ("done", "good") if state.answer_ok else ("refused", "bad")
    return f'<div class="cyc"><p class="wrap">{_state(word, tone)} {escape(state.answer)}</p></div>'


def alarms(state: View, now_ns: int) -> str:
    """What is wrong now, then what was said lately; each with what to do. Empty when all is well."""
    lines = [(item.severity, item.subject, item.text, "") for item in attention(state, now_ns)]
    lines += [_alarm_line(seen, now_ns) for seen in reversed(state.alarms)]
    lines.sort(key=lambda line: _WORST_FIRST.index(line[0]))
    if not lines:
        return '<div class="cyc"><h2>Alarms</h2><p class="good">● none</p></div>'
    shown = "".join(
        f'<p class="wrap">{_state(subject, _SEVERITY_TONE.get(severity, "bad"))} {escape(text)}'
        f' <span class="dim">{escape(since)}</span></p>'
        for severity, subject, text, since in lines[:ALARMS_SHOWN]
    )
    left = len(lines) - ALARMS_SHOWN
    more = f'<p class="dim">and {left} more</p>' if left > 0 else ""
    return _section("Alarms", shown + more)


def duration(seconds: float) -> str:
    """`12 ms`, `3.2 s`, `14 min`: never more than three digits."""
    if seconds < 0.9995:
        return f"{seconds * 1e3:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def milliseconds(seconds: float) -> str:
    """Two digits that count."""
    value = seconds * 1e3
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def _alarm_line(seen: AlarmView, now_ns: int) -> tuple[str, str, str, str]:
    times = f"{seen.count} times, " if seen.count > 1 else ""
    since = f"{times}{duration(max(now_ns - seen.alarm.t_ns, 0) / NS_PER_S)} ago"
    return seen.alarm.severity, seen.alarm.subject, seen.alarm.text, since


def _service_word(said: ServiceState | None, fresh: bool, ready: bool) -> str:
    if said is None:
        return ("ready" if ready else "starting") if fresh else "not heard"
    if said.state == "ready" and fresh and not ready:
        return "starting"
    return said.state


def _lost(count: int, share_unit: float) -> str:
    if not count:
        return "0"
    return f'<span class="warn">{count}</span>' + (f" ({share_unit:.1%})" if share_unit >= 0.001 else "")


def _name(text: str) -> str:
    return f'<div class="name">{escape(text)}</div>'


def _state(word: str, tone: str) -> str:
    return f'<span class="{tone}">{_SIGNS[tone]} {escape(word)}</span>'


def _section(title: str, body: str) -> str:
    return f'<div class="cyc"><h2>{escape(title)}</h2>{body}</div>'


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, lefts: Sequence[int] = (), kind: str = "") -> str:
    """Cells are HTML already."""

    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(f"<{tag}{' class=l' if i in lefts else ''}>{cell}</{tag}>" for i, cell in enumerate(row))

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f'<table class="{kind}"><tr>{cells("th", heads)}</tr>{body}</table>'
