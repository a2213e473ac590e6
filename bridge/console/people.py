"""Performers and the cameras that film them, in words: consent, what is done, how surely each part is seen."""

from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from bridge.clock import NS_PER_S
from bridge.console.faults import Attention
from bridge.console.markup import badge, by_number, dim, duration, name, section, state, table
from bridge.console.skeleton import part_quality
from bridge.console.view import PerformerView, View
from bridge.console.words import SILENT_NS, take_word
from bridge.messages import CaptureCamera
from bridge.performed import ARKIT_SHAPES

STALE_NS, LOST_NS = NS_PER_S // 4, NS_PER_S
STRONGEST = 8
OVERLAY = "overlay."
"""What a capture camera's PictureTicket is called before the camera's name."""
MONOCULAR = "one camera: depth is a guess, joints are about 100 mm off, elbows 18 to 29 degrees, knees 5 to 16"
_CONSENT_TONE = {"granted": "good", "synthetic": "good", "expired": "warn", "none": "warn"}
_TONE = {"live": "good", "stale": "warn", "waiting": "idle"}
_SURE_UNIT, _UNSURE_UNIT = 0.55, 0.1


def performer_word(performer: PerformerView, now_ns: int) -> str:
    """waiting, live, stale, lost, or SILENT where nothing is said of him any more.

    By when a pose was heard, not by how old it was then: one that comes late, comes. Its age stands beside the word.
    """
    pose, said = performer.pose, performer.state
    heard_ns = max(performer.pose_heard_ns, said.t_ns if said else 0)
    if heard_ns and now_ns - heard_ns > SILENT_NS:
        return "SILENT"
    if pose is None:
        return "waiting"
    silent_ns = now_ns - performer.pose_heard_ns
    if pose.lost or silent_ns > LOST_NS:
        return "lost"
    return "stale" if pose.stale or silent_ns > STALE_NS else "live"


def camera_tone(said: CaptureCamera, now_ns: int) -> str:
    """good, warn, bad or idle."""
    if now_ns - said.t_ns > SILENT_NS or said.state == "missing":
        return "bad"
    if said.state == "degraded" or said.moved:
        return "warn"
    return "good" if said.state == "running" else "idle"


def rate_hz(performer: PerformerView) -> float | None:
    """Of the poses, by their numbers over the last seconds; None where it is too early to say."""
    if len(performer.counted) < 2:
        return None
    (first_ns, first), (last_ns, last) = performer.counted[0], performer.counted[-1]
    return (last - first) * NS_PER_S / (last_ns - first_ns) if last_ns > first_ns else None


def performers(view: View, now_ns: int) -> str:
    """Each performer: state, consent, what is done with him, and how surely each part of him is seen."""
    if not view.performers and not view.capture:
        return section(
            "Performers", '<p class="dim wrap">nobody is captured here: docs/capture.md begins with one webcam</p>'
        )
    blocks = [_performer(view, who, performer, now_ns) for who, performer in sorted(view.performers.items())]
    return section("Performers", "".join(blocks) or '<p class="dim">nobody has been seen yet</p>')


def cameras(view: View, now_ns: int) -> str:
    """Capture cameras as rows, and a sentence for each that is in trouble."""
    if not view.capture:
        return ""
    rows: list[Sequence[str]] = []
    for camera, said in sorted(view.capture.items(), key=lambda item: by_number(item[0])):
        silent = now_ns - said.t_ns > SILENT_NS
        rows.append(
            (
                name(camera) + (badge("moved", "warn") if said.moved else ""),
                state("SILENT" if silent else said.state, camera_tone(said, now_ns)),
                f"{said.width_px}×{said.height_px}" if said.width_px else "–",
                f"{said.rate_hz:.0f}",
                _pixels(said),
                f"{said.age_s * 1e3:.0f}",
                f"{said.offset_s * 1e3:+.0f}" if said.offset_s else "0",
                f"{said.dropped}/{said.corrupt}/{said.reconnects}",
            )
        )
    heads = ("", "state", "size", "Hz", "px off", "age ms", "late ms", "dropped/bad/again")
    faults = "".join(
        f'<p class="wrap">▲ <b>{escape(item.subject)}</b> {escape(item.text)}</p>' for item in _cameras(view, now_ns)
    )
    return section("Capture cameras", table(heads, rows, lefts=(1,), kind="dense") + faults)


def faces(view: View, now_ns: int) -> str:
    """The strongest shapes of each face as bars, and which ones nobody can tell."""
    return "".join(
        _face(who, performer, now_ns) for who, performer in sorted(view.performers.items()) if performer.face
    )


def suspending(view: View, now_ns: int) -> str:
    """What a suspension does, before it is written; empty when nothing is asked."""
    asked = view.suspending
    if asked is None or now_ns > asked.until_ns:
        return ""
    who = escape(asked.service)
    return (
        f'<div class="cyc"><p class="wrap cyc-loud">✕ Suspend <b>{who}</b>? Capture stops within a second, and nothing '
        f"of {who} is recorded or exported until somebody says <code>cyc consent resume {who}</code>.</p></div>"
    )


def attention(view: View, now_ns: int) -> Iterator[Attention]:
    """What is wrong with performers and their cameras now."""
    for who, performer in sorted(view.performers.items()):
        said = performer.state
        if said is not None and not said.capturing and said.reason and now_ns - said.t_ns <= SILENT_NS:
            yield Attention("warning", who, f"is not captured: {said.reason}")
    alarmed = {seen.alarm.subject for seen in view.alarms if now_ns - seen.alarm.t_ns < 60 * NS_PER_S}
    yield from (item for item in _cameras(view, now_ns) if item.subject not in alarmed)


def _cameras(view: View, now_ns: int) -> Iterator[Attention]:
    for camera, said in sorted(view.capture.items(), key=lambda item: by_number(item[0])):
        if now_ns - said.t_ns > SILENT_NS:
            yield Attention("warning", camera, "the capture service says nothing of it: see Services")
        elif said.state in ("missing", "degraded"):
            text = said.fault or "pictures come badly: look at its cable and its light"
            yield Attention("warning", camera, f"{said.state}: {text}; the others go on")
        elif said.moved:
            calm = [other.minute_px for other in view.capture.values() if not other.moved and other.minute_px]
            others = f" against {np.median(calm):.1f} of the others" if calm else ""
            then = f" and {said.calibrated_px:.1f} at its calibration" if said.calibrated_px else ""
            text = f"was moved, or one across from it: {said.minute_px:.1f} px{others}{then}"
            yield Attention("warning", camera, f"{text}; put it back, or cyc calibrate rig again")


def _performer(view: View, who: str, performer: PerformerView, now_ns: int) -> str:
    word, said, pose = performer_word(performer, now_ns), performer.state, performer.pose
    consent = said.consent if said else "none"
    done = "captured" if said and said.capturing else "not captured"
    if said and said.recording and take_word(view, now_ns) == "RECORDING":
        done += ', <span class="bad">● recorded</span>'
    elif said and said.capturing and take_word(view, now_ns) == "RECORDING":
        done += ", but not in the take that runs"
    reason = f'<p class="wrap">▲ {escape(said.reason)}</p>' if said and said.reason else ""
    head = (
        f"<p><b>{escape(who)}</b> {state(word, _TONE.get(word, 'bad'))} · consent "
        f"{state(consent, _CONSENT_TONE.get(consent, 'bad'))} · {done}</p>"
    )
    if pose is None or word in ("SILENT", "waiting"):
        return head + reason
    hz = rate_hz(performer)
    rate = "" if hz is None or word != "live" else f"{hz:.0f} Hz · "
    age_ns = max(now_ns - pose.t_ns, 0)
    old = f'<span class="{"warn" if age_ns > STALE_NS else ""}">{duration(age_ns / NS_PER_S)} old</span>'
    numbers = (
        f"<p>{rate}{old} · {pose.cameras} "
        f"camera{'s' if pose.cameras != 1 else ''} · {pose.reprojection_px:.1f} px off</p>"
    )
    guess = f'<p class="wrap"><span class="warn">▲ {MONOCULAR}</span></p>' if pose.cameras == 1 else ""
    sure = part_quality(performer.definition, pose) if performer.definition and word == "live" else {}
    parts = " · ".join(
        f'<span class="whole">{part} {state(f"{unit:.0%}", _sure_tone(unit))}</span>' for part, unit in sure.items()
    )
    return head + reason + numbers + guess + (f'<p class="wrap">{parts}</p>' if parts else "")


def _sure_tone(unit: float) -> str:
    return "good" if unit >= _SURE_UNIT else "warn" if unit >= _UNSURE_UNIT else "idle"


def _face(who: str, performer: PerformerView, now_ns: int) -> str:
    face = performer.face
    assert face is not None
    if face.lost or now_ns - performer.face_heard_ns > LOST_NS:
        return section(f"Face of {who}", f"<p>{state('not seen', 'idle')}</p>")
    shapes = np.frombuffer(face.shapes_f32, "<f4")
    if len(shapes) != len(ARKIT_SHAPES):
        return section(f"Face of {who}", "<p>its shapes are not ARKit's 52</p>")
    strongest = sorted(range(len(shapes)), key=lambda row: (-float(shapes[row]), row))[:STRONGEST]
    bars = "".join(_bar(ARKIT_SHAPES[row], float(np.clip(shapes[row], 0.0, 1.0))) for row in strongest)
    own = "his own neutral and gain taken out" if face.calibrated else "as the model says it, no neutral taken out"
    blind = f"; it cannot tell {', '.join(face.unsupported)}" if face.unsupported else ""
    return section(f"Face of {who}, the strongest shapes", bars + f'<p class="wrap">{dim(escape(own + blind))}</p>')


def _bar(shape: str, amount: float) -> str:
    return (
        f'<div class="cyc-line-of"><b class="cyc-of" style="flex-basis:11.5em">{shape}</b><div class="cyc-bar thin">'
        f'<span class="cyc-solid" style="width:{amount:.0%}"></span></div>'
        f'<span class="cyc-sum" style="flex-basis:3.5em">{amount:.2f}</span></div>'
    )


def _pixels(said: CaptureCamera) -> str:
    if not said.calibrated:
        return "guessed" if said.half_view_unit[0] else "–"
    now = f"{said.minute_px or said.reprojection_px:.1f}"
    return f"{now} / {said.calibrated_px:.1f}" if said.calibrated_px else now
