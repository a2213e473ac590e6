"""The question everything asks first: may this be done with this performer, for this project and scene, now?

One consent has to cover all of it: two that each cover half do not add up. No answer is a no.
"""

from typing import Literal

import msgspec

from bridge.consent.rows import SYNTHETIC_PERFORMER, SYNTHETIC_SOURCE, Granted, Suspended, Use, Withdrawn
from bridge.consent.standing import Consent, Standing
from bridge.consent.terms import end_text, utc_text

State = Literal["granted", "suspended", "withdrawn", "expired", "none", "synthetic"]
"""PerformerState's words."""

DOING: dict[Use, str] = {
    "capture": "captured",
    "record": "recorded",
    "face": "filmed for the face",
    "export": "exported",
    "double": "made a double of",
    "training": "used for training",
}


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """Yes."""

    grant: int
    """The consent's number; 0: the synthetic performer, who needs none."""
    note: str = ""


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """No."""

    reason: str
    help: str
    """What would change the answer."""

    def __str__(self) -> str:
        return f"{self.reason}; {self.help}"


Answer = Allowed | Refused


def is_synthetic(source: str) -> bool:
    """Whether a camera's source is drawn, not filmed."""
    return source.partition(":")[0] == SYNTHETIC_SOURCE


def may(
    ledger: Standing, performer: str, use: Use, project: str, scene: str, at_utc_ns: int, *, source: str = ""
) -> Answer:
    """`source` is where the pictures come from; it matters for the synthetic performer only."""
    if performer == SYNTHETIC_PERFORMER:
        return _synthetic(source)
    if performer in ledger.erased:
        when = utc_text(ledger.erased[performer].at_utc_ns)
        return Refused(reason=f"{performer} was erased on {when}", help="a new consent needs a new pseudonym")
    refusals: list[tuple[int, Refused]] = []
    for consent in reversed(ledger.of(performer)):
        fault = _fault(consent, ledger.suspended.get(performer), use, project, scene, at_utc_ns)
        if fault is None:
            return Allowed(grant=consent.number)
        refusals.append(fault)
    if not refusals:
        return Refused(
            reason=f"{performer} has given no consent to be {DOING[use]}",
            help=f"write down what was agreed: cyc consent grant {performer}",
        )
    _, nearest = max(refusals, key=lambda refusal: refusal[0])
    return nearest


def state_of(ledger: Standing, performer: str, at_utc_ns: int) -> State:
    """The word for a performer as a whole: the best of what the consents say."""
    if performer == SYNTHETIC_PERFORMER:
        return "synthetic"
    states = {consent_state(consent, ledger.suspended.get(performer), at_utc_ns) for consent in ledger.of(performer)}
    order: tuple[State, ...] = ("granted", "suspended", "expired", "withdrawn")
    for state in order:
        if state in states:
            return state
    return "none"


def consent_state(consent: Consent, suspended: Suspended | None, at_utc_ns: int) -> State:
    """The word for one consent; one that has not begun yet is granted."""
    if consent.withdrawn:
        return "withdrawn"
    if at_utc_ns >= consent.granted.until_utc_ns:
        return "expired"
    return "suspended" if suspended or consent.suspended else "granted"


def _synthetic(source: str) -> Answer:
    if is_synthetic(source):
        return Allowed(grant=0, note=f"{SYNTHETIC_PERFORMER} is drawn by the computer and needs nobody's consent")
    where = f"a real source ({source})" if source else "a source that nobody named"
    return Refused(
        reason=f"{SYNTHETIC_PERFORMER} is the synthetic performer's name, and this is {where}",
        help="give the person a pseudonym of their own and ask for their consent: cyc consent grant",
    )


def _fault(
    consent: Consent, suspended: Suspended | None, use: Use, project: str, scene: str, at_utc_ns: int
) -> tuple[int, Refused] | None:
    """Why this consent does not do, with how near it came; None where it does."""
    granted, who = consent.granted, consent.granted.performer
    new = f"that needs a new consent: cyc consent grant {who}"
    which = f"consent {granted.seq} of {who}"
    if consent.withdrawn:
        return 0, _withdrawn(consent.withdrawn, which, new)
    if use not in granted.uses:
        allowed = ", ".join(granted.uses)
        return 1, Refused(reason=f"{which} is for {allowed}, not to be {DOING[use]} ({use})", help=new)
    if not _same(granted.project, project):
        return 2, Refused(reason=f"{which} is for the project {granted.project!r}, this is {project!r}", help=new)
    if granted.scenes and not any(_same(scene, known) for known in granted.scenes):
        return 3, _other_scene(granted, scene, which, new)
    if at_utc_ns >= granted.until_utc_ns:
        return 4, Refused(reason=f"{which} ended on {end_text(granted.until_utc_ns)}", help=new)
    if at_utc_ns < granted.from_utc_ns:
        begins = utc_text(granted.from_utc_ns)
        return 5, Refused(
            reason=f"{which} begins on {begins}", help="wait until then, or agree on an earlier beginning"
        )
    alone = suspended or consent.suspended
    return (6, _suspended(alone, which)) if alone else None


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _withdrawn(row: Withdrawn, which: str, new: str) -> Refused:
    why = f" ({row.why})" if row.why else ""
    return Refused(reason=f"{which} was withdrawn on {utc_text(row.at_utc_ns)} by {row.by}{why}", help=new)


def _other_scene(granted: Granted, scene: str, which: str, new: str) -> Refused:
    scenes = ", ".join(granted.scenes)
    if not scene:
        wider = "outside a take there is none, and it needs a consent for all scenes"
        return Refused(reason=f"{which} is for scenes {scenes}, and none was named", help=wider)
    return Refused(reason=f"{which} is for scenes {scenes}, not {scene}", help=new)


def _suspended(row: Suspended, which: str) -> Refused:
    since, why = utc_text(row.at_utc_ns), f" ({row.why})" if row.why else ""
    alone = f" --grant {row.grant}" if row.grant else ""
    return Refused(
        reason=f"{which} is suspended since {since} by {row.by}{why}",
        help=f"once it is taken back: cyc consent resume {row.performer}{alone}",
    )
