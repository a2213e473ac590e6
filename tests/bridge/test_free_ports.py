"""A taken port is found, and its owner named, before anything starts."""

import os
import socket
from pathlib import Path

import msgspec
import pytest

from bridge.free_ports import refuse_taken
from bridge.ports import PortBusy
from bridge.stage import Stage
from bridge.stage_file import load
from tests.bridge.ports import free_port

SMALL = Path(__file__).parents[2] / "stage_configs" / "small_wall.toml"


def stage_on(udp_port: int, engine_port: int) -> Stage:
    stage = load(SMALL)
    (tracker,) = stage.trackers
    return msgspec.structs.replace(
        stage,
        trackers=(msgspec.structs.replace(tracker, port=udp_port),),
        engine=msgspec.structs.replace(stage.engine, port=engine_port),
    )


def test_free_ports_pass_and_stay_free() -> None:
    stage = stage_on(free_port(), free_port(2))
    for _ in range(2):
        refuse_taken(stage, ("spine", "console"), f"127.0.0.1:{free_port()}")


@pytest.mark.parametrize("which", ["tracker", "engine", "pictures", "page"])
def test_a_taken_port_is_named_with_its_owner_and_a_remedy(which: str) -> None:
    kind = socket.SOCK_DGRAM if which == "tracker" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as taken:
        port = free_port(2) + 1
        taken.bind(("127.0.0.1", port))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        udp, tcp = free_port(), free_port(2)
        stage = stage_on(port if which == "tracker" else udp, {"engine": port, "pictures": port - 1}.get(which, tcp))
        page = f"127.0.0.1:{port if which == 'page' else free_port()}"
        with pytest.raises(PortBusy) as refused:
            refuse_taken(stage, ("spine", "console", "pictures"), page)
        assert f"port {port} on 127.0.0.1" in str(refused.value)
        assert f"(pid {os.getpid()})" in str(refused.value) or os.name == "nt"
        # what this run would not open does not matter
        refuse_taken(stage, ("recorder",), page)


def test_a_page_for_everybody_is_refused_before_anything_starts() -> None:
    stage = stage_on(free_port(), free_port(2))
    with pytest.raises(ValueError, match=r"open on 0\.0\.0\.0: expected a token of at least 16"):
        refuse_taken(stage, ("console",), "0.0.0.0:8080", "short")
    refuse_taken(stage, ("recorder",), "0.0.0.0:8080")
