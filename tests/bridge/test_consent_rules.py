"""May this be done: the boundaries of a consent, what withdrawals and suspensions do, and the words of a no."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.consent import decisions, rows
from bridge.consent.decisions import NotPossible
from bridge.consent.rules import Allowed, Answer, Refused, consent_state, may, state_of
from bridge.consent.standing import Standing, standing
from bridge.consent.terms import end_ns, end_text, moment_ns, utc_text

BEGIN, END = moment_ns("2026-11-01"), end_ns("2026-11-30")
NOON = moment_ns("2026-11-15T12:00Z")


def granted(**changed: object) -> rows.Granted:
    fields: dict[str, object] = {
        "performer": "p1",
        "uses": ("capture", "record"),
        "project": "Night Train",
        "scenes": ("12", "14A"),
        "from_utc_ns": BEGIN,
        "until_utc_ns": END,
        "agreement_sha256": "ab",
        "by": "1st AD",
    }
    return rows.Granted(**(fields | changed))  # type: ignore[arg-type]


def ledger(*said: rows.Row) -> Standing:
    stamped = [msgspec.structs.replace(row, seq=n, at_utc_ns=NOON) for n, row in enumerate(said, 1)]
    return standing(stamped)  # type: ignore[arg-type]


def ask(now: Standing, use: rows.Use = "record", **changed: object) -> Answer:
    asked = {"performer": "p1", "project": "Night Train", "scene": "12", "at_utc_ns": NOON} | changed
    return may(now, use=use, **asked)  # type: ignore[arg-type]


def test_a_consent_covers_what_it_says() -> None:
    now = ledger(granted())
    assert ask(now) == Allowed(grant=1)
    assert ask(now, "capture", scene="14a", project="night train") == Allowed(grant=1)
    assert ask(ledger(granted(scenes=())), scene="") == Allowed(grant=1)


@pytest.mark.parametrize(
    ("at_ns", "allowed"), [(BEGIN - 1, False), (BEGIN, True), (END - 1, True), (END, False)], ids=str
)
def test_a_term_begins_and_ends_to_the_nanosecond(at_ns: int, allowed: bool) -> None:
    assert isinstance(ask(ledger(granted()), at_utc_ns=at_ns), Allowed) is allowed


def test_the_last_day_counts_to_its_end() -> None:
    assert moment_ns("2026-12-01") == END == end_ns("2026-12-01T01:00+01:00")
    assert end_text(END) == "2026-11-30 UTC" and utc_text(NOON) == "2026-11-15 12:00:00 UTC"
    for wrong in ("", "tomorrow", "2026-13-01", "9999-12-31", "1900-01-01"):
        with pytest.raises(ValueError, match="expected"):
            end_ns(wrong)


SUSPENDED = rows.Suspended(performer="p1", by="p1", why="strike")
NEW = "that needs a new consent: cyc consent grant p1"


@pytest.mark.parametrize(
    ("said", "asked", "told"),
    [
        (
            [],
            {},
            "p1 has given no consent to be recorded; write down what was agreed: cyc consent grant p1",
        ),
        (
            [granted()],
            {"use": "training"},
            f"consent 1 of p1 is for capture, record, not to be used for training (training); {NEW}",
        ),
        (
            [granted()],
            {"project": "Day Bus"},
            f"consent 1 of p1 is for the project 'Night Train', this is 'Day Bus'; {NEW}",
        ),
        ([granted()], {"scene": "13"}, f"consent 1 of p1 is for scenes 12, 14A, not 13; {NEW}"),
        (
            [granted()],
            {"scene": ""},
            "consent 1 of p1 is for scenes 12, 14A, and none was named; outside a take there is none, and it needs a "
            "consent for all scenes",
        ),
        ([granted()], {"at_utc_ns": END}, f"consent 1 of p1 ended on 2026-11-30 UTC; {NEW}"),
        (
            [granted()],
            {"at_utc_ns": 0},
            "consent 1 of p1 begins on 2026-11-01 UTC; wait until then, or agree on an earlier beginning",
        ),
        (
            [granted(), SUSPENDED],
            {},
            "consent 1 of p1 is suspended since 2026-11-15 12:00:00 UTC by p1 (strike); "
            "once it is taken back: cyc consent resume p1",
        ),
        (
            [granted(), rows.Suspended(performer="p1", grant=1, by="p1")],
            {},
            "consent 1 of p1 is suspended since 2026-11-15 12:00:00 UTC by p1; "
            "once it is taken back: cyc consent resume p1 --grant 1",
        ),
        (
            [granted(), rows.Withdrawn(performer="p1", by="agent")],
            {},
            f"consent 1 of p1 was withdrawn on 2026-11-15 12:00:00 UTC by agent; {NEW}",
        ),
        (
            [],
            {"performer": "demo", "source": "rtsp://cam1"},
            "demo is the synthetic performer's name, and this is a real source (rtsp://cam1); "
            "give the person a pseudonym of their own and ask for their consent: cyc consent grant",
        ),
        (
            [],
            {"performer": "demo"},
            "demo is the synthetic performer's name, and this is a source that nobody named; "
            "give the person a pseudonym of their own and ask for their consent: cyc consent grant",
        ),
    ],
)
def test_a_no_says_why_and_what_would_help(said: list[rows.Row], asked: dict[str, object], told: str) -> None:
    assert str(ask(ledger(*said), **asked)) == told  # type: ignore[arg-type]


def test_of_several_consents_the_nearest_says_why() -> None:
    now = ledger(granted(project="Old"), granted(scenes=("99",)), rows.Withdrawn(performer="p1", grant=1, by="x"))
    assert "for scenes 99" in str(ask(now))


def test_two_halves_do_not_make_a_whole() -> None:
    assert isinstance(ask(ledger(granted(scenes=("13",)), granted(uses=("capture",)))), Refused)


def test_the_synthetic_performer_needs_nobody_and_hides_nobody() -> None:
    for source in ("synthetic", "synthetic:four-cameras"):
        answer = ask(ledger(), performer="demo", source=source)
        assert isinstance(answer, Allowed) and answer.grant == 0 and "needs nobody's consent" in answer.note
    assert isinstance(ask(ledger(), performer="demo", source="synthetically"), Refused)
    assert isinstance(ask(ledger(), performer="p1", source="synthetic"), Refused)
    with pytest.raises(NotPossible, match="is the synthetic performer"):
        decisions.grant(ledger(), granted(performer="demo"))


def test_a_new_consent_counts_after_a_withdrawal_but_not_during_a_suspension() -> None:
    withdrawn = rows.Withdrawn(performer="p1", by="x")
    assert ask(ledger(granted(), withdrawn, granted())) == Allowed(grant=3)
    assert isinstance(ask(ledger(granted(), SUSPENDED, granted())), Refused)
    assert isinstance(ask(ledger(granted(), SUSPENDED, withdrawn, granted())), Refused)
    resumed = rows.Resumed(performer="p1", by="p1")
    assert ask(ledger(granted(), SUSPENDED, withdrawn, granted(), resumed)) == Allowed(grant=4)


def test_words_for_the_bus() -> None:
    assert state_of(ledger(), "p1", NOON) == "none"
    assert state_of(ledger(), "demo", NOON) == "synthetic"
    assert state_of(ledger(granted()), "p1", NOON) == "granted"
    assert state_of(ledger(granted()), "p1", END) == "expired"
    assert state_of(ledger(granted(), SUSPENDED), "p1", NOON) == "suspended"
    assert state_of(ledger(granted(), rows.Withdrawn(performer="p1", by="x")), "p1", NOON) == "withdrawn"
    now = ledger(granted(), granted(until_utc_ns=BEGIN + 1), rows.Suspended(performer="p1", grant=1, by="x"))
    assert [consent_state(c, None, NOON) for c in now.of("p1")] == ["suspended", "expired"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"performer": "A B"}, "expected 1 to 64 letters"),
        ({"uses": ()}, "name at least one of capture, record, face, export, double, training"),
        ({"project": " "}, "a consent is for a project"),
        ({"until_utc_ns": BEGIN}, "not after its beginning on 2026-11-01 UTC"),
    ],
)
def test_consents_that_cannot_be(changed: dict[str, object], told: str) -> None:
    with pytest.raises(NotPossible, match=told):
        decisions.grant(ledger(), granted(**changed))


# --- laws ---------------------------------------------------------------------------------------------------------

performers = st.sampled_from(["p1", "p2"])
grants = st.builds(
    lambda who, uses, scenes, begin, length: granted(
        performer=who, uses=uses, scenes=scenes, from_utc_ns=begin, until_utc_ns=begin + length
    ),
    performers,
    st.lists(st.sampled_from(rows.USES), min_size=1, unique=True).map(tuple),
    st.sampled_from([(), ("12",), ("12", "13")]),
    st.integers(0, 10),
    st.integers(1, 10),
)
steps = st.lists(
    st.one_of(grants, st.tuples(st.sampled_from(["suspend", "resume", "withdraw"]), performers, st.integers(0, 3))),
    max_size=8,
)
asks = st.tuples(performers, st.sampled_from(rows.USES), st.sampled_from(["", "12", "13"]), st.integers(-1, 21))
Step = rows.Granted | tuple[str, str, int]


def history(told: Sequence[Step]) -> Standing:
    """As the ledger would take it: numbers count its consents; what cannot be decided is left out."""
    said: list[rows.AnyRow] = []
    for step in told:
        now = standing(said)
        try:
            if isinstance(step, rows.Granted):
                row: rows.AnyRow = decisions.grant(now, step)
            else:
                what, who, nth = step
                numbers = sorted(now.consents)
                number = numbers[nth - 1] if 0 < nth <= len(numbers) else 0
                row = getattr(decisions, what)(now, who, number, "by", "")
        except NotPossible:
            continue
        said.append(msgspec.structs.replace(row, seq=len(said) + 1, at_utc_ns=len(said)))
    return standing(said)


def allowed(now: Standing, asked: tuple[str, rows.Use, str, int]) -> bool:
    who, use, scene, at_ns = asked
    return isinstance(may(now, who, use, "Night Train", scene, at_ns), Allowed)


many = pytest.mark.parametrize("examples", [15, pytest.param(200, marks=pytest.mark.slow)])


@many
def test_a_withdrawal_or_suspension_anywhere_never_allows(examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(steps, asks, st.integers(0, 8), st.sampled_from(["withdraw", "suspend"]))
    def law(told: list[Step], asked: tuple[str, rows.Use, str, int], at: int, what: str) -> None:
        more = [*told[:at], (what, asked[0], 0), *told[at:]]
        if allowed(history(more), asked):
            assert allowed(history(told), asked)
            assert at < len(told), "nothing is allowed right after it"

    law()


@many
def test_an_answer_is_what_one_consent_alone_would_give(examples: int) -> None:
    """Against a second reading of the rules, one line each."""

    @settings(max_examples=examples, deadline=None)
    @given(steps, asks)
    def law(told: list[Step], asked: tuple[str, rows.Use, str, int]) -> None:
        now, (who, use, scene, at_ns) = history(told), asked
        expected = who not in now.suspended and any(
            use in c.granted.uses
            and (not c.granted.scenes or scene in c.granted.scenes)
            and c.granted.from_utc_ns <= at_ns < c.granted.until_utc_ns
            and not (c.withdrawn or c.suspended)
            for c in now.consents.values()
            if c.granted.performer == who
        )
        assert allowed(now, asked) == expected
        assert not allowed(now, (who, use, scene, 10**6)), "after every term"

    law()
