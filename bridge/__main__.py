"""`cyc`: one table of verbs, each door imported only when it is called."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from bridge import __version__

VERBS: dict[str, tuple[str, str]] = {
    "demo": ("bridge.verbs.demo", "the whole stage on embedded defaults: tracker, wall, engine, take, page"),
    "run": ("bridge.verbs.run", "run a stage: tracking, engine output, recorder, wall preview, page"),
    "check": ("bridge.verbs.check", "before the shoot: coverage, moire risk, in-camera error, delay and margin"),
    "calibrate": ("bridge.verbs.calibrate", "set a stage up: trackers, walls, lens and delay from what was filmed"),
    "wall": ("bridge.verbs.wall", "the walls' pixels on this computer's screens: live, stills or a test card"),
    "timecode": ("bridge.verbs.timecode", "LTC and MTC: the inputs here, what comes in and how well, a test signal"),
    "generate": ("generators.verbs.generate", "a sentence, a picture or photos of a place become an environment"),
    "library": ("generators.verbs.library", "environments on this computer: list, show, convert, verify, render"),
    "capture": ("capture.verbs.capture", "performers live from cameras; list cameras, export, a synthetic performer"),
    "models": ("bridge.verbs.models", "weights that jobs can use: list, get, check"),
    "take": ("bridge.verbs.take", "list, inspect, export, replay and import recorded takes"),
    "consent": ("bridge.verbs.consent", "who may be captured and recorded: grant, suspend, withdraw, erase, show, log"),
    "control": ("bridge.verbs.control", "ready pages for OSC surfaces: TouchOSC, Open Stage Control, a Stream Deck"),
    "stage": ("bridge.verbs.stage", "what a stage file describes; from and to Unreal's .ndisplay; bus keys"),
    "unreal": ("bridge.verbs.unreal", "ask a stock Unreal's Remote Control: presets, properties, takes, levels"),
    "bench": ("bridge.verbs.bench", "measure, each figure beside its floor in the same run"),
    "plugin": ("bridge.verbs.plugin", "the C++ header of the engine's wire format"),
    "service": ("bridge.verbs.service", "one service by itself (the supervisor calls this)"),
}


def usage() -> str:
    """What `cyc --help` prints."""
    verbs = "\n".join(f"  {verb:9} {line}" for verb, (_, line) in VERBS.items())
    return (
        f"cyc {__version__}: the open bridge between an LED-volume stage and its engine\n\n"
        f"usage: cyc VERB [options]\n\n{verbs}\n\n"
        "  cyc VERB --help shows its options with an example; start with: cyc demo\n"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code: 0 done, 1 could not, 2 wrong usage."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("-h", "--help", "help"):
        sys.stdout.write(usage())
        return 0 if words else 2
    if words[0] in ("-V", "--version"):
        sys.stdout.write(f"cyc {__version__}\n")
        return 0
    if words[0] not in VERBS:
        sys.stderr.write(f"cyc: there is no verb {words[0]!r}; one of {', '.join(VERBS)}\n")
        return 2
    return _enter(words[0], words[1:])


def _enter(verb: str, words: list[str]) -> int:
    module, line = VERBS[verb]
    try:
        door = importlib.import_module(module)
        parser = argparse.ArgumentParser(
            prog=f"cyc {verb}", description=line, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        door.add_arguments(parser)
        return int(door.run(parser.parse_args(words)))
    except ModuleNotFoundError as error:
        package = module.split(".")[0]
        if error.name is None or error.name.split(".")[0] in ("bridge", package):
            raise
        extra = "stage" if package == "bridge" else package
        sys.stderr.write(f"cyc {verb} needs {error.name}: pip install 'cyclorama[{extra}]'\n")
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `cyc take list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main())
