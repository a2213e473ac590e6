"""Filming by consent: begun, ended, said and erased."""

from bridge.consent import decisions
from bridge.consent.erasure import Choices, erase
from bridge.consent.rows import AssetSealed, UseStarted, UseStopped
from bridge.consent.running import RunningUses
from bridge.messages import CaptureCamera, Message, PerformerState
from bridge.service import Desk
from bridge.take.videos import paths_of, videos_of
from capture.live.eyes import Eyes
from capture.live.permission import Permission
from capture.live.reel import Reel, Registry, Shot
from capture.live.service import Capture, Plan
from tests.capture import performer_made as made
from tests.capture.filmed_set import LEDGER_NOW_NS, Lens, Set, alarms, picture, stage, written

__all__ = ["stage"]


def test_without_everybody_s_consent_there_are_no_pictures_and_it_is_said_once(stage: Set) -> None:
    stage.agreed("ana", "capture", "record")
    stage.agreed("bo", "capture")
    stage.filming = stage.films(*stage.lenses, performers=("ana", "bo"))
    (why,) = alarms(stage.begin())
    assert "pictures are not recorded" in why and "bo" in why
    for _ in range(25):
        stage.filming.hear(stage.state())
        assert stage.filming.tick(stage.clock.advance(0.1), True) == []
    assert stage.lenses[0].tap is None and list(paths_of(stage.take)) == []
    assert (stage.filming.recorded("ana"), stage.filming.recorded("bo")) == (True, False)


def test_a_consent_for_other_scenes_does_not_do(stage: Set) -> None:
    stage.agreed("ana", "capture", "record", scenes=("14",))
    assert "not 12" in alarms(stage.begin("12"))[0]
    stage.end()
    assert stage.begin("14") == [] and stage.lenses[0].tap


def test_a_suspension_closes_the_file_within_a_second_and_a_resumption_begins_another(stage: Set) -> None:
    stage.agreed("ana", "capture", "record")
    stage.begin()
    stage.shoot(4)
    reels = list(stage.filming.reels.values())
    stage.ledger.write(lambda now: (decisions.suspend(now, "ana", 0, "ana", "asked to stop"),))
    said: list[Message] = []
    for _ in range(10):
        said += stage.filming.tick(stage.clock.advance(0.1), True)
        stage.filming.hear(stage.state())
    assert stage.lenses[0].tap is None and all(reel.join(5.0) for reel in reels)
    assert len(alarms(said)) == 1 and "asked to stop" in alarms(said)[0]
    assert not stage.filming.recorded("ana")
    kinds = [type(row) for row in stage.ledger.rows()[0]]
    assert kinds.count(UseStarted) == kinds.count(UseStopped) == 1
    stage.ledger.write(lambda now: (decisions.resume(now, "ana", 0, "ana", ""),))
    for _ in range(12):
        stage.filming.tick(stage.clock.advance(0.1), True)
    stage.shoot(2, first=20)
    stage.end()
    assert [video.pictures for video in videos_of(stage.take) if video.camera == "left"] == [2, 4]


def test_what_waits_when_consent_ends_is_never_written(stage: Set) -> None:
    reel = Reel(Shot(stage.take, "left", 0, 30.0), Registry(stage.ledger.path, (), "test"))
    reel.film(picture(0))
    written(reel, 1)
    with reel._change:
        for number in range(1, 5):
            reel._waiting.append(picture(number))
        reel._over = reel._cut = True
        reel._waiting.clear()
        reel._change.notify_all()
    assert reel.join(5.0) and reel.filmed == 1


def test_erasing_deletes_videos_and_indexes_and_the_receipt_has_their_hashes(stage: Set) -> None:
    stage.agreed("ana", "capture", "record")
    stage.begin()
    stage.shoot(3)
    stage.end()
    stage.filming.close()
    files = sorted(stage.take.parent.glob("night_T001.*.*"))
    assert len(files) == 4
    assert sum(isinstance(row, AssetSealed) for row in stage.ledger.rows()[0]) == 4
    receipt = erase(stage.ledger, "ana", Choices(), by="1st AD", why="asked")
    assert [(item.made, item.outcome, len(item.sha256)) for item in receipt.items] == [("recording", "deleted", 64)] * 4
    assert sorted(item.path for item in receipt.items) == sorted(str(path) for path in files)
    assert not any(path.exists() for path in files) and stage.take.exists()


def test_the_synthetic_performer_has_no_pictures_but_is_recorded(stage: Set) -> None:
    stage.filming = stage.films(Lens("cam1", "synthetic"), performers=("demo",))
    assert stage.begin() == [] and stage.filming.reels == {}
    assert stage.filming.recorded("demo")
    stage.clock.advance(11.0)
    assert not stage.filming.recorded("demo"), "the recorder has been silent for too long"


def test_a_recorder_on_another_computer_is_said(stage: Set) -> None:
    stage.agreed("ana", "capture", "record")
    stage.take.unlink()
    assert "is not on this computer" in alarms(stage.begin())[0]


def test_the_service_says_who_is_recorded_and_how_much_was_filmed(stage: Set) -> None:
    stage.agreed("ana", "capture", "record")
    uses = RunningUses(stage.ledger.path, "capture", clock=stage.clock, utc=lambda: LEDGER_NOW_NS)
    permission = Permission(uses, ("ana",), "Night Train", source="0", faces=False, clock=stage.clock)
    eyes = Eyes([], stage.clock)
    eyes.reports = lambda: [lens.report() for lens in stage.lenses]  # type: ignore[method-assign]
    desk = Desk("capture", stage.clock, lambda _: None)
    capture = Capture(Plan(("ana",), "full", made.rig()), eyes, permission, desk, stage.clock, stage.filming)
    said = capture.tick(stage.clock())
    assert [one.recording for one in said if isinstance(one, PerformerState)][-1] is False
    assert capture.take_in(stage.state()) == []
    said = capture.tick(stage.clock.advance(0.1))
    assert [one.recording for one in said if isinstance(one, PerformerState)] == [True]
    stage.shoot(2)
    said = capture.tick(stage.clock.advance(1.0))
    assert {one.subject: one.filmed for one in said if isinstance(one, CaptureCamera)} == {"left": 2, "front": 2}
    capture.take_in(stage.state(recording=False))
    said = capture.tick(stage.clock.advance(0.1))
    assert [one.recording for one in said if isinstance(one, PerformerState)] == [False]
    eyes.close()
    permission.close()
