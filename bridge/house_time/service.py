"""The timecode service: what the inputs hear goes through the house's watches, and out on the bus."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bridge.at_ticks import AtTicks
from bridge.bus.keys import BusKeys
from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import Publisher
from bridge.clock import Clock, system_clock, utc_ns
from bridge.house_time.complaints import Camera
from bridge.house_time.house import House, Settings
from bridge.house_time.inputs import Input, inputs_of
from bridge.house_time.watch import Watch
from bridge.messages import Acknowledged, CameraPose, Message
from bridge.service import Desk, Duty, Say, run
from bridge.stage import Stage, TimecodeInput
from bridge.timecode import parse_rate

TICK_S = 0.02


def serve(
    stage: Stage,
    folder: Path,
    *,
    spine_pub: str,
    outbox: Publisher,
    stop: Callable[[], bool],
    keys: BusKeys | None = None,
    say: Say | None = None,
) -> None:
    """Until `stop()`. ValueError where the stage file names no timecode input."""
    if not stage.timecode_inputs:
        raise ValueError(f"stage {stage.name} has no [[timecode_inputs]], so there is nothing to listen to")
    clock = system_clock
    settings = settings_of(stage, utc_ns() - clock())
    inputs = inputs_of(stage.timecode_inputs, folder, parse_rate(stage.cameras[0].rate), clock)
    poses = Mailbox([spine_pub], ["CameraPose"], keys=keys)
    at_ticks = AtTicks(poses)
    desk = Desk("timecode", clock, say)
    try:
        work = duty(inputs, at_ticks, clock)
        run(work, settings, House(settings), inbox=[at_ticks], outbox=outbox, clock=clock, desk=desk, stop=stop)
    finally:
        for part in (*inputs, poses, outbox):
            part.close()


def settings_of(stage: Stage, utc_minus_clock_ns: int) -> Settings:
    """The numbers the house works with."""
    return Settings(
        chosen=stage.timecode,
        inputs=tuple(watch_of(said) for said in stage.timecode_inputs),
        cameras=tuple(Camera(camera.name, parse_rate(camera.rate)) for camera in stage.cameras),
        utc_minus_clock_ns=utc_minus_clock_ns,
    )


def watch_of(said: TimecodeInput) -> Watch:
    """MTC says a label every two frames only."""
    return Watch(name=said.name, kind=said.kind.upper())


def turn(house: House, inputs: Sequence[Input], now_ns: int) -> list[Message]:
    """What the inputs have heard, and what to say of it."""
    for source in inputs:
        for heard in source.take():
            house.hear(source.name, heard)
        house.read(source.name, source.reading())
    return house.tick(now_ns)


def duty(inputs: Sequence[Input], poses: AtTicks, clock: Clock) -> Duty[Settings, House]:
    """Everything happens at ticks: devices have queues, and nobody waits for a label."""

    def tick(_: Settings, house: House, now_ns: int) -> tuple[House, list[Message]]:
        for pose in poses.fetch():
            if isinstance(pose, CameraPose):
                house.hear_pose(pose)
        return house, turn(house, inputs, now_ns)

    def obey(_: Settings, house: House, asked: Message) -> tuple[House, list[Message], Acknowledged]:
        now_ns = clock()
        answer = house.obey(asked, now_ns)
        return house, house.tick(now_ns), answer

    def step(_: Settings, house: House, _item: Any) -> tuple[House, list[Message]]:
        return house, []

    def losses() -> dict[str, int]:
        return {f"{source.name} queue": count for source in inputs if (count := source.overflown)}

    return Duty(step, tick=tick, tick_s=TICK_S, obey=obey, losses=losses)
