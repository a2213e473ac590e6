"""What `cyc capture export` and `neutral` write into the ledger: each under its own name, and whole or not at all."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bridge.__main__ import main
from bridge.clock import NS_PER_S
from bridge.consent import rows
from bridge.consent.decisions import NotPossible
from bridge.consent.ledger import Ledger, hashed
from bridge.messages import CaptureCamera, ClockPair, FaceShapes, SkeletonPose, topic
from bridge.take.format import STAGE_FILE
from bridge.take.recording import Beginning, TakeWriter
from capture.solve import said
from capture.solve.turns import quaternions
from tests.capture import performer_made as made
from tests.capture.filmed_set import Set

START_NS = 7 * NS_PER_S


def recorded(path: Path) -> None:
    """A walk whose face rests for two seconds and then opens its mouth."""
    walk, pair = made.walk(frames=90), ClockPair(subject="recorder", t_ns=START_NS, utc_ns=2 * START_NS, clock_id=1)
    facts = {"take": path.stem, "slate": "night", "stage": "Night Train", "clock_id": "1"}
    writer = TakeWriter(path, Beginning(pair, facts, {STAGE_FILE: b'project = "Night Train"\n'}), lambda: START_NS)
    messages = [
        CaptureCamera(subject="left", t_ns=START_NS, state="running", source="0"),
        said.definition("ana", START_NS, 1, walk.rest_m),
    ]
    turns = quaternions(walk.rotations)
    for frame in range(90):
        t_ns = START_NS + round(frame * NS_PER_S / 30)
        bones = np.column_stack((turns[frame], walk.rest_m)).astype("<f4")
        shapes = np.full(52, 0.1 + 0.5 * (frame > 60) * np.sin(frame / 4) ** 2, "<f4")
        when = {"subject": "ana", "t_ns": t_ns, "sequence": frame, "t_arrival_ns": t_ns}
        messages += [
            SkeletonPose(**when, definition=1, bones_f32=bones.tobytes()),
            FaceShapes(**when, shapes_f32=shapes.tobytes()),
        ]
    for message in messages:
        writer.write(topic(message), message, boot=1, sequence=1, t_sent_ns=message.t_ns)
    writer.finish()


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Set]:
    monkeypatch.delenv("CYC_CONSENT", raising=False)
    stage = Set(tmp_path)
    stage.take.unlink()
    recorded(stage.take)
    yield stage
    stage.ledger.close()


@pytest.mark.parametrize(
    ("verb", "name", "kind", "uses"),
    [
        ("export", "ana.bvh", "export", ["export"]),
        ("export", "ana.usda", "export", ["export", "face"]),
        ("neutral", "ana.toml", "neutral", ["face"]),
    ],
)
def test_each_command_signs_as_itself(
    stage: Set, tmp_path: Path, verb: str, name: str, kind: str, uses: list[str]
) -> None:
    stage.agreed("ana", "export", "face")
    out = tmp_path / name
    assert main(["capture", verb, str(stage.take), str(out)]) == 0
    log = stage.ledger.rows()[0][2:]
    assert {row.by for row in log} == {f"cyc capture {verb}"}
    assert [row.use for row in log if isinstance(row, rows.UseStarted)] == uses
    assert sum(isinstance(row, rows.UseStopped) for row in log) == len(uses)
    (asset,) = [row for row in log if isinstance(row, rows.AssetMade)]
    assert asset.made == kind and asset.sha256 == hashed(out)[1]


def test_a_neutral_that_is_not_allowed_is_refused_and_logged(
    stage: Set, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.agreed("ana", "export")
    assert main(["capture", "neutral", str(stage.take), str(tmp_path / "ana.toml")]) == 1
    assert "ana is not measured (face): consent 2 of ana is for export" in capsys.readouterr().err
    refused = stage.ledger.rows()[0][-1]
    assert isinstance(refused, rows.UseRefused) and (refused.use, refused.by) == ("face", "cyc capture neutral")
    assert not list(tmp_path.glob("*ana*"))


@pytest.mark.parametrize(("verb", "name"), [("export", "ana.bvh"), ("neutral", "ana.toml")])
def test_what_the_ledger_cannot_know_is_not_kept(
    stage: Set,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    verb: str,
    name: str,
) -> None:
    """Erased while the file was being written."""

    def erased(*_words: object, **_more: object) -> int:
        raise NotPossible("ana was erased; a file made since must be deleted, not registered")

    stage.agreed("ana", "export", "face")
    monkeypatch.setattr(Ledger, "register_asset", erased)
    assert main(["capture", verb, str(stage.take), str(tmp_path / name)]) == 1
    assert "ana was erased" in capsys.readouterr().err
    assert not list(tmp_path.glob("*ana*"))
