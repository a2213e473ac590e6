"""What `cyc calibrate delay` tells and writes, whichever way it measured."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bridge.clock import utc_ns
from bridge.stage import Calibration
from bridge.stage_edit import Change, now_text, write
from bridge.verbs.terminal import DONE, print_json, say, table


class Report(NamedTuple):
    """A finding, ready to be told."""

    title: str
    rows: Sequence[tuple[str, str]]
    changes: Sequence[Change]
    notes: Sequence[str]
    figures: dict[str, Any]
    subject: str
    drawing: Callable[[Path], list[Path]]


def finish(report: Report, args: argparse.Namespace) -> int:
    """Draw, write, tell. StageFault or OSError where the stage file cannot be changed."""
    saved = report.drawing(args.out) if args.out else []
    written = bool(report.changes) and not args.dry_run
    if written:
        note = f"{report.notes[0]}{' (simulated)' if report.figures['simulated'] else ''}"
        write(
            args.stage,
            report.changes,
            Calibration(what="delay", subject=report.subject, at=now_text(utc_ns()), note=note),
        )
    if args.json:
        changes = [{"key": change.path, "value": change.value} for change in report.changes]
        figures = {**report.figures, "changes": changes, "written": written, "notes": list(report.notes)}
        print_json({**figures, "charts": [str(path) for path in saved]})
        return DONE
    table(report.title, ("what", "value"), report.rows)
    for line in report.notes:
        say(line)
    for change in report.changes:
        say(f"{'written' if written else 'would be written'}: {change.path} = {change.value:g}")
    if written:
        say(f"`cyc calibrate undo {args.stage}` takes it back")
    for path in saved:
        say(str(path))
    return DONE
