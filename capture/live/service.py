"""The capture service: cameras looked at, performers solved and said, and nothing of it without their consent.

Its own process: what MediaPipe or a camera's driver do to it never reaches the camera tracking.
"""

from collections.abc import Callable
from typing import NamedTuple

import msgspec
import numpy as np

from bridge.bus.publisher import Publisher
from bridge.clock import NS_PER_S, Clock, system_clock, utc_ns
from bridge.messages import (
    Acknowledged,
    Alarm,
    CaptureCamera,
    Message,
    PictureTicket,
    ShowOverlay,
    TakeState,
)
from bridge.service import Desk, Duty, run
from bridge.stage_capture import PeopleTarget
from capture.budget import Budget, spent
from capture.faces import FaceFit
from capture.live import overlay, show, standing
from capture.live.avatar_sender import Avatars
from capture.live.eyes import Eyes, Looked
from capture.live.filming import Filming
from capture.live.overlay import Overlays, Solved
from capture.live.permission import Permission
from capture.live.show import Show, ShowState
from capture.rig import Rig, RigCamera
from capture.solve import mono
from capture.solve.matching import Matching
from capture.solve.performer import Solving
from capture.solve.performers import Company

NAME = "capture"
OVERLAY = "overlay."
"""What a PictureTicket of a capture camera is called before the camera's name."""
TICK_S = 0.1
FIRST_HZ = 30.0
"""What a camera gives, until it was counted."""


class Plan(NamedTuple):
    """Who is captured with what, and who hears of it by UDP."""

    performers: tuple[str, ...]
    model: str
    """The pose model, whose landmarks' offsets hold: lite, full or heavy."""
    rig: Rig | None = None
    """None: one camera that nobody calibrated."""
    targets: tuple[PeopleTarget, ...] = ()
    fit: FaceFit | None = None
    """The first performer's neutral and gain."""
    levels: tuple[str, ...] = ()
    """The pose models among which time decides, the cheapest first; none: `model` it is."""


class Capture:
    """What the loop holds between two turns."""

    def __init__(
        self, plan: Plan, eyes: Eyes, permission: Permission, desk: Desk, clock: Clock, filming: Filming | None = None
    ) -> None:
        self.plan, self.eyes, self.permission, self.desk = plan, eyes, permission, desk
        self.filming, self.recorded = filming, frozenset[str]()
        self.clock = clock
        self.show: Show | None = settings_of(plan, plan.rig) if plan.rig else None
        self.state = ShowState()
        self.ages_s: dict[str, float] = {}
        self.looks_s: dict[str, float] = {}
        """Since the last tick."""
        self.budget, self.period_s = Budget(f"pose-{plan.model}"), 1.0 / FIRST_HZ
        self.second_ns = 0
        self.overlays = Overlays()
        self.watched = standing.Watched()

    def take_in(self, item: Looked | TakeState) -> list[Message]:
        """What came: a picture, or the recorder's word."""
        if isinstance(item, Looked):
            return self.see(item)
        if self.filming:
            self.filming.hear(item)
        return []

    def see(self, looked: Looked) -> list[Message]:
        """One picture."""
        first = looked.people[0]
        if self.show is None:
            self.show = settings_of(self.plan, Rig((mono.assumed_camera(first.camera, first.size_px),)))
            self.desk.note = mono.WORSE
        now_ns = self.clock()
        self.ages_s[first.camera] = (now_ns - first.t_ns) / NS_PER_S
        self.looks_s[first.camera] = max(looked.look_s, self.looks_s.get(first.camera, 0.0))
        self.state, said = show.step(self.show, self.state, looked.people, now_ns)
        for one in self.state.people:
            if one.shown is not None and one.shown in said:
                self.watched = standing.seen(self.watched, one.off_px, one.aside_px)
        return said

    def tick(self, now_ns: int) -> list[Message]:
        """Ask for consent, and let time pass."""
        said = self._ruled(now_ns)
        self.state, passed = show.tick(self.state, now_ns)
        said += [*passed, *self._filmed(now_ns)]
        self._budget()
        if now_ns - self.second_ns >= NS_PER_S:
            self.second_ns = now_ns
            said += [*self._cameras(now_ns), *self._performers(now_ns)]
        return [*said, *self._overlays(now_ns)]

    def obey(self, asked: Message, now_ns: int) -> Acknowledged:
        """Show a camera's pictures, or do not any more."""
        if not isinstance(asked, ShowOverlay):
            text, ok = f"this service takes no {type(asked).__name__}", False
        elif asked.on and asked.subject not in (names := [report.subject for report in self.eyes.reports()]):
            text, ok = f"there is no capture camera {asked.subject!r}, there is {', '.join(names)}", False
        elif asked.on and not self.eyes.looking:
            text, ok = f"nobody is looked at: {self.permission.ruling.reason or 'capture has not begun'}", False
        else:
            self.overlays.ask(asked.subject, now_ns + (round(overlay.ASKED_S * NS_PER_S) if asked.on else 0))
            self.overlays.due(now_ns)
            self.second_ns = 0  # what is shown now is said at once
            text, ok = f"{asked.subject} {'shows what it films, for ten minutes' if asked.on else 'is dark'}", True
        self.eyes.asked = self.overlays.asked
        return Acknowledged(subject=asked.subject, t_ns=now_ns, ok=ok, text=text)

    def _ruled(self, now_ns: int) -> list[Message]:
        before, ruling = self.eyes.looking, self.permission.rule()
        self.eyes.faces = ruling.faces
        if ruling.capture == before:
            return []
        if ruling.capture:
            self.eyes.look()
            return self._performers(now_ns)
        self.eyes.shut()
        self.overlays.close()
        said = show.stopped(self.state)
        self.state, self.watched = ShowState(), standing.Watched()
        self.desk.say([f"stopped: {ruling.reason}"])
        alarm = Alarm(subject=NAME, t_ns=now_ns, severity="warning", text=f"capture stopped: {ruling.reason}")
        return [*said, alarm, *self._performers(now_ns)]

    def _filmed(self, now_ns: int) -> list[Message]:
        """Let the videos begin, go on or end; who is recorded is said when it changes."""
        if self.filming is None:
            return []
        said = self.filming.tick(now_ns, self.permission.ruling.capture)
        recorded = frozenset(filter(self.filming.recorded, self.plan.performers))
        if recorded == self.recorded:
            return said
        self.recorded = recorded
        return [*said, *self._performers(now_ns)]

    def _budget(self) -> None:
        """Another pose model where there is no time for this one, or time for a better one; never within a take."""
        looks_s, self.looks_s = self.looks_s, {}
        if not self.plan.levels or not looks_s or (self.filming and self.filming.running):
            return
        before, slowest_s = self.budget, max(looks_s.values())
        self.budget = spent(before, slowest_s, self.period_s, TICK_S, self.plan.levels)
        if self.budget.level == before.level:
            return
        self.eyes.model = self.budget.level
        self.plan = self.plan._replace(model=self.budget.level.removeprefix("pose-"))
        self.show = settings_of(self.plan, self.show.rig) if self.show else None
        self.desk.say([f"{self.eyes.model} from now on: a look took {1e3 * before.look_s:.0f} ms with {before.level}"])

    def _performers(self, now_ns: int) -> list[Message]:
        return [
            msgspec.structs.replace(state, recording=state.capturing and state.subject in self.recorded)
            for state in self.permission.said(now_ns)
        ]

    def _cameras(self, now_ns: int) -> list[Message]:
        """How each does, where it stands, and whether it still stands there."""
        reports = [
            msgspec.structs.replace(report, age_s=self.ages_s.get(report.subject, 0.0), overlay=shown, **filmed)
            for report in self.eyes.reports()
            for shown in [report.subject in self.overlays.asked]
            for filmed in [self.filming.counts(report.subject) if self.filming else {}]
        ]
        self.period_s = 1.0 / max((report.rate_hz for report in reports if report.rate_hz), default=FIRST_HZ)
        if self.show is None:
            return list[Message](reports)
        rig = self.show.rig
        self.watched, found = standing.judge(rig, self.watched)
        rows = {camera.name: row for row, camera in enumerate(rig.cameras)}
        said: list[Message] = [
            placed(report, rig.cameras[rows[report.subject]], found, rows[report.subject], self.plan.rig is not None)
            if report.subject in rows
            else report
            for report in reports
        ]
        if found.news:
            said.append(Alarm(subject=found.moved, t_ns=now_ns, severity="warning", text=found.news))
        return said

    def _overlays(self, now_ns: int) -> list[Message]:
        """The pictures that were asked for and have come."""
        due = self.overlays.due(now_ns)
        self.eyes.asked = self.overlays.asked
        said: list[Message] = []
        for camera in self.show.rig.cameras if due and self.show else ():
            pictured = self.eyes.pictured.pop(camera.name, None) if camera.name in due else None
            if pictured is None:
                continue
            picture = overlay.drawn(camera, pictured.picture, pictured.people, self._solved())
            fields = self.overlays.keep(camera.name, picture, now_ns)
            if fields is not None:
                name, t_ns = f"{OVERLAY}{camera.name}", pictured.picture.t_ns
                said.append(PictureTicket(subject=name, t_ns=t_ns, colour_space="sRGB", camera=camera.name, **fields))
        return said

    def _solved(self) -> list[Solved]:
        """Everybody who is seen now."""
        return [
            Solved(show.joints_of(self.state.definitions[name], pose)[0], np.frombuffer(pose.quality_u8, np.uint8))
            for name, pose in self.state.poses.items()
            if name in self.state.definitions and not pose.stale
        ]


def placed(
    report: CaptureCamera, camera: RigCamera, found: standing.Judged, row: int, calibrated: bool
) -> CaptureCamera:
    """With where it stands and how well it agrees with the others."""
    aside_px = np.nan_to_num(found.aside_px[row])
    return msgspec.structs.replace(
        report,
        position_m=camera.position_m,
        rotation_wxyz=camera.rotation_wxyz,
        half_view_unit=(
            0.5 * camera.size_px[0] / camera.focal_px[0],
            0.5 * camera.size_px[1] / camera.focal_px[1],
        ),
        calibrated=calibrated,
        calibrated_px=camera.rms_px,
        offset_s=camera.late_s,
        reprojection_px=round(float(np.nan_to_num(found.second_px[row])), 2),
        minute_px=round(float(np.nan_to_num(found.minute_px[row])), 2),
        moved=found.moved == report.subject,
        aside_px=(round(float(aside_px[0]), 2), round(float(aside_px[1]), 2)),
    )


def settings_of(plan: Plan, rig: Rig) -> Show:
    """The solve of this plan with these cameras."""
    solving = tuple(Solving(rig=rig, name=name, model=plan.model) for name in plan.performers)
    return Show(
        matching=Matching(rig), company=Company(solving), fit=plan.fit or FaceFit(), fitted=plan.fit is not None
    )


def serve(
    plan: Plan,
    eyes: Eyes,
    permission: Permission,
    *,
    outbox: Publisher,
    desk: Desk,
    stop: Callable[[], bool],
    clock: Clock = system_clock,
    filming: Filming | None = None,
) -> None:
    """Until `stop()`, or until every file has ended."""
    capture = Capture(plan, eyes, permission, desk, clock, filming)
    tools = Avatars(plan.targets, plan.performers, clock, utc_ns)
    takes = filming.takes if filming else None

    def deliver(said: list[Message]) -> None:
        outbox.send_all(said)
        tools.send(said)

    duty = Duty[Plan, Capture](
        lambda _, capture, item: (capture, capture.take_in(item)),
        tick=lambda _, capture, now_ns: (capture, capture.tick(now_ns)),
        tick_s=TICK_S,
        obey=lambda _, capture, asked: (capture, [], capture.obey(asked, clock())),
        deliver=deliver,
        losses=lambda: {
            "pictures looked at too late": eyes.dropped,
            "udp": tools.dropped,
            "pictures not filmed": filming.unfilmed if filming else 0,
        },
    )
    try:
        run(
            duty,
            plan,
            capture,
            inbox=[eyes, *([takes] if takes else [])],
            outbox=outbox,
            clock=clock,
            desk=desk,
            stop=lambda: stop() or eyes.ended,
        )
    finally:
        deliver(show.stopped(capture.state))
        eyes.close()
        capture.overlays.close()
        if filming:
            filming.close()
        permission.close()
        tools.close()
