"""The newest takes, what is wrong with one, and whether it may be played back now."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, cast

from bridge.clock import NS_PER_S
from bridge.console.markup import clock, dim, duration, section, state, table
from bridge.console.view import JobView, View
from bridge.console.words import camera_word, take_word

LIST, LOOK, REPLAY = "list takes", "check take", "replay"
"""Names of the jobs about takes."""
SHOWN = 10
GAP_S = 1.0
_COMING = ("live", "concealed", "stale")


def names(view: View) -> tuple[str, ...]:
    """Takes that can be chosen, the newest first."""
    return tuple(str(report.get("name", "")) for report in _reports(view))


def path_of(view: View, take: str) -> str | None:
    """Where a listed take is; None for one that is not listed."""
    return next((str(report["path"]) for report in _reports(view) if report.get("name") == take), None)


def replay_refusal(view: View, now_ns: int) -> str:
    """Why a take may not be played back now; empty when it may."""
    if take_word(view, now_ns) == "RECORDING":
        return "a take is being recorded: stop it first"
    if (job := view.jobs.get(REPLAY)) and job.state == "running":
        return f"{job.about} is being played back: stop that first"
    live = [name for name, camera in view.cameras.items() if camera_word(camera, now_ns) in _COMING]
    if live:
        return f"{', '.join(live[:3])} is being tracked live, and two senders would fight: switch the tracker off first"
    return ""


def playing(view: View, now_ns: int) -> str:
    """Said loudly while a replay drives the stage; empty otherwise."""
    job = view.jobs.get(REPLAY)
    if job is None or job.state != "running":
        return ""
    since = clock((now_ns - job.since_ns) / NS_PER_S)
    return f'<p class="cyc-verdict ice">▶ REPLAY {escape(job.about)} {since}</p>'


def listed(view: View) -> str:
    """The newest takes: length, slate, timecode, size, and what is wrong."""
    job = view.jobs.get(LIST)
    reports = _reports(view)
    if not reports:
        return section("Takes", f'<p class="dim">{_nothing(job)}</p>')
    rows = [_row(view, report) for report in reports[:SHOWN]]
    heads = ("take", "length", "timecode", "MB", "")
    return section("Takes", table(heads, rows, lefts=(4,), kind="dense"))


def looked(view: View, now_ns: int) -> str:
    """What came of checking one take, and of the last replay."""
    found = ""
    if (job := view.jobs.get(LOOK)) is not None:
        found += _looked(job, now_ns)
    if (job := view.jobs.get(REPLAY)) is not None and job.state in ("done", "failed"):
        what = "was played back whole" if job.state == "done" else f"was not played back: {job.text}"
        tone = "good" if job.state == "done" else "bad"
        found += f'<p class="wrap">{state(job.about, tone)} {escape(what)}</p>'
    return f'<div class="cyc">{found}</div>' if found else ""


def faults_of(report: Mapping[str, Any]) -> list[str]:
    """What is wrong with a take, of a whole report (`cyc take info --json`)."""
    topics: Sequence[Mapping[str, Any]] = report.get("topics", ())
    missing = sum(int(topic["missing"]) for topic in topics)
    found = [] if report.get("finished") else ["not finished: its recorder died, or it is running; cyc take finish"]
    found += [f"{report['missed']} messages missed by the recorder"] if report.get("missed") else []
    found += [f"{missing} messages missing"] if missing else []
    found += [f"{report['damaged_chunks']} damaged chunks"] if report.get("damaged_chunks") else []
    found += [
        f"{str(topic['topic']).partition('/')[2]}: no pose for {duration(float(topic['longest_gap_s']))}"
        for topic in topics
        if str(topic["topic"]).startswith("CameraPose/") and float(topic["longest_gap_s"]) > GAP_S
    ]
    return found if report.get("cameras") else [*found, "no camera in it"]


def _looked(job: JobView, now_ns: int) -> str:
    match job.state:
        case "running":
            return f'<p class="wrap">{escape(job.about)}: {dim("is being read")}</p>'
        case "done":
            wrong = faults_of(job.report)
            words = "; ".join(wrong) or "complete, nothing missing"
            ago = dim(f"{duration((now_ns - job.ended_ns) / NS_PER_S)} ago")
            return f'<p class="wrap">{state(job.about, "warn" if wrong else "good")} {escape(words)} {ago}</p>'
        case _:
            return f'<p class="wrap">{state(job.about, "bad")} {escape(job.text)}</p>'


def _row(view: View, report: Mapping[str, Any]) -> Sequence[str]:
    running = view.take is not None and view.take.recording and view.take.take == report.get("name")
    problem = state("recording", "rec") if running else ""
    if not running and not report.get("finished"):
        problem = state("unfinished", "warn")
    elif not running and not report.get("cameras"):
        problem = state("no camera", "warn")
    slate = str(report.get("slate", ""))
    told = "" if str(report.get("name", "")).startswith(slate) else f" {dim(slate)}"
    return (
        f'<div class="name long">{escape(str(report.get("name", "")))}</div>{told}',
        clock(float(report.get("duration_s", 0.0))),
        escape(str(report.get("timecode_first", ""))) or "–",
        f"{float(report.get('size_bytes', 0)) / 1e6:.1f}",
        problem,
    )


def _nothing(job: JobView | None) -> str:
    if job is None or job.state == "running":
        return "reading the folder"
    return escape(job.text) if job.state == "failed" else "no take yet"


def _reports(view: View) -> list[Mapping[str, Any]]:
    job = view.jobs.get(LIST)
    return cast(list[Mapping[str, Any]], job.report or []) if job is not None else []
