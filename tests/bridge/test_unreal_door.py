"""`cyc unreal` against a server written from the documents, and its table in the stage file."""

import ast
import json
import socket
from pathlib import Path

import msgspec
import pytest

from bridge.__main__ import main
from bridge.bus.waiter import Waiter
from bridge.stage_file import StageFault, parse
from bridge.stage_text import toml_of
from bridge.unreal import service, standin
from bridge.unreal.event_line import EventLine
from bridge.unreal.http_line import HttpLine
from bridge.unreal.standin import StandIn
from bridge.wire.remote_control import info
from tests.bridge.unreal_stand import ROOT, SMALL, server, unreal_of

__all__ = ["server"]


def test_a_stage_without_the_table_is_told_so() -> None:
    with pytest.raises(ValueError, match=r"has no \[unreal\] table"):
        service.serve(SMALL, sources={}, outbox=None, stop=lambda: True)  # pyright: ignore[reportArgumentType]


def cyc(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main(["unreal", *words])
    shown = capsys.readouterr()
    return code, shown.out + shown.err


@pytest.mark.parametrize("way", ["http", "websocket"])
def test_the_door_over_both(server: StandIn, capsys: pytest.CaptureFixture[str], way: str) -> None:
    port = server.http_port if way == "http" else server.websocket_port
    where = ["--url", f"127.0.0.1:{port}", *(["--websocket"] if way == "websocket" else [])]
    code, shown = cyc(capsys, "presets", "--json", *where)
    (preset,) = json.loads(shown)["presets"]
    assert (code, preset["functions"]) == (0, ["CycloramaFlash"])
    assert cyc(capsys, "set", "Cyclorama", "Sun Rotation", '{"Pitch": -5}', *where)[0] == 0
    assert cyc(capsys, "get", "Cyclorama", "Sun Rotation", *where) == (0, '{"Pitch": -5}\n')
    assert cyc(capsys, "call", "Cyclorama", "CycloramaFlash", "Level=0.5", *where)[0] == 0
    assert server.world.flashes == [{"Level": 0.5}]
    assert cyc(capsys, "take", "start", "--slate", "9B", "--take", "9B_T004", *where) == (0, "recording 9B\n")
    assert cyc(capsys, "take", "stop", *where) == (0, "stopped\n")
    assert server.world.takes == [{"slate": "9B", "number": 4, "description": "9B_T004"}]
    assert "/Game/Maps/Desert is loaded\n" in cyc(capsys, "level", "/Game/Maps/Desert", *where)[1]
    assert "/Game/Maps/Desert is open already\n" in cyc(capsys, "level", "/Game/Maps/Desert", *where)[1]
    assert "/remote/batch" in cyc(capsys, "info", *where)[1]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["get", "Nope", "X"], "Unreal says: Preset Nope could not be found."),
        (["level", "/Game/Maps/Moon"], "Unreal did not load /Game/Maps/Moon: is there such a level?"),
        (["level", "Moon"], "Moon: expected a path, /Game/Maps/Desert, or one of unreal.environments (none)"),
        (["call", "Cyclorama", "CycloramaFlash", "Level"], "Level: expected NAME=VALUE"),
        (["set", "Cyclorama", "Sun Rotation", "7"], "Unreal says: Unable to deserialize the value of Sun Rotation."),
    ],
)
def test_the_door_refuses_in_a_sentence(
    server: StandIn, capsys: pytest.CaptureFixture[str], words: list[str], text: str
) -> None:
    code, shown = cyc(capsys, *words, "--url", f"127.0.0.1:{server.http_port}")
    assert (code, " ".join(shown.splitlines()[-1].split())) == (1, text)


def test_the_door_says_how_to_start_a_server_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    for words in (["info"], ["presets", "--websocket"]):
        code, shown = cyc(capsys, *words, "--url", f"127.0.0.1:{port}")
        assert code == 1
        assert "Start it in Unreal: enable the plugin Remote Control API, then type WebControl.StartServer" in shown
    assert "expected HOST:PORT" in cyc(capsys, "info", "--url", "nowhere")[1]
    small = str(ROOT / "stage_configs" / "small_wall.toml")
    assert "has no [unreal] table" in cyc(capsys, "info", small)[1]


def test_the_stage_file_says_what_is_wrong_with_its_table() -> None:
    text = (ROOT / "stage_configs" / "small_wall.toml").read_text()
    bad = (
        '[unreal]\nstage_actor = "nDisplay"\nicvfx_cameras = { camX = "/G/M" }\nenvironments = { d = "Desert.umap" }\n'
    )
    with pytest.raises(StageFault) as fault:
        parse(f"{text}\n{bad}", ROOT / "stage_configs" / "x.toml")
    assert fault.value.faults == (
        "unreal.icvfx_cameras.camX: expected one of the cameras (camA), got 'camX'",
        "unreal.stage_actor: expected an Unreal path, /Game/Maps/Desert, got 'nDisplay'",
        "unreal.environments.d: expected an Unreal path, /Game/Maps/Desert, got 'Desert.umap'",
    )


def test_the_table_survives_being_written_as_text(server: StandIn) -> None:
    stage = msgspec.structs.replace(SMALL, unreal=unreal_of(server, environments={"": "/Game/Home", "a b": "/Game/É"}))
    assert parse(toml_of(stage)) == stage


def test_the_stand_in_shares_nothing_with_our_codec() -> None:
    tree = ast.parse(Path(standin.__file__).read_text())
    imported = {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not [name for name in imported if name.startswith("bridge")]


def test_a_host_that_cannot_even_be_looked_up_is_answered_for_by_both_lines() -> None:
    http, events = HttpLine("stage..lan", 30010, 0.5), EventLine("ws://stage..lan:30020", (), 0.5)
    try:
        http.send(7, info(), 0.5)
        events.open()
        for line in (http, events):
            Waiter(line.sockets()).wait(20.0)
        (result,), (frame,) = http.take(), events.take()
    finally:
        http.close()
        events.close()
    assert (result.number, result.answer) == (7, None)
    assert "is no address that can be looked up" in result.why
    assert frame.what == "ended"
    assert events.idle, "it may be tried again"
