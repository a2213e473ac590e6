"""`cyc timecode`: which inputs are here, what comes in and how well, and a test signal to plug into them."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bridge.bus.command import command
from bridge.bus.keys import load_keys
from bridge.clock import system_clock
from bridge.house_time.audio_input import DeviceFault, audio_inputs
from bridge.house_time.midi_input import midi_inputs
from bridge.messages import JamTimecode
from bridge.services import keys_folder, own_endpoints
from bridge.stage_file import StageFault, load
from bridge.timecode import Timecode, frame_number, nominal_rate, parse_rate, parse_timecode, timecode_at
from bridge.verbs import timecode_watch
from bridge.verbs.terminal import DONE, WRONG_USAGE, fail, live_line, note, print_json, say, table
from bridge.wire import ltc, wav

_LONGEST_S = 24 * 3600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc timecode list`, `watch STAGE.toml`, `jam STAGE.toml`, `make --out FILE`."""
    parser.epilog = (
        "examples:\n  cyc timecode list\n  cyc timecode watch --ltc tape.wav\n"
        "  cyc timecode make --rate 29.97df --start '10:00:00;00' --seconds 30 --out ltc.wav"
    )
    verbs = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = verbs.add_parser("list", help="the audio and MIDI inputs of this computer")
    listing.add_argument("--json", action="store_true", help="one JSON object")
    timecode_watch.add_arguments(verbs.add_parser("watch", help="a source: label, lock, rate, drift, level"))
    _add_jam(verbs.add_parser("jam", help="of a running stage: count on by our own clock, or follow the source again"))
    _add_make(verbs.add_parser("make", help="an LTC test signal as a WAV file"))


def _add_jam(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: cyc timecode jam stage.toml; cyc timecode jam stage.toml --follow"
    parser.add_argument("stage", type=Path, metavar="STAGE.toml")
    parser.add_argument("--source", default="", help="which input; without it the one that labels")
    parser.add_argument("--follow", action="store_true", help="follow the source again")


def _add_make(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: cyc timecode make --rate 29.97df --start '10:00:00;00' --seconds 30 --out ltc.wav"
    parser.add_argument("--rate", default="25", help="23.976 24 25 29.97 29.97df 30 (25)")
    parser.add_argument("--start", default="10:00:00:00", help="first label (10:00:00:00)")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long (30)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.wav")
    parser.add_argument("--sample-rate", type=int, default=48000, help="samples a second (48000)")
    parser.add_argument("--speed", type=float, default=1.0, help="as a tape that runs so fast (1)")
    parser.add_argument("--reverse", action="store_true", help="as a tape that runs backward from the end")
    parser.add_argument("--level", type=float, default=0.5, help="half the swing, 1 is full scale (0.5)")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Dispatch the action."""
    if args.action == "list":
        return _list(args.json)
    if args.action == "jam":
        return _jam(args.stage, args.source, not args.follow)
    return timecode_watch.run(args) if args.action == "watch" else _make(args)


def _list(as_json: bool) -> int:
    faults: list[str] = []
    try:
        audio = audio_inputs()
    except DeviceFault as fault:
        audio = []
        faults.append(str(fault))
    try:
        midi = midi_inputs()
    except DeviceFault as fault:
        midi = []
        faults.append(str(fault))
    if as_json:
        print_json({"audio": audio, "midi": midi, "faults": faults})
        return DONE
    rows = [("ltc", one["name"], one["channels"], f"{one['sample_rate_hz']:.0f}", one["host"]) for one in audio]
    rows += [("mtc", name, "", "", "") for name in midi]
    table(f"{len(rows)} inputs that may carry timecode", ("kind", "device", "channels", "Hz", "system"), rows)
    for fault in faults:
        note(fault)
    return DONE


def _jam(path: Path, source: str, on: bool) -> int:
    try:
        stage = load(path)
        folder = keys_folder(stage, path)
        keys = load_keys(folder) if folder else None
        asked = JamTimecode(subject=source or stage.timecode, t_ns=system_clock(), on=on)
        answer = command(own_endpoints(stage, "timecode")[1], asked, keys=keys)
    except (StageFault, TimeoutError, ValueError, OSError) as error:
        return fail(str(error))
    if not answer.ok:
        return fail(answer.text)
    say(f"{asked.subject}: {'our own clock counts on' if on else 'followed again'}")
    return DONE


def _make(args: argparse.Namespace) -> int:
    try:
        labels = labels_of(args.rate, args.start, args.seconds)
        fault = _fault(args)
    except ValueError as error:
        return fail(str(error), WRONG_USAGE)
    if fault:
        return fail(fault, WRONG_USAGE)
    if args.out.exists():
        return fail(f"{args.out}: is there already and is not written over; name another --out")
    beside = args.out.with_name(f".{args.out.name}.part")
    try:
        with live_line() as show:
            _write(beside, args, labels, show)
        beside.replace(args.out)
    except OSError as error:
        return fail(f"{args.out}: {error.strerror or error}")
    finally:
        beside.unlink(missing_ok=True)
    first, last = (labels[-1], labels[0]) if args.reverse else (labels[0], labels[-1])
    if args.json:
        print_json({"out": str(args.out), "first": str(first), "last": str(last), "frames": len(labels)})
    else:
        say(f"{args.out}: {len(labels)} frames, {first} to {last}")
    return DONE


def labels_of(rate: str, start: str, seconds: float) -> list[Timecode]:
    """What to write; ValueError says what would work."""
    num, den = parse_rate(rate.removesuffix("df"))
    if nominal_rate(num, den) not in (24, 25, 30):
        raise ValueError(f"--rate: LTC counts 23.976, 24, 25, 29.97, 29.97df or 30 labels a second, got {rate}")
    drop = rate.endswith("df")
    text = start.strip()
    if len(text) > 3 and text[-3] in ":;":  # `:` or `;` as typed: the rate says which it is
        text = f"{text[:-3]}{';' if drop else ':'}{text[-2:]}"
    try:
        first = frame_number(parse_timecode(text, num, den))
    except ValueError as error:
        raise ValueError(f"--start: {error}") from None
    if not 0 < seconds <= _LONGEST_S:
        raise ValueError(f"--seconds: expected up to a day, got {seconds:g}")
    return [timecode_at(first + index, num, den, drop) for index in range(max(1, round(seconds * num / den)))]


def _fault(args: argparse.Namespace) -> str:
    if not 0.5 <= args.speed <= 2.0:
        return f"--speed: expected 0.5 to 2, got {args.speed:g}"
    if not 0.0 < args.level <= 1.0:
        return f"--level: expected more than 0 and at most 1, got {args.level:g}"
    if not 8000 <= args.sample_rate <= 192000:
        return f"--sample-rate: expected 8000 to 192000, got {args.sample_rate}"
    return ""


def _write(path: Path, args: argparse.Namespace, labels: list[Timecode], show: "timecode_watch.Show") -> None:
    """Piece by piece: an hour does not fit in a small computer's memory."""
    count = 0
    with path.open("wb") as file:
        file.write(wav.head(args.sample_rate, 0))
        for index, samples in _frames(args, labels):
            file.write(wav.pcm(samples))
            count += len(samples)
            if index % 2500 == 2499:
                show(f"{args.out}: {index / len(labels):.0%}")
        file.seek(0)
        file.write(wav.head(args.sample_rate, count))


def _frames(args: argparse.Namespace, labels: list[Timecode]) -> Iterator[tuple[int, ltc.NDArray[np.floating]]]:
    """Backward, each frame is turned round too: what a tape does."""
    how = {"level_unit": args.level, "speed_unit": args.speed}
    order = range(len(labels) - 1, -1, -1) if args.reverse else range(len(labels))
    for done, index in enumerate(order):
        samples = ltc.encode(labels[index], args.sample_rate, index=index, **how)
        yield done, samples[::-1] if args.reverse else samples
