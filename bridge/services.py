"""Which services a stage runs, how each is started, and where each one meets the others."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from bridge.bus.address import endpoints
from bridge.processes import Launch
from bridge.stage import SERVICES, Service, Stage

LIVE = ("spine", "recorder", "wall", "view", "console")
"""What `cyc run` starts, and `pictures`, `control`, `unreal`, `timecode`, `clocks` and `capture` where the stage file
has something for them; the demo adds a tracker and an engine."""

SPEAKING = (
    "spine",
    "supervisor",
    "recorder",
    "console",
    "wall",
    "engine",
    "tracker",
    "control",
    "display",
    "calibrate",
    "timecode",
    "clocks",
    "unreal",
    "view",
    "capture",
    "pictures",
)
"""Who publishes on the bus."""

_PRIORITY = {
    "spine": -10,
    "tracker": -10,
    "engine": -5,
    "timecode": -5,
    "clocks": -5,
    "recorder": 0,
    "pictures": 0,
    "control": 0,
    "console": 10,
    "unreal": 10,
    "wall": 15,
    "view": 15,
    "capture": 5,
}

_WHERE = {
    "pictures": "no pictures in its [engine] table",
    "control": "no [control] table",
    "unreal": "no [unreal] table",
    "timecode": "no [[timecode_inputs]]",
    "clocks": "no other [[hosts]]",
    "capture": "no [capture] table",
}
"""What such a stage file lacks."""


def live(stage: Stage) -> tuple[str, ...]:
    """What `cyc run` starts of this stage."""
    names = list(LIVE)
    names += ["pictures"] if stage.engine.pictures else []
    names += ["control"] if stage.control else []
    names += ["unreal"] if stage.unreal else []
    names += ["timecode"] if stage.timecode_inputs else []
    names += ["clocks"] if len(stage.hosts) > 1 else []
    names += ["capture"] if stage.capture else []
    return tuple(names)


def launches(stage: Stage, names: Sequence[str], argv_of: dict[str, tuple[str, ...]]) -> list[Launch]:
    """How to start each service named that runs here, with the threads, priority and GPU the stage file gives it.

    ValueError for a name that is none, and for a service that this stage has nothing for.
    """
    strange = next((name for name in names if name not in _PRIORITY), "")
    if strange:
        raise ValueError(f"--services {strange}: expected some of {', '.join(sorted(_PRIORITY))}")
    idle = next((name for name in names if name in _WHERE and name not in live(stage)), "")
    if idle:
        raise ValueError(f"--services {idle}: {stage.name} has {_WHERE[idle]}, so it would have nothing to do")
    said = {service.name: service for service in stage.services}
    here = [name for name in names if name not in said or said[name].host == "local"]
    return [_launch(name, said.get(name), argv_of[name]) for name in here]


def _launch(name: str, said: Service | None, argv: tuple[str, ...]) -> Launch:
    if said is None:
        return Launch(name=name, argv=argv, priority=_PRIORITY[name])
    priority = _PRIORITY[name] if said.priority is None else said.priority
    return Launch(name=name, argv=argv, threads=said.threads, priority=priority, gpu=said.gpu)


def own_endpoints(stage: Stage, service: str) -> tuple[str, str]:
    """(pub, rpc) of one service of this stage."""
    return endpoints(stage.bus.bind, stage.bus.port, service, stage_name=stage.name)


def all_pubs(stage: Stage, services: Iterable[str] = SERVICES) -> list[str]:
    """Where to listen to everybody."""
    return [own_endpoints(stage, service)[0] for service in services]


def all_sources(stage: Stage, services: Iterable[str] = SERVICES) -> list[tuple[str, str]]:
    """Where to listen to everybody and ask again."""
    return [own_endpoints(stage, service) for service in services]


def keys_folder(stage: Stage, stage_path: Path) -> Path | None:
    """The CURVE keys' folder, named relative to the stage file."""
    return stage_path.parent / stage.bus.curve_keys if stage.bus.curve_keys else None
