"""MIDI messages with their arrival -> labels with the moment each was true."""

from typing import NamedTuple

import msgspec

from bridge.clock import NS_PER_S
from bridge.house_time.watch import Heard
from bridge.timecode import Timecode, nominal_rate
from bridge.wire import mtc
from bridge.wire.mtc import MtcFrame, MtcState
from bridge.wire.refusal import Refused


class Midi(NamedTuple):
    """One message as it came in."""

    data: bytes
    t_ns: int


class Following(NamedTuple):
    """Where the reader stands."""

    mtc: MtcState = MtcState()
    refused: int = 0
    stands_at: str = ""
    """Where a stopped transport says it stands."""


def follow(rate: tuple[int, int] | None, state: Following, midi: Midi) -> tuple[Following, Heard | None]:
    """A message further; `rate` is the declared one, which MTC cannot tell from its neighbour: 23.976 goes as 24."""
    try:
        if midi.data[:1] == b"\xf0":
            frame = mtc.decode_full(midi.data) if midi.data[1:2] == b"\x7f" and midi.data[3:5] == b"\x01\x01" else None
            return state._replace(stands_at=str(frame.timecode) if frame else state.stands_at), None
        if midi.data[:1] != bytes((mtc.QUARTER_FRAME,)):
            return state, None
        reader, frame = mtc.step(state.mtc, midi.data)
    except Refused:
        return state._replace(refused=state.refused + 1), None
    return state._replace(mtc=reader, stands_at="" if frame else state.stands_at), _heard(rate, frame, midi.t_ns)


def lost(state: Following) -> int:
    """Labels that came in part, and messages that were none."""
    return state.mtc.dropped + state.refused


def _heard(rate: tuple[int, int] | None, frame: MtcFrame | None, t_ns: int) -> Heard | None:
    if frame is None:
        return None
    label = _declared(frame.timecode, rate)
    quarter_ns = NS_PER_S * label.rate_den / (4 * label.rate_num)
    began_ns = t_ns - round(frame.quarter_frames_since * quarter_ns)
    return Heard(label, began_ns)


def _declared(label: Timecode, rate: tuple[int, int] | None) -> Timecode:
    """At the declared rate where it counts alike; a master that counts otherwise is heard as it is."""
    alike = rate and nominal_rate(*rate) == nominal_rate(label.rate_num, label.rate_den) and not label.drop_frame
    if not alike or not rate:
        return label
    return msgspec.structs.replace(label, rate_num=rate[0], rate_den=rate[1])
