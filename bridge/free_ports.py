"""Before anything starts: are the ports free that a stage's services will open?"""

from collections.abc import Collection

from bridge.engine.output import EngineOutput
from bridge.engine.picture_output import PictureOutput
from bridge.page_token import refuse_unguarded
from bridge.ports import CONTROL_REMEDY, PAGE_REMEDY, refuse_taken_tcp
from bridge.stage import Stage
from bridge.udp import Listener


def refuse_taken(stage: Stage, services: Collection[str], page: str, token: str = "") -> None:
    """PortBusy names the first port that is taken, who has it and what to do. `page` is host:port; ValueError where it
    would be open to everybody."""
    if "spine" in services:
        for tracker in stage.trackers:
            Listener(tracker.bind, tracker.port, multicast=tracker.multicast).close()
        EngineOutput(stage.engine.bind, stage.engine.port).close()
    if "pictures" in services:
        PictureOutput(stage.engine.bind, stage.engine.pictures_port).close()
    if "control" in services and stage.control:
        Listener(stage.control.bind, stage.control.port, remedy=CONTROL_REMEDY).close()
    if "console" in services:
        host, port = host_and_port(page)
        refuse_unguarded(host, port, token)
        refuse_taken_tcp(host, port, PAGE_REMEDY)


def host_and_port(page: str) -> tuple[str, int]:
    """Of `127.0.0.1:8080` or `[::1]:8080`. ValueError says what was expected."""
    host, _, port = page.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"--page: expected host:port such as 127.0.0.1:8080, got {page!r}")
    return host.strip("[]"), int(port)
