"""`cyc unreal`: ask a stock Unreal's Remote Control by hand: what is there, get and set, call, take, level."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import msgspec

from bridge.stage import Unreal
from bridge.stage_file import StageFault, load
from bridge.unreal import recipes
from bridge.unreal.errand import Plan
from bridge.unreal.http_line import HttpAsker, NotThere
from bridge.verbs.terminal import COULD_NOT, DONE, fail, note, print_json, say, table
from bridge.wire import remote_control as rc

EXAMPLES = """examples:
  cyc unreal info stage.toml
  cyc unreal presets --url 10.0.0.7:30010 --json
  cyc unreal get Cyclorama CycloramaExposure --stage stage.toml
  cyc unreal set Cyclorama CycloramaExposure 1.5 --stage stage.toml
  cyc unreal call Cyclorama CycloramaFlash Level=1 Seconds=0.2 --url 127.0.0.1:30010
  cyc unreal take start --slate scene12A
  cyc unreal level desert --stage stage.toml
  cyc unreal standin              (a server to try this with, where there is no Unreal)"""
REMEDY = (
    "Start it in Unreal: enable the plugin Remote Control API, then type WebControl.StartServer in its console "
    "(docs/unreal.md)"
)


class Asker(Protocol):
    """HTTP or WebSocket."""

    def ask(self, ask: rc.Ask, timeout_s: float) -> rc.Answer: ...

    def close(self) -> None: ...


class No(Exception):
    """Unreal is there and says no."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """An action each, and where Unreal is."""
    parser.epilog = EXAMPLES
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    where = argparse.ArgumentParser(add_help=False)
    where.add_argument("--stage", type=Path, metavar="STAGE.toml", help="whose [unreal] table says where it is")
    where.add_argument("--url", metavar="HOST:PORT", help="where it is instead, http 30010 or websocket 30020")
    where.add_argument("--websocket", action="store_true", help="ask over WebSocket instead of HTTP")
    where.add_argument("--json", action="store_true", help="one JSON object")
    for name, helped in ACTIONS.items():
        shown = next(line.strip() for line in EXAMPLES.splitlines() if f"cyc unreal {name}" in line)
        parents = [where] if name != "standin" else []
        action = actions.add_parser(name, help=helped, parents=parents, epilog=f"example: {shown}")
        _add(name, action)


def _add(name: str, action: argparse.ArgumentParser) -> None:
    if name in ("info", "presets"):
        action.add_argument("file", nargs="?", type=Path, metavar="STAGE.toml", help="the same as --stage")
    if name in ("get", "set", "call"):
        action.add_argument("preset", metavar="PRESET")
    if name in ("get", "set"):
        action.add_argument("label", metavar="PROPERTY", help="as the preset labels it")
    if name == "set":
        action.add_argument("value", metavar="VALUE", help="a number, true, false, text, or JSON")
    if name == "call":
        action.add_argument("label", metavar="FUNCTION")
        action.add_argument("parameters", nargs="*", metavar="NAME=VALUE")
    if name == "take":
        action.add_argument("what", choices=("start", "stop"))
        action.add_argument("--slate", default="", help="for start")
        action.add_argument("--take", default="T001", help="its name; the number at its end is Unreal's take number")
    if name == "level":
        action.add_argument("name", metavar="NAME", help="an environment of the stage file, or /Game/Maps/Desert")
    if name == "standin":
        action.add_argument("--http-port", type=int, default=30010)
        action.add_argument("--websocket-port", type=int, default=30020)
        action.add_argument("--quiet", action="store_true", help="do not show what it is asked")


def run(args: argparse.Namespace) -> int:
    """Ask, and say what came."""
    if args.action == "standin":
        return _standin(args.http_port, args.websocket_port, args.quiet)
    try:
        unreal = _where(args)
        asker = _asker(unreal, args.websocket)

        def carry(plan: Plan, patience_s: float = 0.0) -> list[Any]:
            return _carry_out(asker, plan, max(unreal.timeout_s, patience_s))

        try:
            return DO[args.action](carry, unreal, args)
        finally:
            asker.close()
    except NotThere as error:
        return fail(f"{error}. {REMEDY}")
    except (StageFault, No, OSError, ValueError) as error:
        return fail(str(error))


def _where(args: argparse.Namespace) -> Unreal:
    path = args.stage or getattr(args, "file", None)
    stage = load(path) if path else None
    if stage and not stage.unreal:
        raise ValueError(f"{path}: has no [unreal] table to say where Unreal is (docs/unreal.md)")
    unreal = stage.unreal if stage and stage.unreal else Unreal()
    if not args.url:
        return unreal
    host, _, port = str(args.url).removeprefix("http://").removeprefix("ws://").strip("/").rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"--url {args.url}: expected HOST:PORT, 127.0.0.1:30010")
    ports = {"websocket_port" if args.websocket else "http_port": int(port)}
    return msgspec.structs.replace(unreal, host=host.strip("[]"), **ports)


def _asker(unreal: Unreal, websocket: bool) -> Asker:
    if not websocket:
        return HttpAsker(unreal.host, unreal.http_port, unreal.timeout_s)
    from bridge.unreal.event_line import WebSocketAsker

    host = f"[{unreal.host}]" if ":" in unreal.host else unreal.host
    return WebSocketAsker(f"ws://{host}:{unreal.websocket_port}", unreal.timeout_s)


def _carry_out(asker: Asker, plan: Plan, timeout_s: float) -> list[Any]:
    """All answers of a plan, in order."""
    bodies: list[Any] = []
    while ask := plan(bodies):
        answer = asker.ask(ask, timeout_s)
        if answer.fault:
            raise No(f"Unreal says: {answer.fault}")
        bodies.append(answer.body)
    return bodies


class Carry(Protocol):
    """Carries a plan out; -> its answers."""

    def __call__(self, plan: Plan, patience_s: float = 0.0) -> list[Any]: ...


def _ask(carry: Carry, ask: rc.Ask) -> Any:
    return carry(lambda bodies: None if bodies else ask)[0]


def _info(carry: Carry, unreal: Unreal, args: argparse.Namespace) -> int:
    routes = rc.routes_of(_ask(carry, rc.info()))
    if args.json:
        print_json({"address": f"{unreal.host}:{unreal.http_port}", "routes": [route._asdict() for route in routes]})
    else:
        table(f"Remote Control at {unreal.host}:{unreal.http_port}", ("verb", "path", "what it does"), routes)
    return DONE


def _presets(carry: Carry, _: Unreal, args: argparse.Namespace) -> int:
    names = rc.presets_of(_ask(carry, rc.presets()))
    known = [rc.preset_of(_ask(carry, rc.preset(name.name))) for name in names]
    if args.json:
        print_json({"presets": [preset._asdict() for preset in known]})
        return DONE
    rows = [(preset.name, label, kind) for preset in known for label, kind in preset.properties.items()]
    rows += [(preset.name, label, "function") for preset in known for label in preset.functions]
    table("Remote Control presets", ("preset", "label", "type"), rows)
    return DONE


def _get(carry: Carry, _: Unreal, args: argparse.Namespace) -> int:
    value = rc.field_of(_ask(carry, rc.get_field(args.preset, args.label)))
    if args.json:
        print_json({"preset": args.preset, "label": args.label, "value": value})
    else:
        say(json.dumps(value, ensure_ascii=False))
    return DONE


def _set(carry: Carry, _: Unreal, args: argparse.Namespace) -> int:
    value = value_of(args.value)
    _ask(carry, rc.set_field(args.preset, args.label, value))
    return _done(args, f"{args.preset} {args.label} is {json.dumps(value, ensure_ascii=False)}")


def _call(carry: Carry, _: Unreal, args: argparse.Namespace) -> int:
    pairs = [word.partition("=") for word in args.parameters]
    for name, equals, _rest in pairs:
        if not name or not equals:
            raise ValueError(f"{name}: expected NAME=VALUE")
    body = _ask(carry, rc.call_exposed(args.preset, args.label, {name: value_of(text) for name, _eq, text in pairs}))
    return _done(args, f"{args.preset} {args.label} was called", body)


def _take(carry: Carry, _: Unreal, args: argparse.Namespace) -> int:
    errand = recipes.take_start(args.take, args.slate) if args.what == "start" else recipes.take_stop(args.take)
    carry(errand.plan)
    return _done(args, f"recording {args.slate or args.take}" if args.what == "start" else "stopped")


def _level(carry: Carry, unreal: Unreal, args: argparse.Namespace) -> int:
    path = unreal.environments.get(args.name) or str(args.name)
    if not path.startswith("/"):
        known = ", ".join(unreal.environments) or "none"
        raise ValueError(f"{args.name}: expected a path, /Game/Maps/Desert, or one of unreal.environments ({known})")
    by_console = unreal.levels == "console"
    errand = (recipes.level_by_console if by_console else recipes.level)(args.name, path)
    note(f"{path}: Unreal answers when it is loaded, up to {errand.patience_s:g} s")
    bodies = carry(errand.plan, errand.patience_s)
    return _done(args, f"{path} is open already" if not by_console and len(bodies) == 1 else f"{path} is loaded")


def _done(args: argparse.Namespace, text: str, body: Any = None) -> int:
    if args.json:
        print_json({"done": text, "answer": body})
    else:
        say(text)
    return DONE


def value_of(text: str) -> Any:
    """JSON where it is, else text as it stands."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _standin(http_port: int, websocket_port: int, quiet: bool) -> int:
    from bridge.unreal.standin import StandIn

    try:
        standin = StandIn(http_port, websocket_port)
    except OSError as error:
        return fail(f"tcp {http_port} or {websocket_port}: {error.strerror}", COULD_NOT)
    except OverflowError:
        return fail(f"--http-port {http_port}, --websocket-port {websocket_port}: expected ports up to 65535")
    note(f"a stand-in for Unreal: http {standin.http_port}, websocket {standin.websocket_port}; Ctrl-C ends it")
    try:
        while True:
            for verb, path, body in standin.world.asked():
                if not quiet:
                    say(f"{verb} {path} {json.dumps(body) if body is not None else ''}".rstrip())
            sys.stdout.flush()
            time.sleep(0.1)
    finally:
        standin.die()


ACTIONS = {
    "info": "which routes the server offers: is it there?",
    "presets": "presets of the project and what they expose",
    "get": "the value of an exposed property",
    "set": "set an exposed property",
    "call": "call an exposed function",
    "take": "start or stop Unreal's Take Recorder under a slate",
    "level": "load a level, unless it is open",
    "standin": "play Unreal: a server that answers as Remote Control is documented to",
}
DO: dict[str, Callable[[Carry, Unreal, argparse.Namespace], int]] = {
    "info": _info,
    "presets": _presets,
    "get": _get,
    "set": _set,
    "call": _call,
    "take": _take,
    "level": _level,
}
