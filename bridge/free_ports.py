"""Before anything starts: are the ports free that a stage's services will open?"""

from collections.abc import Collection

from bridge.engine.output import EngineOutput
from bridge.ports import CONTROL_REMEDY, PAGE_REMEDY, refuse_taken_tcp
from bridge.stage import Stage
from bridge.udp import Listener


def refuse_taken(stage: Stage, services: Collection[str], page: str) -> None:
    """PortBusy names the first port that is taken, who has it and what to do. `page` is host:port."""
    if "spine" in services:
        for tracker in stage.trackers:
            Listener(tracker.bind, tracker.port, multicast=tracker.multicast).close()
        EngineOutput(stage.engine.bind, stage.engine.port).close()
    if "control" in services and stage.control:
        Listener(stage.control.bind, stage.control.port, remedy=CONTROL_REMEDY).close()
    if "console" in services:
        host, _, port = page.rpartition(":")
        refuse_taken_tcp(host.strip("[]"), int(port), PAGE_REMEDY)
