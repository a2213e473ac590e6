"""The cameras' streams as rows, the worst on top; and how operators have set them."""

from collections.abc import Sequence
from html import escape

from bridge.clock import NS_PER_S
from bridge.console.history import lost_lately, sparkline
from bridge.console.markup import badge, clock, dim, duration, name, section, state, table
from bridge.console.view import SettingsView, View
from bridge.console.words import camera_age_s, camera_word, loss_share_unit, worst_first
from bridge.messages import StreamHealth

DENSE_FROM = 7
_TONE = {"live": "good", "concealed": "good", "waiting": "idle", "stale": "warn"}


def cameras(view: View, now_ns: int) -> str:
    """Streams: state, rate, age of the newest packet and its last minute, lost in that minute and since the start."""
    rows: list[Sequence[str]] = []
    dense = len(view.cameras) >= DENSE_FROM
    for camera_name in worst_first(view, now_ns):
        camera, past = view.cameras[camera_name], view.past.get(camera_name, ())
        word, health, age_s = camera_word(camera, now_ns), camera.health, camera_age_s(camera, now_ns)
        rows.append(
            (
                name(camera_name),
                state(word, _TONE.get(word, "bad")) + badges(view.settings.get(camera_name)),
                f"{health.rate_hz:.0f}" if health and word in ("live", "concealed", "stale") else "–",
                "–" if age_s is None else duration(age_s),
                sparkline(past, now_ns),
                _lost(health, lost_lately(past), dense) if health else "–",
                *(() if dense else (str(health.concealed) if health else "–",)),
            )
        )
    heads = ("", "state", "Hz", "age", "last minute", "lost", *(() if dense else ("conc.",)))
    return section("Cameras", table(heads, rows, lefts=(1,), kind="dense" if dense else ""))


def badges(settings: SettingsView | None) -> str:
    """What an operator has set and might forget."""
    if settings is None:
        return ""
    said = settings.said
    found = badge("FROZEN", "ice") if said.frozen else ""
    found += "" if said.frustum else badge("FRUSTUM OFF", "warn")
    found += badge("zeroed", "note") if said.zeroed else ""
    return found + (badge(f"+{said.delay_frames:g} f", "note") if said.delay_frames else "")


def settings(view: View, camera: str, now_ns: int) -> str:
    """How one camera is set, and the scene, in words."""
    seen, scene = view.settings.get(camera), view.scene
    if seen is None:
        lines = f"<p>{escape(camera)}: {dim('the spine has not said how it is set')}</p>"
    else:
        lines = f"<p><b>{escape(camera)}</b> {' · '.join(_words(seen, now_ns))}</p>"
    if scene is not None:
        hour = "" if scene.hour_unit is None else f" · {_hour(scene.hour_unit)}"
        place = escape(scene.environment or "the stage file's own world")
        lines += f"<p><b>walls</b> {place} · {scene.exposure_ev:+g} EV{hour}</p>"
    return f'<div class="cyc">{lines}</div>'


def _words(seen: SettingsView, now_ns: int) -> list[str]:
    said = seen.said
    follows = state("follows the camera", "good")
    if said.frozen:
        follows = state(f"FROZEN for {clock((now_ns - seen.frozen_since_ns) / NS_PER_S)}", "ice")
    frustum = state("frustum on", "good")
    if not said.frustum:
        frustum = state(f"frustum OFF for {clock((now_ns - seen.hidden_since_ns) / NS_PER_S)}", "warn")
    return [
        follows,
        frustum,
        f"delay {said.delay_frames:g} frames",
        "zeroed here" if said.zeroed else "origin of the stage file",
        f"smoothing {'on' if said.smoothing else 'off'}",
    ]


def _hour(hour_unit: float) -> str:
    minutes = round(hour_unit * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d} o'clock"


def _lost(health: StreamHealth, lately: int, dense: bool) -> str:
    if not health.lost:
        return "0"
    share_unit = loss_share_unit(health)
    share = f" ({share_unit:.1%})" if share_unit >= 0.001 and not dense else ""
    return (f'<span class="warn">{health.lost}</span>' if lately else str(health.lost)) + share
