"""Control addresses: what each makes, and what a surface hears of what it may not have."""

import math

import pytest
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.commands import (
    Freeze,
    JamTimecode,
    LoadEnvironment,
    RestartService,
    SetDelay,
    SetExposure,
    SetFrustum,
    SetSmoothing,
    SetTimeOfDay,
    StartTake,
    StopTake,
    ZeroTracking,
)
from bridge.control.addresses import TABLE, Known, Prepared, Refusal, Understood, addresses, understand
from bridge.messages import COMMANDS, EVENTS, Flash, Mark
from bridge.timecode import Timecode
from bridge.wire import osc
from bridge.wire.osc import OscMessage, message

KNOWN = Known(("camA", "cam.B-2"), ("spine", "recorder"), ("ltc",), ("out1",))
BOOK = addresses(KNOWN)
PREPARED = Prepared("scene12A", "scene12A_T009")
TIMECODE = Timecode(10, 0, 0, 4, 25)


def asked(said: OscMessage) -> Understood | Refusal:
    return understand(BOOK, said, PREPARED, 7, TIMECODE)


def made(said: OscMessage) -> object:
    answer = asked(said)
    assert isinstance(answer, Understood), answer
    return answer.effect


def refused(said: OscMessage) -> Refusal:
    answer = asked(said)
    assert isinstance(answer, Refusal), answer
    return answer


def test_every_row_makes_what_somebody_obeys() -> None:
    for address, (row, _) in BOOK.items():
        value = {"name": ("x",), "text": ("x",), "switch": (True,), "press": (), "number": (1.0,)}[row.kind]
        effect = made(message(address, *value))
        assert (row.to in ("recorder", "spine", "supervisor", "timecode")) == isinstance(effect, COMMANDS)
        assert (row.to == "everybody") == isinstance(effect, EVENTS)
        assert row.help.endswith(".")
    assert len({row.pattern for row in TABLE}) == len(TABLE)


def test_commands_carry_what_was_prepared_and_who_is_meant() -> None:
    start = StartTake(subject="recorder", t_ns=7, slate="scene12A", take="scene12A_T009")
    assert made(message("/cyc/take/start")) == start
    assert made(message("/cyc/take/stop", 1)) == StopTake(subject="recorder", t_ns=7)
    assert made(message("/cyc/camera/cam.B-2/smoothing", True)) == SetSmoothing(subject="cam.B-2", t_ns=7, on=True)
    assert made(message("/cyc/service/spine/restart")) == RestartService(subject="spine", t_ns=7)
    assert made(message("/cyc/mark", "rain")) == Mark(subject="control", t_ns=7, text="rain", timecode=TIMECODE)
    assert made(message("/cyc/mark")) == Mark(subject="control", t_ns=7, timecode=TIMECODE)
    assert made(message("/cyc/timecode/ltc/jam", 1)) == JamTimecode(subject="ltc", t_ns=7)
    assert made(message("/cyc/timecode/ltc/jam", 0)) == JamTimecode(subject="ltc", t_ns=7, on=False)
    assert made(message("/cyc/flash", 1)) == Flash(subject="all", t_ns=7)
    assert made(message("/cyc/scene/environment", "desert")) == LoadEnvironment(
        subject="scene", t_ns=7, environment="desert"
    )
    assert made(message("/cyc/scene/environment")) == LoadEnvironment(subject="scene", t_ns=7, environment="")
    assert made(message("/cyc/scene/hour/own")) == SetTimeOfDay(subject="scene", t_ns=7, hour_unit=None)
    assert made(message("/cyc/slate", "B7")) == Prepared("B7", "scene12A_T009")
    assert made(message("/cyc/take/name", "")) == Prepared("scene12A", "")


@pytest.mark.parametrize(("tag", "on", "off"), [("i", 1, 0), ("f", 1.0, 0.0), ("T", True, None), ("F", None, False)])
def test_switches_and_buttons_speak_as_surfaces_do(tag: str, on: float | None, off: float | None) -> None:
    """By a peer's encoder: surfaces send a button as 1 when pressed and 0 when let go."""
    for value, expected in ((on, True), (off, False)):
        if value is None:
            continue
        for address in ("/cyc/camera/camA/smoothing", "/cyc/take/stop"):
            peer = OscMessageBuilder(address)
            peer.add_arg(value, tag)
            said = osc.decode(peer.build().dgram)
            assert isinstance(said, OscMessage)
            effect = made(said)
            if address.endswith("stop"):
                assert (effect is not None) == expected
            else:
                assert isinstance(effect, SetSmoothing)
                assert effect.on == expected


@pytest.mark.parametrize("word", ["frustum", "freeze", "zero", "smoothing"])
def test_each_switch_of_a_camera_is_its_command(word: str) -> None:
    kind = {"frustum": SetFrustum, "freeze": Freeze, "zero": ZeroTracking, "smoothing": SetSmoothing}[word]
    for value in (True, False, 1, 0.0):
        assert made(message(f"/cyc/camera/cam.B-2/{word}", value)) == kind(subject="cam.B-2", t_ns=7, on=bool(value))


@pytest.mark.parametrize("tag", ["i", "h", "f", "d"])
def test_faders_send_numbers_of_any_kind(tag: str) -> None:
    """By a peer's encoder, in each type that surfaces use."""
    for address, value, expected in (
        ("/cyc/camera/camA/delay", 3, SetDelay(subject="camA", t_ns=7, delay_frames=3.0)),
        ("/cyc/scene/exposure", -2, SetExposure(subject="scene", t_ns=7, exposure_ev=-2.0)),
        ("/cyc/scene/hour", 24, SetTimeOfDay(subject="scene", t_ns=7, hour_unit=24.0)),
    ):
        peer = OscMessageBuilder(address)
        peer.add_arg(float(value) if tag in "fd" else value, tag)
        said = osc.decode(peer.build().dgram)
        assert isinstance(said, OscMessage)
        assert made(said) == expected


@pytest.mark.parametrize(
    ("said", "got"),
    [
        (message("/cyc/camera/camA/delay", -0.5), "f -0.5"),
        (message("/cyc/camera/camA/delay", math.inf), "f inf"),
        (message("/cyc/camera/camA/delay"), "nothing"),
        (message("/cyc/camera/camA/delay", "3"), "s '3'"),
        (message("/cyc/camera/camA/delay", True), "T True"),
        (message("/cyc/scene/exposure", 10.5), "f 10.5"),
        (message("/cyc/scene/exposure", math.nan), "f nan"),
        (message("/cyc/scene/hour", 25), "i 25"),
        (message("/cyc/scene/environment", 3), "i 3"),
        (message("/cyc/slate"), "nothing"),
        (message("/cyc/slate", 12), "i 12"),
        (message("/cyc/slate", "a b"), "s 'a b'"),
        (message("/cyc/slate", "../up"), "s '../up'"),
        (message("/cyc/slate", "x" * 49), "s '" + "x" * 49 + "'"),
        (message("/cyc/slate", "x" * 4000), "s '" + "x" * 56 + "..."),
        (message("/cyc/slate", "a", "b"), "2 arguments, ss"),
        (message("/cyc/mark", "x" * 201), "s '" + "x" * 56 + "..."),
        (message("/cyc/take/start", "now"), "s 'now'"),
        (message("/cyc/take/start", 2), "i 2"),
        (message("/cyc/take/start", None), "N None"),
        (message("/cyc/camera/camA/smoothing"), "nothing"),
        (message("/cyc/camera/camA/smoothing", 0.5), "f 0.5"),
        (message("/cyc/camera/camA/smoothing", math.nan), "f nan"),
        (message("/cyc/camera/camA/smoothing", b"\1"), "b of 1 bytes"),
        (OscMessage("/cyc/camera/camA/smoothing", "t", (1,)), "t 1"),
    ],
)
def test_wrong_arguments_are_answered_with_what_was_expected_and_got(said: OscMessage, got: str) -> None:
    answer = refused(said)
    assert (answer.got, answer.nearest, answer.address) == (got, said.address, said.address)
    assert answer.text == f"{said.address}: expected {answer.expected}, got {got}"


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("/cyc/take/strat", "/cyc/take/start"),
        ("/take/stop", "/cyc/take/stop"),
        ("/cyc/camera/camC/smoothing", "/cyc/camera/camA/smoothing"),
        ("/cyc/refresh/", "/cyc/refresh"),
    ],
)
def test_an_unknown_address_names_the_nearest(address: str, near: str) -> None:
    answer = refused(message(address))
    assert (answer.nearest in BOOK, answer.got) == (True, address)
    assert answer.nearest == near
    assert answer.text == f"no address {address}; the nearest is {answer.nearest}"


def test_a_fader_hears_its_range() -> None:
    answer = refused(message("/cyc/scene/hour", 25.0))
    assert answer.expected == "f, d, i or h: 0 to 24 hours"
    assert refused(message("/cyc/camera/camA/delay", -1)).expected == "f, d, i or h: 0 and more, in camera frames"


def test_patterns_are_not_expanded_and_a_monster_is_cut() -> None:
    assert "patterns are not expanded" in refused(message("/cyc/service/*/restart")).expected
    monster = refused(message("/" + "a" * 60_000))
    assert len(monster.text) < 300
    assert monster.nearest in BOOK
