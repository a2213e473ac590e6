"""Time: who counts the timecode, how true each source is, and how far the hosts' clocks are known."""

from collections.abc import Sequence
from html import escape

from bridge.clock import NS_PER_S
from bridge.console.faults import DRIFT_UNIT, HOST_ERROR_S, HOST_SKEW_UNIT, LATELY_NS
from bridge.console.markup import badge, dim, duration, milliseconds, name, section, state, table
from bridge.console.view import Counted, View
from bridge.console.words import SILENT_NS
from bridge.messages import TimecodeState
from bridge.timecode import Timecode, frame_number, timecode_at

_TONE = {"locked": "good", "free-run": "idle", "locking": "warn", "jammed": "warn"}
_BY = {"": "by nobody", "tracker": "by their tracker", "free-run": "free-run, by this computer's time of day"}


def labels(view: View) -> str:
    """Who labels the poses, in one line."""
    chosen = [source for source, seen in view.timecodes.items() if _said(seen).chosen]
    by = {camera.pose.timecode_source for camera in view.cameras.values() if camera.pose is not None}
    if not by:
        return f'<p class="dim">no pose has come yet{": " + escape(chosen[0]) + " is chosen" if chosen else ""}</p>'
    words = sorted(escape(_BY.get(source, f"by {source}")) for source in by)
    return f"<p>Poses are labelled <b>{' and '.join(words)}</b></p>"


def timecodes(view: View, now_ns: int) -> str:
    """Every source of timecode that says something of itself."""
    rows: list[Sequence[str]] = []
    for source, seen in sorted(view.timecodes.items(), key=lambda item: (not _said(item[1]).chosen, item[0])):
        said = _said(seen)
        word = "SILENT" if now_ns - said.t_ns > SILENT_NS else said.state
        jumped = badge("JUMPED", "warn") if seen.rose_ns and now_ns - seen.rose_ns < LATELY_NS else ""
        backward = badge("backward", "warn") if said.speed_unit < 0 else ""
        rows.append(
            (
                name(source) + (dim("chosen") if said.chosen else "") + jumped + backward,
                state(word, _TONE.get(word, "bad")),
                f'<span class="tc">{now_label(said, now_ns)}</span>',
                _rate(said.timecode) + ("" if said.rate_sure else "?"),
                _toned(said.drift_unit, DRIFT_UNIT, 1e6),
                "–" if said.chosen else _toned(said.disagrees_frames, 1.0),
                str(said.jumps),
            )
        )
    heads = ("", "state", "label", "rate", "ppm", "f off", "jumps")
    notes = "".join(
        f'<p class="dim wrap">{escape(source)}: {escape(_said(seen).note)}</p>'
        for source, seen in view.timecodes.items()
        if _said(seen).note
    )
    body = table(heads, rows, lefts=(1,)) + notes if rows else '<p class="dim">no source besides the trackers</p>'
    return section("Timecode", labels(view) + body)


def hosts(view: View, now_ns: int) -> str:
    """Every other host's clock against ours."""
    rows: list[Sequence[str]] = []
    for host, said in sorted(view.hosts.items()):
        silent = said.silent or now_ns - said.t_ns > SILENT_NS
        good = said.error_s <= HOST_ERROR_S and abs(said.skew_unit) <= HOST_SKEW_UNIT
        word = state("silent", "bad") if silent else state("known", "good") if good else state("coarse", "warn")
        rows.append(
            (
                name(host),
                word,
                f"{_offset(said.offset_s)} ± {milliseconds(said.error_s)} ms",
                f"{said.skew_unit * 1e6:+.1f}",
                f"{milliseconds(said.round_trip_s)} ms",
            )
        )
    if not rows:
        return section("Hosts", '<p class="dim">only this computer</p>')
    return section("Hosts", table(("", "clock", "ahead of ours", "skew ppm", "round trip"), rows, lefts=(1,)))


def now_label(said: TimecodeState, now_ns: int) -> str:
    """The label as it must be now, if it was true when it was said; the label said for a source that stands."""
    if said.timecode is None:
        return "–"
    label, elapsed_ns = said.timecode, now_ns - said.t_ns
    if said.state in ("silent", "locking") or not 0 <= elapsed_ns <= SILENT_NS:
        return str(label)
    frames = int(elapsed_ns * said.speed_unit * label.rate_num / (label.rate_den * NS_PER_S))
    return str(timecode_at(frame_number(label) + frames, label.rate_num, label.rate_den, label.drop_frame))


def _said(seen: Counted) -> TimecodeState:
    assert isinstance(seen.said, TimecodeState)
    return seen.said


def _rate(label: Timecode | None) -> str:
    if label is None:
        return "–"
    return f"{label.rate_num / label.rate_den:.5g}{' DF' if label.drop_frame else ''}"


def _toned(value: float | None, limit: float, scale: float = 1.0) -> str:
    if value is None:
        return "–"
    text = f"{value * scale:+.1f}"
    return text if abs(value) < limit else f'<span class="warn">{text}</span>'


def _offset(seconds: float) -> str:
    if abs(seconds) < 100:
        return f"{seconds * 1e3:+.2f} ms"
    return f"{'+' if seconds > 0 else '-'}{duration(abs(seconds))}"
