"""What runs: services, the hops between them, stock Unreal, displays."""

from collections.abc import Sequence
from html import escape

from bridge.clock import NS_PER_S
from bridge.console.faults import LATELY_NS
from bridge.console.markup import badge, dim, milliseconds, name, section, state, table
from bridge.console.view import ServiceView, View
from bridge.console.words import SILENT_NS, worst_hops
from bridge.messages import DisplayState, ServiceState

FRESH_NS = 5 * NS_PER_S
_SERVICE_TONE = {"ready": "good", "starting": "idle", "stopped": "idle"}
_UNREAL_TONE = {"connected": "good", "connecting": "idle", "slow": "warn"}


def hops(view: View, now_ns: int) -> str:
    """Latency per hop, of the camera that has it worst."""
    rows: list[Sequence[str]] = []
    for hop in worst_hops(view, now_ns):
        declared = dim(" declared") if hop.declared else ""
        p99 = "" if hop.declared else milliseconds(hop.p99_s)
        label = f"{escape(hop.hop.replace('->', '→'))}{declared}"
        rows.append((label, milliseconds(hop.p50_s), p99, dim(hop.subject)))
    if not rows:
        return section("Latency", '<p class="dim">not measured yet</p>')
    return section("Measured, worst camera, ms", table(("", "p50", "p99", "camera"), rows, kind="dense"))


def summary(view: View, now_ns: int) -> str:
    """One line: how many services are ready, and which are not."""
    words = {name: word_of(service, now_ns) for name, service in view.services.items()}
    bad = [(name, word) for name, word in words.items() if word not in ("ready", "stopped")]
    count = len(words) - len(bad)
    if not bad:
        return f'<div class="cyc"><p>{state(f"{count} of {count} services ready", "good")}</p></div>'
    named = " · ".join(f"<b>{escape(name)}</b> {state(word, _tone(word))}" for name, word in bad)
    return f'<div class="cyc"><p class="wrap">{count} of {len(words)} services ready · {named}</p></div>'


def word_of(service: ServiceView, now_ns: int) -> str:
    """ready, starting, stopped, dead, backing-off or not heard."""
    said, health = service.state, service.health
    fresh = health is not None and now_ns - health.t_ns < FRESH_NS
    return _service_word(said, fresh, bool(health and health.ready))


def services(view: View, now_ns: int) -> str:
    """Services: state, restarts, processor and memory."""
    rows: list[Sequence[str]] = []
    for service_name, service in view.services.items():
        said, health, word = service.state, service.health, word_of(service, now_ns)
        fresh = health is not None and now_ns - health.t_ns < FRESH_NS
        rows.append(
            (
                name(service_name),
                state(word, _tone(word)),
                str(said.restarts) if said else "–",
                f"{health.cpu_cores_unit:.0%}" if health and fresh else "–",
                f"{health.memory_bytes / 1e6:.0f}" if health and fresh and health.memory_bytes else "–",
            )
        )
    return section("Services", table(("", "state", "restarts", "core", "MB"), rows, lefts=(1,), kind="dense"))


def confirming(view: View, now_ns: int) -> str:
    """What a restart would do, before it is done; the spine's is said louder. Empty when nothing is asked."""
    asked = view.confirm
    if asked is None or now_ns > asked.until_ns:
        return ""
    service = escape(asked.service)
    if asked.service != "spine":
        return f'<div class="cyc"><p class="wrap">▲ Restart <b>{service}</b>? It is away for a few seconds.</p></div>'
    recording = view.take is not None and view.take.recording
    take = " A take is running and will have a hole." if recording else ""
    return (
        '<div class="cyc"><p class="wrap cyc-loud">✕ Restarting the spine stops ALL tracking: every wall stands still '
        f"until it is back.{take} Is nobody shooting?</p></div>"
    )


def around(view: View, now_ns: int) -> str:
    """Stock Unreal and the displays, where the stage has them."""
    lines: list[str] = []
    for subject, unreal in view.unreal.items():
        word = "SILENT" if now_ns - unreal.t_ns > SILENT_NS else unreal.state
        counts = f"{unreal.asked} asked, {unreal.failed} failed, {milliseconds(unreal.round_trip_s)} ms"
        presets = dim(f" presets {', '.join(unreal.presets)}") if unreal.presets else ""
        fault = f' <span class="warn">{escape(unreal.fault)}</span>' if unreal.fault else ""
        shown = state(word, _UNREAL_TONE.get(word, "bad"))
        lines.append(
            f"<p class='wrap'><b>{escape(subject)}</b> {shown} {escape(unreal.address)} · {counts}{presets}{fault}</p>"
        )
    for subject, seen in view.displays.items():
        said = seen.said
        assert isinstance(said, DisplayState)
        late = badge("late", "warn") if seen.rose_ns and now_ns - seen.rose_ns < LATELY_NS else ""
        word = state("SILENT", "bad") if now_ns - said.t_ns > SILENT_NS else state("shows", "good")
        size = f"{said.width_px} x {said.height_px}"
        lines.append(
            f"<p class='wrap'><b>{escape(subject)}</b> {word} {escape(said.showing)} {size} at {said.refresh_hz:.2f} Hz"
            f" · {said.missed} of {said.shown} missed{late} {dim('preview, not genlocked')}</p>"
        )
    return section("Unreal and displays", "".join(lines)) if lines else ""


def _tone(word: str) -> str:
    return _SERVICE_TONE.get(word, "bad")


def _service_word(said: ServiceState | None, fresh: bool, ready: bool) -> str:
    if said is None:
        return ("ready" if ready else "starting") if fresh else "not heard"
    if said.state == "ready" and fresh and not ready:
        return "starting"
    return said.state
