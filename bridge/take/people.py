"""What of performers a take may hold: without a performer's consent to be recorded, none of their messages goes in.

Camera tracking and everything else is recorded all the same. What is held back is counted and told.
"""

from pathlib import Path
from typing import NamedTuple

from bridge.clock import NS_PER_S, Clock
from bridge.consent.ledger import Ledger, LedgerFault
from bridge.consent.rows import SYNTHETIC_SOURCE, Use
from bridge.consent.rules import Allowed, Refused, is_synthetic
from bridge.consent.running import WAIT_S, RunningUses
from bridge.messages import (
    CaptureCamera,
    EngineBytes,
    FaceShapes,
    Message,
    SkeletonDefinition,
    SkeletonPose,
)

SERVICE = "recorder"
CHECK_S = 0.25
SILENT_NS = 10 * NS_PER_S
"""A capture camera says what it is once a second; one not heard for so long is not there any more."""
NEEDS: dict[type[Message], tuple[Use, ...]] = {
    SkeletonDefinition: ("record",),
    SkeletonPose: ("record",),
    FaceShapes: ("record", "face"),
}
"""What consents a message of a performer needs to go into a take. CaptureCamera and PerformerState show nobody."""
ENGINE_NEEDS: dict[bytes, tuple[Use, ...]] = {
    b"skel": ("record",),
    b"pose": ("record",),
    b"face": ("record", "face"),
}
"""By what the engine's topic begins with: the same people, as the engine gets them."""


class _Recorded(NamedTuple):
    """The take that runs."""

    path: Path
    scene: str


class PeopleGate:
    """Asked for every message of a take."""

    def __init__(self, ledger: Path, project: str, *, clock: Clock, utc: Clock) -> None:
        self._ledger, self._project, self._clock, self._utc = ledger, project, clock, utc
        self._uses = RunningUses(ledger, SERVICE, clock=clock, utc=utc)
        self._take: _Recorded | None = None
        self._sources: dict[str, tuple[str, int]] = {}
        self._refused: dict[tuple[str, Use], Refused] = {}
        self._held_back: dict[str, int] = {}
        self._assets: dict[str, int] = {}
        self._to_say: list[str] = []
        self._check_ns = 0

    def facts(self) -> dict[str, str]:
        """For the take's metadata: how far the ledger was when it began, so that nobody can shorten it later."""
        now = self._uses.watch.look()
        return {"consent_head": now.head.hex(), "consent_rows": str(now.rows)} if now.rows else {}

    def begin(self, path: Path, scene: str) -> None:
        """A take begins, or goes on after its recorder's death."""
        self._take = _Recorded(path, scene)
        self._refused, self._held_back, self._assets, self._to_say = {}, {}, {}, []

    def hear(self, message: Message) -> None:
        """Everything the bus says, also between takes: which cameras there are."""
        if type(message) is CaptureCamera:
            if message.state == "ended":
                self._sources.pop(message.subject, None)
            else:
                self._sources[message.subject] = (message.source, self._clock())

    def lets(self, message: Message) -> bool:
        """Whether it goes into the take."""
        if type(message) is EngineBytes:
            needs = ENGINE_NEEDS.get(message.topic[:4]) if message.topic[4:5] == b"/" else None
            return needs is None or self._performer_lets(message.topic[5:].decode("ascii", "replace"), needs)
        needs = NEEDS.get(type(message))
        return needs is None or self._performer_lets(message.subject, needs)

    def tick(self) -> list[str]:
        """Call every few milliseconds; -> what everybody should hear."""
        if self._clock() >= self._check_ns:
            self._check_ns = self._clock() + round(CHECK_S * NS_PER_S)
            for performer, use, why in self._uses.check(source=self._source() or None):
                self._refused[performer, use] = Refused(reason=why, help="")
                self._to_say.append(f"{performer} is recorded no longer ({use}): {why}")
            for (performer, use), refused in list(self._refused.items()):
                self._ask_again(performer, use, refused)
        said, self._to_say = self._to_say, []
        return said

    def end(self, why: str = "the take ended") -> list[str]:
        """The file is closed; -> how much was held back, and why."""
        self._uses.end_all(why)
        said = [*self.tick(), *self._seal()]
        for performer, count in sorted(self._held_back.items()):
            reasons = [refused.reason for (who, _), refused in self._refused.items() if who == performer]
            messages = "message of" if count == 1 else "messages of"
            said.append(
                f"{count} {messages} {performer} are not in the take: {'; '.join(reasons) or 'meanwhile allowed'}"
            )
        self._take = None
        return said

    # --- inside ---

    def _performer_lets(self, performer: str, needs: tuple[Use, ...]) -> bool:
        if all(self._uses.running(performer, use) or self._asked(performer, use) for use in needs):
            return True
        self._held_back[performer] = self._held_back.get(performer, 0) + 1
        return False

    def _asked(self, performer: str, use: Use) -> bool:
        """The first message of a performer in this take asks; `tick` asks again when the ledger changed."""
        if (performer, use) in self._refused or self._take is None:
            return False
        answer = self._uses.begin(performer, use, self._project, self._take.scene, source=self._source())
        if isinstance(answer, Refused):
            self._refused[performer, use] = answer
            self._to_say.append(f"{performer} is not recorded ({use}): {answer}")
            return False
        if answer.grant and performer not in self._assets:
            return self._registered(performer, use)
        return True

    def _ask_again(self, performer: str, use: Use, refused: Refused) -> None:
        if self._take is None:
            return
        answer = self._uses.watch.may(performer, use, self._project, self._take.scene, source=self._source())
        if isinstance(answer, Allowed):
            del self._refused[performer, use]
        elif answer.reason not in refused.reason:
            self._refused[performer, use] = answer

    def _registered(self, performer: str, use: Use) -> bool:
        """What cannot be found again for erasing is not recorded."""
        assert self._take
        try:
            with Ledger(self._ledger, utc=self._utc, wait_s=WAIT_S) as ledger:
                self._assets[performer] = ledger.register_asset(
                    performer, self._take.path, "take", by=SERVICE, whole=False
                )
        except (LedgerFault, ValueError) as fault:
            self._uses.end(performer, use, "the take could not be registered")
            self._refused[performer, use] = Refused(reason=str(fault), help="")
            self._to_say.append(f"{performer} is not recorded ({use}): {fault}")
            return False
        return True

    def _seal(self) -> list[str]:
        try:
            if self._assets:
                with Ledger(self._ledger, utc=self._utc, wait_s=WAIT_S) as ledger:
                    for _, asset in sorted(self._assets.items()):
                        ledger.seal_asset(asset, by=SERVICE)
        except (LedgerFault, OSError) as fault:
            return [f"the take's hash is not in the ledger: {fault}"]
        finally:
            self._assets = {}
        return []

    def _source(self) -> str:
        """Synthetic only where every camera is: one real camera, and nobody may hide behind the demo's name."""
        since_ns = self._clock() - SILENT_NS
        known = sorted(source for source, heard_ns in self._sources.values() if heard_ns >= since_ns)
        real = [source for source in known if not is_synthetic(source)]
        return real[0] if real else SYNTHETIC_SOURCE if known else ""
