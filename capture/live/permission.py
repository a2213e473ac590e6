"""Whether the performers in front of the cameras may be captured: asked before, and again twice a second while it runs.

Who stands where is known only after looking, so everybody on the list must have agreed before anybody is looked at, and
one suspension shuts all eyes. Faces are asked for by themselves: without that consent bodies are captured, faces not.
"""

from collections.abc import Sequence
from typing import NamedTuple

from bridge.clock import NS_PER_S, Clock
from bridge.consent.rules import Allowed, Answer
from bridge.consent.running import RunningUses
from bridge.performed import PerformerState

ASK_AGAIN_NS = NS_PER_S


class Ruling(NamedTuple):
    """What may be done from now on."""

    capture: bool = False
    faces: bool = False
    reason: str = ""
    """In plain words, where something may not."""


class Permission:
    """Keeps asking the ledger for one list of performers; `rule` is called ten times a second."""

    def __init__(
        self, uses: RunningUses, performers: Sequence[str], project: str, *, source: str, faces: bool, clock: Clock
    ) -> None:
        """`source`: where the pictures come from; the synthetic performer is allowed to come from nowhere else."""
        self._uses, self._performers, self._project, self._source = uses, tuple(performers), project, source
        self._faces, self._clock = faces, clock
        self._asked_ns: int | None = None
        self.ruling = Ruling()

    def rule(self) -> Ruling:
        """The ruling now. What stops is logged as stopped; what was refused is asked again once a second."""
        now_ns = self._clock()
        if self.ruling.capture:
            for stopped in self._uses.check():
                if stopped.use == "capture":
                    self._uses.end_all(f"capture of {stopped.performer} stopped")
                    self._asked_ns, self.ruling = now_ns, Ruling(reason=stopped.why)
                    return self.ruling
                self.ruling = self.ruling._replace(faces=False, reason=stopped.why)
            return self.ruling
        if self._asked_ns is None or now_ns - self._asked_ns >= ASK_AGAIN_NS:
            self._asked_ns = now_ns
            self.ruling = self._begin()
        return self.ruling

    def said(self, now_ns: int) -> list[PerformerState]:
        """For the bus."""
        return [
            PerformerState(
                subject=performer,
                t_ns=now_ns,
                consent=self._uses.watch.state(performer),
                capturing=self.ruling.capture,
                reason=self.ruling.reason,
            )
            for performer in self._performers
        ]

    def close(self) -> None:
        """What runs is logged as ended."""
        self._uses.close()

    def _begin(self) -> Ruling:
        for performer in self._performers:
            answer = self._ask(performer, "capture")
            if not isinstance(answer, Allowed):
                self._uses.end_all("not everybody has agreed")
                return Ruling(reason=str(answer))
        if not self._faces:
            return Ruling(capture=True)
        answer = self._ask(self._performers[0], "face")
        return Ruling(True, True) if isinstance(answer, Allowed) else Ruling(True, False, str(answer))

    def _ask(self, performer: str, use: "str") -> Answer:
        assert use in ("capture", "face")
        return self._uses.begin(performer, use, self._project, source=self._source)
