"""What one service is doing with performers: asked before it begins, logged, and stopped when the answer changes."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bridge.clock import Clock, system_clock, utc_ns
from bridge.consent.ledger import Ledger, LedgerFault
from bridge.consent.rows import AnyRow, Use, UseRefused, UseStarted, UseStopped
from bridge.consent.rules import Allowed, Answer, Refused, may
from bridge.consent.standing import Standing
from bridge.consent.watch import LOOK_S, ConsentWatch

WAIT_S = 1.0
"""For other writers of the ledger; a service has no more time."""


class Asked(NamedTuple):
    """What was asked for."""

    performer: str
    use: Use
    project: str
    scene: str
    source: str


class _Running(NamedTuple):
    """A use, the row that began it (0: the synthetic performer's, of whom there is no log), and the consent."""

    asked: Asked
    row: int = 0
    grant: int = 0


class Stopped(NamedTuple):
    """A use that has to end now."""

    performer: str
    use: Use
    why: str


class RunningUses:
    """Ask `begin`, call `check` at least twice a second, `end` what is over."""

    def __init__(
        self, path: Path, service: str, *, clock: Clock = system_clock, utc: Clock = utc_ns, look_s: float = LOOK_S
    ) -> None:
        self.watch = ConsentWatch(path, clock=clock, utc=utc, look_s=look_s)
        self._path, self._service, self._utc = path, service, utc
        self._running: dict[tuple[str, Use], _Running] = {}
        self._refused: dict[tuple[str, Use], str] = {}
        """The last reason, which is logged once however often somebody asks."""

    def begin(self, performer: str, use: Use, project: str, scene: str = "", *, source: str = "") -> Answer:
        """Ask, and log the answer. What cannot be logged is not allowed."""
        self.end(performer, use, "begun again")
        asked = Asked(performer, use, project, scene, source)
        answer = self.watch.may(performer, use, project, scene, source=source)
        if isinstance(answer, Allowed) and answer.grant == 0:
            self._running[performer, use] = _Running(asked)
        elif isinstance(answer, Allowed) or self._is_news(asked, answer):
            answer = self._begin_logged(asked)
        if isinstance(answer, Refused):
            self._refused[performer, use] = answer.reason
        else:
            self._refused.pop((performer, use), None)
        return answer

    def check(self, *, source: str | None = None) -> list[Stopped]:
        """What has to stop now, and is logged as stopped. `source`: where the pictures come from now, if it changes.

        What another consent covers by now goes on under that one, and the log says so.
        """
        stopped: list[Stopped] = []
        for (performer, use), (asked, _, grant) in list(self._running.items()):
            now = asked.source if source is None else source
            answer = self.watch.may(performer, use, asked.project, asked.scene, source=now)
            if isinstance(answer, Allowed) and answer.grant != grant:
                answer = self.begin(performer, use, asked.project, asked.scene, source=now)
            if isinstance(answer, Refused):
                fault = self.end(performer, use, answer.reason)
                stopped.append(Stopped(performer, use, f"{answer}{fault and f' ({fault})'}"))
        return stopped

    def end(self, performer: str, use: Use, why: str) -> str:
        """It is over; -> why that could not be logged, where it could not."""
        running = self._running.pop((performer, use), None)
        if running is None or running.row == 0:
            return ""
        row = UseStopped(performer=performer, started=running.row, why=why, by=self._service)
        try:
            with Ledger(self._path, utc=self._utc, wait_s=WAIT_S) as ledger:
                ledger.write(lambda _: (row,))
        except LedgerFault as fault:
            return f"its end could not be logged: {fault}"
        return ""

    def end_all(self, why: str) -> None:
        """The service ends, or what it was doing. The reader goes first: only the last who leaves, and may write,
        puts SQLite's log of changes into the file."""
        if self._running:
            self.watch.close()
        for performer, use in list(self._running):
            self.end(performer, use, why)

    def running(self, performer: str, use: Use) -> bool:
        """Whether it was begun and neither ended nor stopped."""
        return (performer, use) in self._running

    def close(self) -> None:
        """Let the ledger go; what still runs is ended first."""
        self.end_all(f"{self._service} ended")
        self.watch.close()

    def _is_news(self, asked: Asked, answer: Refused) -> bool:
        return not self.watch.fault and self._refused.get((asked.performer, asked.use)) != answer.reason

    def _begin_logged(self, asked: Asked) -> Answer:
        """Asked once more inside the transaction: nobody can withdraw between the answer and the log."""
        answers: list[Answer] = []

        def decide(now: Standing) -> Sequence[AnyRow]:
            performer, use, project, scene, _ = asked
            answers.append(may(now, performer, use, project, scene, self._utc(), source=asked.source))
            if isinstance(answers[0], Allowed):
                grant = answers[0].grant
                who = UseStarted(
                    performer=performer, use=use, project=project, scene=scene, grant=grant, by=self._service
                )
                return (who,)
            return (
                UseRefused(
                    performer=performer,
                    use=use,
                    project=project,
                    scene=scene,
                    why=answers[0].reason,
                    by=self._service,
                ),
            )

        try:
            with Ledger(self._path, utc=self._utc, wait_s=WAIT_S) as ledger:
                row = ledger.write(decide)[0]
        except LedgerFault as fault:
            return Refused(reason=str(fault), help="what cannot be logged is not done")
        if isinstance(row, UseStarted):
            self._running[asked.performer, asked.use] = _Running(asked, row.seq, row.grant)
        return answers[0]
