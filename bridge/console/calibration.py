"""Calibration health: what was calibrated when and how well, and where now nothing was calibrated at all."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import NamedTuple

from bridge.clock import NS_PER_S
from bridge.console.faults import Attention
from bridge.console.markup import by_number, dim, duration, milliseconds, name, section, state, table
from bridge.console.view import CameraView, View
from bridge.console.words import shake_m
from bridge.lens import LensTable, is_outside, lens_table
from bridge.stage import Calibration, Stage

KINDS = ("stage", "lens", "delay")
OLD_S = {"stage": 7 * 86400.0, "lens": 90 * 86400.0, "delay": 30 * 86400.0}
"""A tracker's base gets knocked, a lens keeps its glass: older than this deserves a look."""
COARSE_PX = 1.0
COARSE_SHAKE_M = 0.0005


class Rig(NamedTuple):
    """What the stage file says of one camera's calibration."""

    subjects: frozenset[str]
    """Names a calibration of this camera may go by: its own, its tracker's, its lens's."""
    lens: LensTable


def rigs(stage: Stage) -> dict[str, Rig]:
    """Of every camera."""
    tables = {lens.name: lens_table(lens.points) for lens in stage.lenses}
    return {
        camera.name: Rig(frozenset((camera.name, camera.tracker, camera.lens)), tables[camera.lens])
        for camera in stage.cameras
    }


def newest(done: Iterable[Calibration], rig: Rig, what: str) -> Calibration | None:
    """The last calibration of this kind that was about this camera; one without a subject was about all."""
    found = [item for item in done if item.what == what and (not item.subject or item.subject in rig.subjects)]
    return found[-1] if found else None


def age_s(item: Calibration, utc_ns: int) -> float | None:
    """How long ago; None where the stage file's date cannot be read."""
    try:
        at = datetime.fromisoformat(item.at)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(utc_ns / NS_PER_S - at.timestamp(), 0.0)


def outside(rig: Rig, camera: CameraView) -> bool:
    """Whether the lens stands now where its table has no points."""
    pose = camera.pose
    return pose is not None and is_outside(rig.lens, pose.zoom_raw_unit, pose.focus_raw_unit)


def health(view: View, of: Mapping[str, Rig], done: Sequence[Calibration], now_ns: int, utc_ns: int) -> str:
    """One row per camera: its three calibrations, its lens now, how much it trembles at rest, how evenly it comes."""
    rows: list[Sequence[str]] = []
    for camera_name in sorted(of, key=by_number):
        rig, camera = of[camera_name], view.cameras.get(camera_name, CameraView())
        rows.append(
            (
                name(camera_name),
                *(_done(newest(done, rig, what), what, utc_ns) for what in KINDS),
                state("off table", "warn") if outside(rig, camera) else state("ok", "good"),
                _shake(shake_m(camera, now_ns)),
                f"{milliseconds(camera.health.jitter_s)} ms" if camera.health else "–",
            )
        )
    heads = ("", *KINDS, "lens now", "at rest", "jitter")
    kind = "dense" if len(rows) >= 7 else ""
    advice = "".join(f'<p class="wrap">{line}</p>' for line in _advice(of, done))
    return section("Calibrated how long ago, how well", table(heads, rows, kind=kind) + advice)


def attention(view: View, of: Mapping[str, Rig], done: Sequence[Calibration], utc_ns: int) -> Iterator[Attention]:
    """A lens outside its table now, and calibrations that have grown old."""
    for camera_name, rig in of.items():
        camera = view.cameras.get(camera_name)
        if camera is not None and outside(rig, camera):
            text = "the lens stands outside its table, whose edge is held: zoom back, or cyc calibrate lens further"
            yield Attention("warning", camera_name, text)
    for what in KINDS:
        yield from _old(of, done, what, utc_ns)


def _old(of: Mapping[str, Rig], done: Sequence[Calibration], what: str, utc_ns: int) -> Iterator[Attention]:
    """One line for all cameras whose calibration has grown old."""
    made = {camera: newest(done, of[camera], what) for camera in sorted(of, key=by_number)}
    ages_s = {camera: age_s(item, utc_ns) or 0.0 for camera, item in made.items() if item}
    old = [camera for camera, seconds in ages_s.items() if seconds > OLD_S[what]]
    if old:
        oldest = duration(max(ages_s[camera] for camera in old))
        text = f"of {_some(old)} is up to {oldest} old: cyc calibrate {what} before you trust it"
        yield Attention("notice", f"{what} calibration", text)


def _some(cameras: Sequence[str]) -> str:
    return ", ".join(cameras[:4]) + (f" and {len(cameras) - 4} more" if len(cameras) > 4 else "")


def _done(item: Calibration | None, what: str, utc_ns: int) -> str:
    if item is None:
        return dim("never")
    seconds = age_s(item, utc_ns)
    when = "undated" if seconds is None else duration(seconds)
    fit = "" if item.residual_px is None else f", {item.residual_px:.2f} px"
    old = seconds is None or seconds > OLD_S[what]
    coarse = item.residual_px is not None and item.residual_px > COARSE_PX
    text = escape(f"{when}{fit}")
    return f'<span class="warn" title="{escape(item.note)}">{text}</span>' if old or coarse else text


def _advice(of: Mapping[str, Rig], done: Sequence[Calibration]) -> Iterator[str]:
    for what in KINDS:
        never = [camera for camera in sorted(of, key=by_number) if newest(done, of[camera], what) is None]
        if never:
            yield f"{dim(f'{what} never calibrated for')} {escape(_some(never))}: <code>cyc calibrate {what}</code>"


def _shake(shake: float | None) -> str:
    if shake is None:
        return dim("moves")
    text = f"{shake * 1e3:.2f} mm"
    return text if shake <= COARSE_SHAKE_M else f'<span class="warn">{text}</span>'
