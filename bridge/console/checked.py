"""The stage check's verdicts on the page, and how old they are."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, cast

from bridge.clock import NS_PER_S
from bridge.console.markup import clock, dim, duration, section, state
from bridge.console.view import View

CHECK = "check"
"""Name of the job."""
OLD_S = 3600.0
_TONE = {"OK": "good", "look": "warn", "fix": "bad"}
_WORST_FIRST = ("fix", "look", "OK")


def verdicts(view: View, now_ns: int) -> str:
    """What is to be fixed, then what is to be looked at, then what holds."""
    job = view.jobs.get(CHECK)
    if job is None:
        return section("Stage check", '<p class="dim">not checked since this page started</p>')
    if job.state == "running":
        since = clock((now_ns - job.since_ns) / NS_PER_S)
        return section("Stage check", f"<p>● checking, {since} so far {dim('at the lowest priority')}</p>")
    if job.state != "done":
        return section("Stage check", f'<p class="wrap">{state(job.state, "bad")} {escape(job.text)}</p>')
    lines = cast(Mapping[str, Sequence[Mapping[str, Any]]], job.report).get("verdicts", ())
    ago_s = (now_ns - job.ended_ns) / NS_PER_S
    age = f"{duration(ago_s)} ago"
    when = f'<span class="warn">▲ {age}: check again</span>' if ago_s > OLD_S else dim(age)
    ordered = sorted(lines, key=lambda line: _WORST_FIRST.index(str(line["verdict"])))
    return section("Stage check", f"<p>{_summary(lines)} {when}</p>" + "".join(_line(line) for line in ordered))


def _summary(lines: Sequence[Mapping[str, Any]]) -> str:
    worst = min((str(line["verdict"]) for line in lines), key=_WORST_FIRST.index, default="OK")
    count = sum(line["verdict"] == worst for line in lines)
    words = {"OK": "ready to shoot", "look": f"{count} to look at", "fix": f"{count} to fix before the shoot"}
    return state(words[worst], _TONE[worst])


def _line(line: Mapping[str, Any]) -> str:
    verdict, advice = str(line["verdict"]), escape(str(line["advice"]))
    mark = state(str(line["verdict"]), _TONE[verdict])
    what = f"{line['camera']}: {line['what']}"
    quiet = "cyc-fine" if verdict == "OK" else ""
    return f'<p class="wrap {quiet}">{mark} {escape(what)} {dim(str(line["value"]))}<br>{advice}</p>'
