"""What `cyc-engine` says, a line of JSON a second, as what the bus says of an engine. Pure."""

import json
from typing import Any

from bridge.clock import NS_PER_S
from bridge.engine.reader import HOPS, SKELETON_HOP
from bridge.messages import HopLatency

_HOPS = {
    "camera": dict(zip(("in_bridge_ns", "on_wire_ns", "whole_ns"), HOPS, strict=True)),
    "pose": {"whole_ns": SKELETON_HOP},
}
"""Of each kind of subject, what is measured."""


def parsed(line: str) -> dict[str, Any]:
    """One report. ValueError where it is none."""
    report: Any = json.loads(line)
    if "subjects" not in report:
        raise ValueError(f"expected a report of cyc-engine, got {line[:80]!r}")
    return report


def latencies(report: dict[str, Any], now_ns: int) -> list[HopLatency]:
    """The measured hops of each camera since the report before."""
    return [
        HopLatency(
            subject=subject["name"],
            t_ns=now_ns,
            hop=hop,
            p50_s=p50_ns / NS_PER_S,
            p99_s=p99_ns / NS_PER_S,
            max_s=most_ns / NS_PER_S,
            count=count,
        )
        for subject in report["subjects"]
        for field, hop in _HOPS.get(subject["kind"], {}).items()
        for p50_ns, p99_ns, most_ns, count in [subject.get(field, (0, 0, 0, 0))]
        if count
    ]


def losses(report: dict[str, Any]) -> dict[str, int]:
    """What was missing in the numbers, and what could not be read."""
    lost = {f"{subject['name']} lost": subject["lost"] for subject in report["subjects"] if subject["lost"]}
    refused = {f"refused {kind}": count for kind, count in report["refused"].items() if count}
    return lost | refused | ({"malformed": report["malformed"]} if report["malformed"] else {})
