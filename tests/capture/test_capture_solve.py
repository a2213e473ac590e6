"""`cyc capture solve`: a take's videos looked at again become a better take, with consent, whole or not at all."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bridge.clock import NS_PER_S
from bridge.consent import decisions
from bridge.consent.rows import AssetMade, UseStarted, UseStopped
from bridge.messages import CaptureCamera, ClockPair, SkeletonDefinition, SkeletonPose, topic
from bridge.take.format import STAGE_FILE
from bridge.take.people_export import origin
from bridge.take.read import Take
from bridge.take.recording import Beginning, TakeWriter
from bridge.take.videos import index_at
from capture.calibrate.rig_file import rig_text
from capture.cameras.picture import Picture
from capture.exports.motion import motion_of
from capture.live.reel import Reel, Registry, Shot
from capture.live.show import joints_of
from capture.rig import Rig
from capture.seen import Seen
from capture.solve import again
from capture.solve.performer import Solving
from capture.verbs import capture_solve
from tests.capture import performer_made as made
from tests.capture.filmed_set import HIGH, WIDE, Set, drawn

FRAMES, START_NS = 60, 7 * NS_PER_S
LATE_NS = 800_000_000
"""The pause in the middle of the take, when nobody filmed."""


def moment_ns(frame: int) -> int:
    return START_NS + round(frame * NS_PER_S / 30) + LATE_NS * (frame >= FRAMES // 2)


def watched(frames: range = range(FRAMES)) -> dict[str, list[Seen]]:
    """What detectors would say of a walk, in the take's own time."""
    seen = made.sequences(made.walk(frames=FRAMES), made.rig())
    return {
        name: [rows[frame]._replace(t_ns=moment_ns(frame), t_arrival_ns=moment_ns(frame)) for frame in frames]
        for name, rows in seen.items()
    }


def off_m(said: list[SkeletonDefinition | SkeletonPose]) -> np.ndarray:
    """Of hands, feet, elbows and knees, pose by pose."""
    truth, bones, off = made.walk(frames=FRAMES).joints_m, said[0], []
    rows = [made.ROW[name] for name in ("lowerarm_l", "lowerarm_r", "hand_l", "hand_r", "calf_l", "calf_r", "foot_l")]
    for one in said:
        if isinstance(one, SkeletonDefinition):
            bones = one
            continue
        assert isinstance(bones, SkeletonDefinition)
        frame = next(frame for frame in range(FRAMES) if abs(moment_ns(frame) - one.t_ns) < 1_000_000)
        off.append(np.linalg.norm(joints_of(bones, one)[0][rows] - truth[frame][rows], axis=-1).mean())
    return np.array(off)


@pytest.mark.slow
def test_stretches_of_time_are_solved_each_by_itself_with_the_same_bones() -> None:
    seen = [one for rows in watched().values() for one in rows]
    said = list(again.solved(Solving(made.rig(), name="ana", model="full"), again.sets_of(made.rig(), seen)))
    bones = [one for one in said if isinstance(one, SkeletonDefinition)]
    poses = [one for one in said if isinstance(one, SkeletonPose)]
    assert len(bones) == 2 and np.allclose(bones[0].rest_m, bones[1].rest_m, atol=1e-9)
    assert len(poses) >= FRAMES - 4 and [one.t_ns for one in poses] == sorted(one.t_ns for one in poses)
    assert off_m(said).mean() < 0.03
    assert all(one.cameras == 4 and not one.stale for one in poses)


class Told:
    """A detector that knows what it sees, by the picture's moment."""

    def __init__(self, _look_for: object, _home: object) -> None:
        self.rows = watched()

    def look(self, picture: Picture) -> list[Seen]:
        return [one for one in self.rows[picture.camera] if one.t_ns == picture.t_ns]

    def close(self) -> None: ...


def live_pose(t_ns: int) -> SkeletonPose:
    return SkeletonPose(subject="ana", t_ns=t_ns, sequence=1, definition=1, bones_f32=b"", t_arrival_ns=t_ns)


@pytest.fixture
def filmed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Set]:
    """A take of four cameras with its videos, and a rig file of their size."""
    stage = Set(tmp_path)
    stage.take.unlink()
    now_ns = START_NS
    pair = ClockPair(subject="recorder", t_ns=now_ns, utc_ns=now_ns + NS_PER_S, clock_id=1)
    facts = {"take": stage.take.stem, "slate": "night", "stage": "Night Train", "clock_id": "1"}
    held = {STAGE_FILE: b'project = "Night Train"\n[capture]\nrig = "../rig.toml"\n'}
    writer = TakeWriter(stage.take, Beginning(pair, facts, held), lambda: now_ns)
    live = live_pose(now_ns)
    cameras = [CaptureCamera(subject=c.name, t_ns=now_ns, state="running", source="0") for c in made.rig().cameras]
    for message in (*cameras, live):
        writer.write(topic(message), message, boot=1, sequence=1, t_sent_ns=now_ns)
    writer.finish()
    registry = Registry(stage.ledger.path, (), "capture", lambda: 1)
    for camera in made.rig().cameras:
        reel = Reel(Shot(stage.take, camera.name, START_NS, 30.0), registry)
        for frame in range(FRAMES):
            t_ns = moment_ns(frame)
            while len(reel._waiting) > 8:
                reel._thread.join(0.001)
            reel.film(Picture(camera.name, frame, t_ns, t_ns, drawn(frame)))
        reel.stop(cut=False)
        assert reel.join(10.0) and reel.filmed == FRAMES
    small = tuple(c._replace(size_px=(WIDE, HIGH), centre_px=(80.0, 48.0)) for c in made.rig().cameras)
    (tmp_path / "rig.toml").write_text(rig_text(Rig(small, 0.5)), encoding="utf-8")
    monkeypatch.setattr(capture_solve, "Landmarks", Told)
    real = capture_solve._rig

    def of_full_size(path: Path, videos: capture_solve.Videos) -> Rig:
        real(path, videos)
        return made.rig()

    monkeypatch.setattr(capture_solve, "_rig", of_full_size)
    yield stage
    stage.ledger.close()


def solve(stage: Set, *more: str) -> int:
    parser = argparse.ArgumentParser()
    capture_solve.add_arguments(parser)
    words = [str(stage.take), "--ledger", str(stage.ledger.path), *more]
    return capture_solve.run(parser.parse_args(words))


def test_a_filmed_take_is_solved_into_a_new_one_that_can_be_exported(filmed: Set) -> None:
    filmed.agreed("ana", "capture", "record", "export")
    assert solve(filmed) == 0
    path = filmed.take.with_name("night_T001_heavy.mcap")
    with Take(path) as take:
        said = [*take.messages(SkeletonDefinition, "ana"), *take.messages(SkeletonPose, "ana")]
        said.sort(key=lambda one: (one.t_ns, isinstance(one, SkeletonPose)))
        assert off_m(said).mean() < 0.03  # type: ignore[arg-type]
        bones = next(take.messages(SkeletonDefinition, "ana"))
        motion = motion_of(bones, list(take.messages(SkeletonPose, "ana")), rate=(30, 1))
        assert len(motion.root_m) >= FRAMES and motion.held > 10
        assert take.facts["solved_from"] == "night_T001.mcap" and take.finished
        assert origin(take)[1:] == ("night", "0"), "whoever exports it asks as of the take it was made of"
    rows = filmed.ledger.rows()[0]
    assert {row.use for row in rows if isinstance(row, UseStarted)} == {"capture", "export"}
    assert [(row.made, row.by) for row in rows if isinstance(row, AssetMade)] == [("export", "cyc capture solve")]
    assert solve(filmed) == 1, "never written over"


def test_an_interrupted_solve_leaves_nothing(filmed: Set, monkeypatch: pytest.MonkeyPatch) -> None:
    filmed.agreed("ana", "capture", "record", "export")
    before = sorted(path.name for path in filmed.take.parent.iterdir())

    def impatient(_writer: TakeWriter) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(again, "solved", lambda _settings, sets: [live_pose(one.t_ns) for one in sets])
    monkeypatch.setattr(TakeWriter, "tick", impatient)
    with pytest.raises(KeyboardInterrupt):
        solve(filmed)
    assert sorted(path.name for path in filmed.take.parent.iterdir()) == before
    rows = filmed.ledger.rows()[0]
    assert sum(isinstance(row, UseStarted) for row in rows) == sum(isinstance(row, UseStopped) for row in rows)


def test_without_consent_nothing_is_looked_at(filmed: Set, capsys: pytest.CaptureFixture[str]) -> None:
    filmed.agreed("ana", "capture", "record", "export")
    filmed.ledger.write(lambda now: (decisions.suspend(now, "ana", 0, "ana", "asked to stop"),))
    assert solve(filmed) == 1
    assert "suspended" in capsys.readouterr().err
    assert list(filmed.take.parent.glob("*heavy*")) == []


def test_what_cannot_be_solved_is_said(filmed: Set, capsys: pytest.CaptureFixture[str]) -> None:
    filmed.agreed("ana", "capture", "record", "export")
    assert solve(filmed, "--performer", "bo") == 2
    assert "the take has ana" in capsys.readouterr().err
    rig = filmed.take.parents[1] / "rig.toml"
    whole = rig.read_text(encoding="utf-8")
    rig.write_text(whole.replace("cam4", "roof"), encoding="utf-8")
    assert solve(filmed) == 1
    assert "has no camera 'cam4'" in capsys.readouterr().err
    rig.write_text(rig_text(made.rig()), encoding="utf-8")
    assert solve(filmed) == 1
    assert "is 160 x 96, cam1 was calibrated at 1280 x 720" in capsys.readouterr().err
    rig.unlink()
    assert solve(filmed) == 1
    assert "its rig was ../rig.toml, which is not there" in capsys.readouterr().err
    first, *others = sorted(filmed.take.parent.glob("*.avi"))
    for video in others:
        index_at(video).unlink()
    assert solve(filmed) == 1
    assert "night_T001.mcap: only cam1 filmed; it takes two cameras or more" in capsys.readouterr().err
    index_at(first).unlink()
    assert solve(filmed) == 1
    assert "has no videos beside it" in capsys.readouterr().err
