"""A take with a performer solved anew: the facts of the take it was made of, its cameras' names, and the new poses."""

import contextlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from bridge.messages import CaptureCamera, ClockPair, Message, topic
from bridge.take.format import STAGE_FILE
from bridge.take.read import Take
from bridge.take.recording import Beginning, TakeWriter
from bridge.take.videos import part_of


def write_solved(out: Path, origin: Take, messages: Iterable[Message], facts: dict[str, str]) -> int:
    """There whole or not at all; -> how many messages. What consents ask of a take is as in `origin`."""
    known = {**origin.facts, **facts, "take": out.stem, "solved_from": origin.path.name}
    offset_ns = int(known.pop("utc_offset_ns", "0"))
    stage = origin.attachment(STAGE_FILE)
    cameras = {camera.subject: camera for camera in origin.messages(CaptureCamera)}
    said = sorted([*cameras.values(), *messages], key=lambda message: message.t_ns)
    first_ns, now_ns = said[0].t_ns, said[0].t_ns
    pair = ClockPair(
        subject="solve", t_ns=first_ns, utc_ns=first_ns + offset_ns, clock_id=int(known.get("clock_id", "0"))
    )
    beside = part_of(out)
    beside.unlink(missing_ok=True)  # of one that was killed
    try:
        writer = TakeWriter(beside, Beginning(pair, known, {STAGE_FILE: stage} if stage else {}), lambda: now_ns)
        try:
            counts: Counter[str] = Counter()
            for message in said:
                now_ns, name = message.t_ns, topic(message)
                counts[name] += 1
                writer.write(name, message, boot=1, sequence=counts[name], t_sent_ns=now_ns)
                writer.tick()
        finally:
            writer.finish()
        beside.replace(out)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()
    return len(said)
