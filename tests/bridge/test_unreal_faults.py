"""Unreal errs, is slow, dies, is back: against a server written from the documents."""

import socket
import threading

import pytest

from bridge.messages import Alarm, UnrealState
from bridge.unreal.standin import StandIn
from tests.bridge.unreal_stand import Make, Stand, camera, make, scene, server, started, unreal_of

__all__ = ["make", "server"]


def test_errors_are_shown_and_tried_again(make: Make) -> None:
    stand = make()
    stand.settle()
    stand.server.fail_with = (400, {"errorMessage": "the editor is saving"})
    stand.hear(scene(exposure_ev=2.0))
    stand.until(lambda: stand.state.fault == "the exposure +2 EV: the editor is saving")
    assert stand.state.state == "connected"
    stand.server.fail_with = None
    stand.until(lambda: stand.preset["CycloramaExposure"] == 2.0, 0.1)
    stand.until(lambda: stand.state.fault == "")


def test_a_slow_server_holds_up_nobody_and_gets_the_newest_when_it_wakes(make: Make) -> None:
    stand = make()
    stand.settle()
    stand.server.flowing.clear()  # from here on it takes requests and answers none
    for step in range(100):
        stand.hear(scene(exposure_ev=float(step)))
    stand.until(lambda: stand.state.state == "slow", 0.1)
    stand.until(lambda: stand.state.state == "silent" and "no answer within 2 s" in stand.state.fault, 0.1)
    stand.hear(scene(exposure_ev=7.0))
    stand.server.flowing.set()
    stand.until(lambda: stand.preset["CycloramaExposure"] == 7.0, 0.1)
    stand.until(lambda: stand.state.state == "connected")
    told = [body for verb, path, body in stand.server.world.log if verb == "PUT" and path.endswith("Exposure")]
    assert len(told) <= 3


@pytest.mark.slow
def test_when_unreal_comes_back_it_is_told_all_settings_but_no_old_take(make: Make) -> None:
    stand = make()
    stand.hear(camera(frustum=False), scene(exposure_ev=1.0, environment="desert"))
    stand.settle()
    stand.server.die()
    stand.hear(scene(exposure_ev=2.0, environment="desert"))
    stand.until(lambda: stand.state.state == "silent")
    stand.hear(started("T1"))
    stand.until(lambda: stand.last(Alarm), 0.1)
    alarm = stand.last(Alarm)
    assert alarm and "Unreal was not told of take T1: " in alarm.text
    world = stand.server.world  # what an artist's new session is like
    world.level, stand.camera["bEnable"], stand.preset["CycloramaExposure"] = "/Game/Maps/Empty", True, 0.0
    stand.server.rise()
    stand.until(lambda: stand.liaison.connection.up, 0.2)
    stand.settle()
    assert (world.level, stand.camera["bEnable"]) == ("/Game/Maps/Desert", False)
    assert stand.preset["CycloramaExposure"] == 2.0
    assert world.takes == []
    stand.until(lambda: any(stand.server.followers.values()), 0.2)
    stand.until(lambda: stand.state.fault == "" and stand.state.state == "connected")


@pytest.mark.parametrize("presets", [(), ("Cyclorama",)])
def test_a_death_is_noticed_though_nothing_is_asked(make: Make, presets: tuple[str, ...]) -> None:
    stand = make(presets=presets)
    stand.settle()
    stand.until(lambda: stand.state.state == "connected")
    stand.server.die()
    stand.until(lambda: stand.state.state == "silent" and stand.state.fault, 0.1)
    assert "Connection refused" in stand.state.fault or "refused" in stand.state.fault.lower()


def test_a_connection_that_was_kept_too_long_costs_nothing(make: Make) -> None:
    stand = make()
    stand.settle()
    stand.server.hang_up = 1
    stand.hear(scene(exposure_ev=4.0))
    stand.settle()
    assert (stand.preset["CycloramaExposure"], stand.liaison.connection.failed) == (4.0, 0)


def test_a_take_start_that_met_a_hang_up_is_begun_once(make: Make) -> None:
    stand = make()
    stand.settle()
    stand.server.hang_up = 2  # so that the retry of the kept connection fails too
    stand.hear(started("T1"))
    stand.until(lambda: stand.liaison.connection.failed, 0.05)
    stand.until(lambda: stand.server.world.recording, 0.1)
    stand.settle()
    assert len(stand.server.world.takes) == 1
    assert stand.last(Alarm) is None


@pytest.mark.parametrize("raw", [b"<html>a printer", b"{}", b'{"HttpRoutes": 3}', b"\xff\xfe\xfd"])
def test_a_server_that_is_something_else_is_said(make: Make, raw: bytes) -> None:
    stand = make()
    stand.server.raw = raw
    stand.until(lambda: stand.last(UnrealState) and stand.state.fault)
    stand.turn()
    assert stand.state.state == "connecting"
    assert "line 1" in stand.state.fault or "Remote Control" in stand.state.fault or "UTF" in stand.state.fault


def test_a_port_that_speaks_no_http_is_said(server: StandIn) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def babble() -> None:
            connection, _ = listening.accept()
            connection.recv(4096)
            connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n" * 3)
            connection.close()

        threading.Thread(target=babble, daemon=True).start()
        stand = Stand(server, unreal_of(server, http_port=listening.getsockname()[1]))
        stand.until(lambda: stand.last(UnrealState) and stand.state.fault)
        stand.close()
    assert "does not speak HTTP as it should" in stand.state.fault


def test_without_events_the_rest_goes_on_and_says_so(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        closed = probe.getsockname()[1]
    stand = make(websocket_port=closed)
    stand.hear(scene(exposure_ev=3.0))
    stand.settle()
    stand.until(lambda: "no preset events: ws://127.0.0.1:" in stand.state.fault)
    assert (stand.state.state, stand.preset["CycloramaExposure"]) == ("connected", 3.0)
