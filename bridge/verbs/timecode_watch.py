"""`cyc timecode watch`: one line that follows a source, then what it was like: a stage's, a file's or a device's."""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bridge.bus.keys import load_keys
from bridge.bus.mailbox import Mailbox
from bridge.clock import NS_PER_S, system_clock, utc_ns
from bridge.house_time.complaints import Camera, rate_name
from bridge.house_time.house import House, Settings
from bridge.house_time.inputs import Input, inputs_of
from bridge.house_time.service import TICK_S, settings_of, turn, watch_of
from bridge.house_time.sound_file import SUFFIXES
from bridge.messages import Alarm, Message, TimecodeState
from bridge.own_process import Stopping
from bridge.services import keys_folder, own_endpoints
from bridge.stage import Stage, TimecodeInput
from bridge.stage_file import StageFault, load
from bridge.timecode import parse_rate
from bridge.verbs.terminal import COULD_NOT, DONE, WRONG_USAGE, fail, live_line, note, print_json, say, table

Show = Callable[[str], None]

_BUS_S = 1.5
"""A running service says something ten times a second."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to follow, and for how long."""
    parser.epilog = (
        "examples: cyc timecode watch stage_configs/small_wall.toml; cyc timecode watch --ltc ltc.wav --seconds 20; "
        "cyc timecode watch --device 'USB Audio' --channel 1"
    )
    parser.add_argument("stage", type=Path, nargs="?", metavar="STAGE.toml", help="its timecode inputs")
    parser.add_argument("--ltc", metavar="FILE.wav", help="a sound file, played in real time")
    parser.add_argument("--device", metavar="NAME", help="an audio input; part of its name will do")
    parser.add_argument("--midi", metavar="NAME", help="a MIDI input; part of its name will do")
    parser.add_argument("--channel", type=int, default=0, help="of the audio, the first is 0 (0)")
    parser.add_argument("--rate", help="what is expected, 25 or 29.97; without it the counting says")
    parser.add_argument("--camera-rate", help="what the camera films; without it the timecode's rate is taken as right")
    parser.add_argument("--seconds", type=float, help="stop by itself; else Ctrl-C")
    parser.add_argument("--json", action="store_true", help="one JSON object at the end")


def run(args: argparse.Namespace) -> int:
    """Until Ctrl-C, the time is up, or a file has ended."""
    named = [one for one in (args.stage, args.ltc, args.device, args.midi) if one is not None]
    if len(named) != 1:
        return fail("expected one of STAGE.toml, --ltc FILE, --device NAME or --midi NAME", WRONG_USAGE)
    if args.ltc is not None and not args.ltc.lower().endswith(SUFFIXES):
        return fail(f"--ltc {args.ltc}: expected a WAV file; an audio input is --device NAME", WRONG_USAGE)
    if args.channel < 0:
        return fail(f"--channel {args.channel}: expected 0 for the first, or more", WRONG_USAGE)
    stop = Stopping()
    stop.on_signals()
    try:
        for rate in filter(None, (args.rate, args.camera_rate)):
            parse_rate(rate)
        if args.stage:
            stage = load(args.stage)
            said = _of_bus(stage, args.stage)
            if said is None and not stage.timecode_inputs:
                return fail(f"{args.stage}: has no [[timecode_inputs]] (docs/timecode.md)")
            said = said or _of_inputs(
                House(settings_of(stage, utc_ns() - system_clock())),
                _inputs(stage.timecode_inputs, args.stage.parent, args),
            )
        else:
            one = _one(args)
            said = _of_inputs(_house(one, args), _inputs((one,), Path(), args))
    except StageFault as error:
        return fail(str(error))
    except ValueError as error:
        return fail(f"--rate: {error}", WRONG_USAGE)
    return _follow(said, args, stop)


def _follow(said: Iterator[list[Message]], args: argparse.Namespace, stop: Stopping) -> int:
    newest: dict[str, TimecodeState] = {}
    first: dict[str, str] = {}
    alarms: list[Alarm] = []
    until_ns = system_clock() + round((args.seconds or 1e9) * NS_PER_S)
    note("following; Ctrl-C ends it")
    with live_line() as show:
        for messages in said:
            for message in messages:
                if isinstance(message, Alarm):
                    alarms.append(message)
                    note(f"{message.severity}: {message.text}")
                if isinstance(message, TimecodeState):
                    newest[message.subject] = message
                    if message.timecode:
                        first.setdefault(message.subject, str(message.timecode))
            show("   ".join(line(state) for state in newest.values()))
            if stop() or system_clock() >= until_ns:
                break
    if args.json:
        print_json(
            {"sources": [_as_json(state, first) for state in newest.values()], "alarms": [a.text for a in alarms]}
        )
    else:
        _table(newest, first)
        say(f"{len(alarms) or 'no'} {'alarm' if len(alarms) == 1 else 'alarms'}")
    return DONE if first else COULD_NOT


def line(state: TimecodeState) -> str:
    """One source, as it changes in place."""
    rate = ""
    if state.timecode:
        rate = f"{_rate(state)}{'' if state.rate_sure else '?'} fps x{state.speed_unit:.4f}"
    parts = [state.subject, str(state.timecode or "--:--:--:--"), state.state, rate, _drift(state), _level(state)]
    if state.disagrees_frames is not None:
        parts.append(f"{state.disagrees_frames:+.2f} frames from the chosen")
    return "  ".join(part for part in [*parts, state.note] if part)


def _table(newest: dict[str, TimecodeState], first: dict[str, str]) -> None:
    table(
        "Timecode",
        ("source", "state", "first", "last", "fps", "drift", "apart", "jumps", "dropped", "level", ""),
        (
            (
                state.subject,
                state.state,
                first.get(state.subject, ""),
                state.timecode or "",
                _rate(state),
                _drift(state),
                "" if state.disagrees_frames is None else f"{state.disagrees_frames:+.2f}",
                state.jumps,
                state.dropped,
                _level(state),
                state.note,
            )
            for state in newest.values()
        ),
    )


def _as_json(state: TimecodeState, first: dict[str, str]) -> dict[str, object]:
    return {
        "source": state.subject,
        "state": state.state,
        "chosen": state.chosen,
        "first": first.get(state.subject, ""),
        "last": str(state.timecode or ""),
        "rate": _rate(state),
        "rate_sure": state.rate_sure,
        "speed_unit": state.speed_unit,
        "drift_unit": state.drift_unit,
        "disagrees_frames": state.disagrees_frames,
        "jumps": state.jumps,
        "dropped": state.dropped,
        "level_unit": state.level_unit,
        "note": state.note,
    }


def _rate(state: TimecodeState) -> str:
    label = state.timecode
    return f"{rate_name((label.rate_num, label.rate_den))}{'df' if label.drop_frame else ''}" if label else ""


def _drift(state: TimecodeState) -> str:
    return "" if state.drift_unit is None else f"{state.drift_unit * 1e6:+.1f} ppm"


def _level(state: TimecodeState) -> str:
    return "" if state.level_unit is None else f"level {state.level_unit:.3f}"


def _of_bus(stage: Stage, path: Path) -> Iterator[list[Message]] | None:
    """What the stage's own service says, where it runs."""
    folder = keys_folder(stage, path)
    keys = load_keys(folder) if folder else None
    mailbox = Mailbox([own_endpoints(stage, "timecode")[0]], ["TimecodeState", "Alarm"], keys=keys)
    heard = mailbox.take(_BUS_S)
    if not heard:
        mailbox.close()
        return None

    def listen() -> Iterator[list[Message]]:
        yield heard
        while True:
            yield mailbox.take(0.25)

    note(f"what the running stage {stage.name} says")
    return listen()


def _of_inputs(house: House, inputs: list[Input]) -> Iterator[list[Message]]:
    """Inputs opened here."""
    try:
        while not (inputs and all(source.ended for source in inputs)):
            yield turn(house, inputs, system_clock())
            time.sleep(TICK_S)
    finally:
        for source in inputs:
            source.close()


def _one(args: argparse.Namespace) -> TimecodeInput:
    if args.midi is not None:
        return TimecodeInput(name="mtc", kind="mtc", device=args.midi, rate=args.rate)
    return TimecodeInput(
        name="ltc", kind="ltc", device=args.ltc or args.device or "", channel=args.channel, rate=args.rate
    )


def _house(one: TimecodeInput, args: argparse.Namespace) -> House:
    camera = Camera("the camera", parse_rate(args.camera_rate) if args.camera_rate else None)
    return House(Settings(chosen=one.name, inputs=(watch_of(one),), cameras=(camera,)))


def _inputs(said: tuple[TimecodeInput, ...], folder: Path, args: argparse.Namespace) -> list[Input]:
    rate = parse_rate(args.camera_rate or args.rate or "25")
    return inputs_of(said, folder, rate, system_clock)
