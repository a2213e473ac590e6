"""Performers on the page: what is drawn of a pose, what is said of it, and a button that can only suspend."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("viser", reason="viser is not installed: pip install 'cyclorama[stage]'")
from bridge.clock import NS_PER_S, FakeClock
from bridge.consent.ledger import Ledger, Person
from bridge.consent.rows import Granted, Suspended
from bridge.console import people, skeleton
from bridge.console import view as console_view
from bridge.console.guard import close_page, open_page
from bridge.console.markup import duration
from bridge.console.page import Files, Page
from bridge.console.panel import Names
from bridge.console.room import WallShape
from bridge.console.suspension import suspend
from bridge.console.view import PerformerView, View
from bridge.frames import matrix_from_quat, quat_from_rotation_vector, quat_rotate
from bridge.messages import (
    Acknowledged,
    Alarm,
    CaptureCamera,
    FaceShapes,
    Message,
    PerformerState,
    PictureTicket,
    ShowOverlay,
    SkeletonDefinition,
    SkeletonPose,
)
from bridge.performed import ARKIT_SHAPES
from capture.bones import BONES, PARENTS, ROW, forward

NOW_NS = 10 * NS_PER_S
RANDOM = np.random.Generator(np.random.PCG64(6))
REST_M = RANDOM.normal(0.0, 0.2, (len(BONES), 3))
TURNS = [quat_from_rotation_vector(tuple(row)) for row in RANDOM.normal(0.0, 0.7, (len(BONES), 3)).tolist()]
CORNERS = np.array([(-2.0, 3, 3), (2, 3, 3), (-2, 3, 0), (2, 3, 0)])
WALL = WallShape("back", CORNERS, CORNERS[:, :2], np.array([(0, 2, 1), (1, 2, 3)]), None)


def definition() -> SkeletonDefinition:
    rest = tuple((float(x), float(y), float(z)) for x, y, z in REST_M)
    return SkeletonDefinition(
        subject="ana", t_ns=NOW_NS, definition=1, bones=tuple(zip(BONES, PARENTS, strict=True)), rest_m=rest
    )


def pose(t_ns: int = NOW_NS, sequence: int = 0, quality: int = 255, **changed: Any) -> SkeletonPose:
    rows = np.column_stack((np.array(TURNS), REST_M)).astype("<f4")
    fields: dict[str, Any] = {"cameras": 4, "definition": 1, "bones_f32": rows.tobytes()}
    fields |= {"quality_u8": bytes([quality]) * len(BONES)} | changed
    return SkeletonPose(subject="ana", t_ns=t_ns, sequence=sequence, t_arrival_ns=t_ns, **fields)


def heard(*messages: Message) -> View:
    state = console_view.start((), ())
    for message in messages:
        state = console_view.view(state, message)
    return state


def test_bones_are_drawn_where_the_captures_own_kinematics_have_them() -> None:
    joints, turns = forward(REST_M, np.array([matrix_from_quat(turn) for turn in TURNS]), REST_M[0])
    made = skeleton.drawn(definition(), pose())
    assert made is not None
    np.testing.assert_allclose(made.joints_m, joints[1:], atol=1e-5)
    ends = [
        start + np.array(quat_rotate(tuple(turn), (0.0, 0.0, float(size[2]))))
        for start, turn, size in zip(made.bones_m, made.turns_wxyz.tolist(), made.sizes_m, strict=True)
    ]
    np.testing.assert_allclose(ends, joints[2:], atol=1e-5)
    np.testing.assert_allclose(made.bones_m, joints[list(PARENTS[2:])], atol=1e-5)
    nose = (np.array(made.nose_m) - joints[ROW["head"]]) @ turns[ROW["head"]]
    assert nose[1] < -0.1, "the face looks along the head's own -Y"


def test_a_face_turns_the_head_unless_it_is_lost() -> None:
    shapes = np.zeros(52, "<f4").tobytes()
    face = FaceShapes(subject="ana", t_ns=NOW_NS, sequence=0, shapes_f32=shapes, t_arrival_ns=NOW_NS)
    made = skeleton.drawn(definition(), pose(), face)
    assert made is not None and made.head_wxyz == (1.0, 0.0, 0.0, 0.0)
    lost = FaceShapes(subject="ana", t_ns=NOW_NS, sequence=1, shapes_f32=shapes, t_arrival_ns=NOW_NS, lost=True)
    made = skeleton.drawn(definition(), pose(), lost)
    assert made is not None and made.head_wxyz != (1.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("wrong", [pose(definition=2), pose(bones_f32=b"1234"), pose(bones_f32=b"")])
def test_a_pose_that_does_not_fit_is_not_drawn(wrong: SkeletonPose) -> None:
    assert skeleton.drawn(definition(), wrong) is None


def test_sure_is_bright_unsure_orange_and_unseen_grey() -> None:
    sure, unsure, unseen = skeleton.colours(np.array([255.0, 30.0, 0.0])).tolist()
    assert tuple(sure) == skeleton.BRIGHT and tuple(unseen) == skeleton.UNSEEN
    assert unsure[0] > unsure[1] > unsure[2]


def test_every_bone_has_its_part_and_quality_is_told_by_part() -> None:
    assert {skeleton.part_of(bone) for bone in BONES} == set(skeleton.PARTS)
    assert skeleton.part_of("ring_03_r") == "right hand" and skeleton.part_of("calf_l") == "left leg"
    quality = bytearray([255] * len(BONES))
    for bone in BONES:
        if skeleton.part_of(bone) == "left hand":
            quality[ROW[bone]] = 0
    told = skeleton.part_quality(definition(), pose(quality_u8=bytes(quality)))
    assert told["left hand"] == 0.0 and told["right hand"] == told["torso"] == 1.0


def test_the_word_follows_the_pages_own_clock() -> None:
    said = PerformerView(pose=pose(), pose_heard_ns=NOW_NS)
    ages_s = (0.1, 0.5, 1.5, 4.0)
    words = [people.performer_word(said, NOW_NS + round(age_s * NS_PER_S)) for age_s in ages_s]
    assert words == ["live", "stale", "lost", "SILENT"]
    assert (
        people.performer_word(PerformerView(pose=pose(lost=True, stale=True), pose_heard_ns=NOW_NS), NOW_NS) == "lost"
    )
    assert people.performer_word(PerformerView(), NOW_NS) == "waiting"


def test_the_pages_own_slowness_makes_nobody_stale(page: Page) -> None:
    """A browser that draws in software takes the processor from everybody: poses come late, and the page draws late."""
    clock = page._clock
    assert isinstance(clock, FakeClock)
    for slow_s in (0.1, 0.9, 2.5):
        clock.advance(slow_s)
        page.hear([definition(), pose(clock() - round(slow_s * NS_PER_S))])
        page._do_work = lambda slow_s=slow_s: clock.advance(slow_s)  # type: ignore[method-assign]
        drawn_at: list[int] = []
        page._panel.show = lambda _view, now_ns, _utc, at=drawn_at: at.append(now_ns)  # type: ignore[method-assign]
        page._hurry = True
        page.draw(nothing)
        (now_ns,) = drawn_at
        assert people.performer_word(page.view.performers["ana"], now_ns) == "live"
        told = people.performers(page.view, now_ns)
        assert (f'<span class="warn">{duration(slow_s)} old' in told) == (slow_s > 0.25), "its age is said beside it"
    clock.advance(0.5)
    page.hear([])
    assert people.performer_word(page.view.performers["ana"], clock()) == "lost", "nothing new came for three seconds"


def test_the_rate_is_counted_by_number_though_the_bus_keeps_only_the_newest() -> None:
    every = [pose(NOW_NS + 7 * k * NS_PER_S // 30, 7 * k) for k in range(30)]
    state = heard(*every)
    assert people.rate_hz(state.performers["ana"]) == pytest.approx(30.0, rel=1e-6)
    assert len(state.performers["ana"].counted) <= console_view.COUNTED
    assert people.rate_hz(heard(*every, pose(NOW_NS + 8 * NS_PER_S, 0)).performers["ana"]) is None


def camera(**changed: Any) -> CaptureCamera:
    fields: dict[str, Any] = {"subject": "cam2", "t_ns": NOW_NS, "state": "running", "half_view_unit": (0.7, 0.4)}
    fields["calibrated"] = True
    return CaptureCamera(**(fields | changed))


def test_the_tab_says_consent_quality_and_that_one_cameras_depth_is_a_guess() -> None:
    consent = PerformerState(subject="ana", t_ns=NOW_NS, consent="granted", capturing=True)
    text = people.performers(heard(definition(), pose(cameras=1), consent), NOW_NS)
    assert "granted" in text and "captured" in text and "depth is a guess" in text and "left hand" in text
    assert "depth is a guess" not in people.performers(heard(definition(), pose(), consent), NOW_NS)
    suspended = PerformerState(subject="<b>", t_ns=NOW_NS, consent="suspended", reason="<i>asked</i>")
    assert "<b><b>" not in people.performers(heard(suspended), NOW_NS)
    assert "&lt;i&gt;asked" in people.performers(heard(suspended), NOW_NS)


def test_a_moved_camera_is_named_once_with_its_figures() -> None:
    moved = camera(moved=True, minute_px=16.3, calibrated_px=0.8)
    calm = camera(subject="cam1", minute_px=4.2)
    (item,) = people.attention(heard(moved, calm), NOW_NS)
    assert item.subject == "cam2" and "16.3 px against 4.2 of the others and 0.8 at its calibration" in item.text
    alarm = Alarm(subject="cam2", t_ns=NOW_NS, severity="warning", text="cam2 was moved")
    assert list(people.attention(heard(moved, calm, alarm), NOW_NS)) == []
    assert people.camera_tone(moved, NOW_NS) == "warn" and people.camera_tone(calm, NOW_NS) == "good"
    assert people.camera_tone(calm, NOW_NS + 4 * NS_PER_S) == "bad"


def test_the_strongest_shapes_are_bars_and_the_unsupported_are_named() -> None:
    shapes = np.zeros(52, "<f4")
    shapes[ARKIT_SHAPES.index("jawOpen")], shapes[ARKIT_SHAPES.index("mouthSmileLeft")] = 0.8, 0.4
    face = FaceShapes(
        subject="ana", t_ns=NOW_NS, sequence=0, shapes_f32=shapes.tobytes(), t_arrival_ns=NOW_NS,
        unsupported=("tongueOut",),
    )  # fmt: skip
    text = people.faces(heard(face), NOW_NS)
    assert text.index("jawOpen") < text.index("mouthSmileLeft") and "width:80%" in text and "tongueOut" in text
    assert "not seen" in people.faces(heard(face), NOW_NS + 2 * NS_PER_S)


# --- presses ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "consent.sqlite"
    asked = Granted(
        performer="ana", uses=("capture",), project="Night Train", from_utc_ns=0, until_utc_ns=1 << 62,
        agreement_sha256="a" * 64, by="test",
    )  # fmt: skip
    with Ledger.made(path, by="test") as made:
        made.grant(asked, Person("Anna Example", "paper.pdf"))
    return path


class Service:
    """Obeys, and remembers."""

    def __init__(self) -> None:
        self.asked: list[Message] = []

    def __call__(self, message: Message) -> Acknowledged:
        self.asked.append(message)
        return Acknowledged(subject="capture", t_ns=0, ok=True)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def page(ledger: Path, service: Service) -> Iterator[Page]:
    server = open_page("127.0.0.1", 0)
    names = Names("small", ["camA"], ["capture"], capture=["cam1", "cam2"])
    files = Files(Path("small.toml"), Path("takes"), None, ledger)
    try:
        yield Page(server, names, [WALL], service, FakeClock(NOW_NS), None, files)
    finally:
        close_page(server)


def nothing(_: PictureTicket) -> None:
    return None


def test_suspending_asks_once_more_and_then_stands_in_the_ledger(page: Page, ledger: Path) -> None:
    page.hear([definition(), pose(), camera(position_m=(1.0, 2.0, 1.5))])
    page.press("suspend", "ana")
    page.draw(nothing)
    assert "Suspend <b>ana</b>?" in people.suspending(page.view, NOW_NS)
    with Ledger(ledger) as kept:
        assert not kept.standing().suspended, "one press is not enough"
    page.press("suspend yes", "ana:she asked")
    page.draw(nothing)
    assert page.view.answer_ok and "ana is suspended" in page.view.answer
    assert people.suspending(page.view, NOW_NS) == ""
    with Ledger(ledger) as kept:
        row = kept.standing().suspended["ana"]
    assert isinstance(row, Suspended) and (row.by, row.why) == ("console", "she asked")


@pytest.mark.parametrize(
    ("performer", "why", "said"),
    [
        ("bo", "", "bo is not in the ledger"),
        ("demo", "", "drawn by the computer"),
        ("ana", "Anna Example asked", "write ana instead of the name"),
    ],
)
def test_a_suspension_that_cannot_be_is_refused_in_words(ledger: Path, performer: str, why: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        suspend(ledger, performer, why)
    with Ledger(ledger) as kept:
        assert not kept.standing().suspended


def test_no_ledger_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no ledger of consents"):
        suspend(tmp_path / "none.sqlite", "ana", "")


def test_pictures_of_people_come_on_request_and_leave_with_it(page: Page, service: Service) -> None:
    size: dict[str, Any] = {"height_px": 4, "width_px": 8, "channels": 3}
    ticket = PictureTicket(subject="overlay.cam1", t_ns=0, path="p", slot=0, generation=2, dtype="uint8", **size)
    read: list[PictureTicket] = []

    def reading(asked: PictureTicket) -> np.ndarray:
        read.append(asked)
        return np.full((4, 8, 3), 200, np.uint8)

    page.hear([camera(subject="cam1"), ticket])
    page.draw(nothing)
    page.press("overlay", "cam1:on")
    page.draw(nothing)
    (asked,) = service.asked
    assert isinstance(asked, ShowOverlay) and (asked.subject, asked.on) == ("cam1", True)
    overlays = page._panel._overlays
    page.hear([camera(subject="cam1", overlay=True)])
    page._panel.show(page.view, NOW_NS, 0)
    assert overlays._pictures["cam1"].visible and overlays._boxes["cam1"].value
    page._show_pictures(reading)
    assert len(read) == 1
    page.hear([camera(subject="cam1", overlay=False)])
    page._panel.show(page.view, NOW_NS, 0)
    assert not overlays._pictures["cam1"].visible and not overlays._boxes["cam1"].value
