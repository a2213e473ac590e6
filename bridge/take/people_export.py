"""Exports of people in a take: every format asks here first, and what it writes is known to the ledger for erasing."""

import contextlib
import tomllib
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import NamedTuple

from bridge.clock import Clock, utc_ns
from bridge.consent.decisions import NotPossible
from bridge.consent.ledger import Ledger
from bridge.consent.rows import Made, Use
from bridge.consent.rules import Refused, is_synthetic
from bridge.consent.running import RunningUses
from bridge.messages import CaptureCamera
from bridge.take.format import STAGE_FILE
from bridge.take.read import Take

SERVICE = "cyc take export"
BODY, FACE = ("SkeletonDefinition", "SkeletonPose"), ("FaceShapes",)


class NotAllowed(Exception):
    """The performer's consent does not cover it; the sentence says what would help."""


class Origin(NamedTuple):
    """What a take says about itself that consents speak of."""

    project: str
    scene: str
    source: str
    """Of its capture cameras; a real one where there is any."""


def performers(take: Take) -> list[str]:
    """Who is in it."""
    kinds = (topic.partition("/") for topic in take.topics)
    return sorted({who for kind, _, who in kinds if kind in (*BODY, *FACE)})


def unclear(there: list[str], named: str) -> str:
    """Why it is not clear which of a take's performers is meant; empty where it is."""
    if not there:
        return "the take has no performers"
    if named in there or (len(there) == 1 and not named):
        return ""
    return f"{f'{named} is not in it' if named else '--performer is needed'}, the take has {', '.join(there)}"


def origin(take: Take) -> Origin:
    """Project and scene as the recorder asked about them."""
    project = take.facts.get("stage", "")
    with contextlib.suppress(ValueError):
        project = tomllib.loads((take.attachment(STAGE_FILE) or b"").decode()).get("project") or project
    sources = sorted({camera.source for camera in take.messages(CaptureCamera)}, key=is_synthetic)
    return Origin(str(project), take.facts.get("slate", ""), sources[0] if sources else "")


@contextlib.contextmanager
def exporting(
    take: Take,
    performer: str,
    ledger: Path,
    *,
    uses: tuple[Use, ...] = ("export",),
    by: str = SERVICE,
    kind: Made = "export",
    utc: Clock = utc_ns,
) -> Generator[Callable[[Path], None]]:
    """NotAllowed, or: log that the export begins and ends. Call what it yields with each file that was written.

    The log has it under `by`, the command that asks, and its files as `kind`.
    """
    asked = origin(take)
    running = RunningUses(ledger, by, utc=utc, look_s=0.0)
    grants: set[int] = set()
    done = "measured" if kind == "neutral" else "exported"
    try:
        for use in uses:
            answer = running.begin(performer, use, asked.project, asked.scene, source=asked.source)
            if isinstance(answer, Refused):
                raise NotAllowed(f"{performer} is not {done} ({use}): {answer}")
            grants.add(answer.grant)

        def made(path: Path) -> None:
            if not any(grants):
                return
            try:
                with Ledger(ledger, utc=utc) as open_ledger:
                    open_ledger.register_asset(performer, path, kind, by=by)
            except BaseException as error:  # what cannot be found again for erasing is not exported
                path.unlink(missing_ok=True)
                if isinstance(error, NotPossible):
                    raise NotAllowed(f"{path} is not kept: {error}") from None
                raise

        yield made
        running.end_all("done")
    finally:
        running.close()


def lines(take: Take, performer: str, kinds: tuple[str, ...]) -> Iterator[bytes]:
    """One JSON object a message, as the take holds it: fields as in bridge/performed.py."""
    wanted = {f"{kind}/{performer}" for kind in kinds}
    for logged in take.logged(lambda topic: topic in wanted):
        yield b'{"topic":"%s","utc_ns":%d,"message":%s}\n' % (logged.topic.encode(), logged.log_ns, logged.data)
