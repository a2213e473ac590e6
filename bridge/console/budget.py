"""Where the time goes from the sensor to the light, as one bar per camera: what is measured and what is declared."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from bridge.clock import NS_PER_S
from bridge.console.markup import by_number, dim, milliseconds, section
from bridge.console.view import View
from bridge.console.words import SILENT_NS
from bridge.messages import HopLatency
from bridge.stage import Stage, display_latency_s
from bridge.timecode import parse_rate

DENSE_FROM = 6
IN_BRIDGE, ON_WIRE = "packet received -> pose sent", "pose sent -> engine decoded"


class Declared(NamedTuple):
    """What the stage file says of one camera's way to the light."""

    tracker_s: float
    held_s: float
    """The stage file's own delay, while the spine has not said what it holds back by."""
    engine_s: float
    processor_s: float
    wall: str
    """The slowest one."""
    frame_s: float


class Part(NamedTuple):
    """One piece of the bar. None where nothing was measured."""

    name: str
    time_s: float | None
    measured: bool
    p99_s: float | None = None
    """One time in a hundred it takes longer than this."""


def declared(stage: Stage) -> dict[str, Declared]:
    """Camera -> what the stage file declares."""
    trackers = {tracker.name: tracker for tracker in stage.trackers}
    slowest = max(stage.walls, key=lambda wall: display_latency_s(stage, wall))
    processor_s = display_latency_s(stage, slowest) - stage.engine.latency_s
    found: dict[str, Declared] = {}
    for camera in stage.cameras:
        numerator, denominator = parse_rate(camera.rate)
        frame_s, tracker = denominator / numerator, trackers[camera.tracker]
        held_s = tracker.delay_frames * frame_s
        found[camera.name] = Declared(
            tracker.latency_s, held_s, stage.engine.latency_s, processor_s, slowest.name, frame_s
        )
    return found


def parts(said: Declared, hops: Mapping[str, HopLatency], delay_frames: float | None) -> list[Part]:
    """The bar's pieces from left to right; `delay_frames` is what the spine says it holds back by, in all."""
    bridge, wire = hops.get(IN_BRIDGE), hops.get(ON_WIRE)
    held_s = said.held_s if delay_frames is None else delay_frames * said.frame_s
    return [
        Part("tracker", said.tracker_s, False),
        *([Part("held", held_s, False)] if held_s else []),
        Part("bridge", bridge.p50_s if bridge else None, True, bridge.p99_s if bridge else None),
        Part("wire", wire.p50_s if wire else None, True, wire.p99_s if wire else None),
        Part("engine", said.engine_s, False),
        Part("processor", said.processor_s, False),
    ]


def total_s(pieces: Sequence[Part]) -> float:
    """From the sensor to the light, as far as it is known."""
    return sum(part.time_s or 0.0 for part in pieces)


def budgets(state: View, said: Mapping[str, Declared], now_ns: int) -> dict[str, list[Part]]:
    """Of every camera, the slowest first."""
    hops: dict[str, dict[str, HopLatency]] = {}
    for (hop, camera), latency in state.hops.items():
        if now_ns - latency.t_ns <= SILENT_NS:
            hops.setdefault(camera, {})[hop] = latency
    found: dict[str, list[Part]] = {}
    for camera, words in said.items():
        settings = state.settings.get(camera)
        found[camera] = parts(words, hops.get(camera, {}), settings.said.delay_frames if settings else None)
    return dict(sorted(found.items(), key=lambda item: (-total_s(item[1]), by_number(item[0]))))


def bars(state: View, said: Mapping[str, Declared], now_ns: int, most: int = 64) -> str:
    """Stacked bars on one scale, the slowest camera on top; beyond `most` only how many more."""
    found = budgets(state, said, now_ns)
    if not found:
        return ""
    longest_s = max(*(total_s(pieces) for pieces in found.values()), 1e-3)
    shown = list(found.items())[:most]
    dense = len(shown) >= DENSE_FROM
    rows = [
        _line(camera, pieces, said[camera], longest_s)
        if dense and index
        else _row(camera, pieces, said[camera], foretold_s(state, camera), longest_s)
        for index, (camera, pieces) in enumerate(shown)
    ]
    left = len(found) - most
    more = f'<p class="dim">and {left} more, none slower: tab Latency</p>' if left > 0 else ""
    wall = escape(next(iter(said.values())).wall)
    key = (
        '<p class="cyc-key"><i class="cyc-solid"></i>measured (p50) <i class="cyc-hatch"></i>declared in the stage file'
        f" · slowest wall: {wall}</p>"
    )
    return section("From sensor to light", "".join(rows) + more + key)


def foretold_s(state: View, camera: str) -> float | None:
    """How far ahead of its measurement the newest pose is told; None where it is not predicted."""
    seen = state.cameras.get(camera)
    if seen is None or seen.pose is None or not seen.pose.predicted:
        return None
    return (seen.pose.t_display_ns - seen.pose.t_ns) / NS_PER_S


def _row(camera: str, pieces: Sequence[Part], said: Declared, foretold: float | None, longest_s: float) -> str:
    whole_s = total_s(pieces)
    unknown = any(part.time_s is None for part in pieces)
    cells = "".join(_piece(part, longest_s) for part in pieces)
    ahead = "" if foretold is None else f" · foretold {foretold * 1e3:.0f} ms"
    sure = "more than " if unknown else ""
    numbers = " · ".join(_number(part) for part in pieces)
    return (
        f'<div class="cyc-budget"><p><b>{escape(camera)}</b><span class="side">{sure}<b>{whole_s * 1e3:.0f} ms</b> = '
        f"<b>{whole_s / said.frame_s:.1f} frames</b></span></p>"
        f'<div class="cyc-bar">{cells}</div><p class="cyc-under">{numbers}{dim(ahead)}</p></div>'
    )


def _line(camera: str, pieces: Sequence[Part], said: Declared, longest_s: float) -> str:
    """One camera of many, on one line."""
    whole_s, sure = total_s(pieces), "" if all(part.time_s is not None for part in pieces) else "> "
    cells = "".join(_piece(part, longest_s) for part in pieces)
    return (
        f'<div class="cyc-line-of"><b class="cyc-of">{escape(camera)}</b><div class="cyc-bar thin">{cells}</div>'
        f'<span class="cyc-sum">{sure}<b>{whole_s * 1e3:.0f}</b> ms {whole_s / said.frame_s:.1f} f</span></div>'
    )


def _number(part: Part) -> str:
    if part.time_s is None:
        return f"{part.name} ?"
    if not part.measured:
        return dim(f"{part.name} {milliseconds(part.time_s)}")
    p99 = f" (p99 {milliseconds(part.p99_s)})" if part.p99_s is not None else ""
    return f"<b>{part.name} {milliseconds(part.time_s)}</b>{p99}"


def _piece(part: Part, longest_s: float) -> str:
    kind = "cyc-solid" if part.measured else "cyc-hatch"
    if part.time_s is None:
        return f'<span class="cyc-gap" title="{part.name}: not measured yet">?</span>'
    share = part.time_s / longest_s
    how = "measured, p50" if part.measured else "declared"
    text = f"{part.name} {milliseconds(part.time_s)}"
    label = text if share > 0.25 else milliseconds(part.time_s) if share > 0.07 else ""
    return f'<span class="{kind}" style="width:{share:.2%}" title="{text} ms, {how}">{label}</span>'
