"""The recorder: starts and stops takes on command, writes everything the bus says, goes on after its own death.

`Recorder` has no socket: messages and commands go in, messages come out. `serve` is its loop on the bus. A disk that
does not take any more ends the take with a fault that everybody hears; the process and the tracking go on.
"""

import contextlib
import os
import platform
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from bridge import __version__
from bridge.bus.feed import Feed
from bridge.bus.frames import Received, schema_hash
from bridge.bus.publisher import Publisher
from bridge.clock import NS_PER_S, Clock, clock_id, utc_ns
from bridge.consent.ledger import FILE_NAME
from bridge.messages import (
    MESSAGES,
    Acknowledged,
    Alarm,
    ClockPair,
    Message,
    StartTake,
    StopTake,
    TakeStarted,
    TakeState,
    TakeStopped,
    topic,
)
from bridge.service import Desk, Duty, run
from bridge.take.chunks import TakeFault
from bridge.take.contents import is_finished
from bridge.take.format import SUFFIX, name_fault, next_name, plain_schema
from bridge.take.newest_label import NewestLabel
from bridge.take.people import PeopleGate
from bridge.take.recording import Beginning, TakeWriter

SUBJECT = "recorder"
OWN_BOOT = 0
"""The recorder's own messages are numbered in the take, whichever process wrote them."""
TURN_S = 0.01
Severity = Literal["notice", "warning", "fault"]
Since = dict[str, tuple[int, int]]


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """Where takes go and what is put inside."""

    folder: Path
    slate: str = "take"
    """Where the command names none."""
    stage_name: str = ""
    attachments: Mapping[str, bytes] = {}
    reserve_bytes: int = 256 << 20
    """Recording stops, with a fault, before the disk has less than this."""
    go_on_within_s: float = 60.0
    """A take whose recorder died longer ago than this is finished, not gone on with."""
    project: str = ""
    """Of which the performers' consents must speak; empty: the stage's name."""
    consent: Path | None = None
    """The ledger of consents; None: `consent.sqlite` beside the takes."""


class Recorder:
    """One take at a time."""

    def __init__(
        self,
        settings: Recording,
        clock: Clock,
        *,
        utc: Clock = utc_ns,
        free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        self.missed = 0
        """Set by the loop from its feed."""
        self._settings, self._clock, self._utc, self._free_bytes = settings, clock, utc, free_bytes
        self._writer: TakeWriter | None = None
        self._fault = ""
        self._name = self._slate = ""
        self._missed_before = 0
        self._second_ns = 0
        self._newest_label = NewestLabel()
        self._heard: Since = {}
        self._own_sequences: dict[str, int] = {}
        self._obeyed: tuple[Message, Acknowledged] | None = None
        self._of_this_process = _facts_of_this_process(settings)
        ledger, project = settings.consent or settings.folder / FILE_NAME, settings.project or settings.stage_name
        self._people = PeopleGate(ledger, project, clock=clock, utc=utc)

    # --- what goes in ---

    def wake(self) -> tuple[Since, list[Message]]:
        """Finish what a killed recorder left, or go on with it; -> what to ask the bus for, and what to say."""
        said: list[Message] = []
        for kind in MESSAGES:  # milliseconds together, which the start of a take has not
            plain_schema(kind)
        with contextlib.suppress(OSError):
            self._settings.folder.mkdir(parents=True, exist_ok=True)
        for path in unfinished(self._settings.folder):
            try:
                said += self._take_up(TakeWriter.resumed(path, self._clock))
            except (TakeFault, OSError, msgspec.DecodeError) as error:  # in use, empty, or a disk that is full
                said.append(self._alarm("notice", f"{path.name} stays without a summary: {error}"))
        return dict(self._heard), said

    def obey(self, message: Message) -> tuple[Acknowledged, list[Message]]:
        """A command -> the answer, and what to say to everybody.

        One that comes again, its moment too, is of an asker whom the answer did not reach: it gets it again.
        """
        if self._obeyed and self._obeyed[0] == message:
            return self._obeyed[1], []
        answer, said = self._done(message)
        self._obeyed = (message, answer) if answer.ok else None
        return answer, said

    def hear(self, received: Iterable[Received]) -> list[Message]:
        """What the bus said."""
        now_ns = self._clock()
        try:
            for boot, name, sequence, t_sent_ns, message in received:
                self._heard[name] = (boot, sequence)
                self._newest_label.hear(message, now_ns)
                self._people.hear(message)
                if self._writer and self._people.lets(message):
                    self._writer.write(name, message, boot=boot, sequence=sequence, t_sent_ns=t_sent_ns)
        except OSError as error:
            return self._fail(error)
        return []

    def tick(self) -> list[Message]:
        """Call every few milliseconds."""
        try:
            if self._writer:
                self._writer.tick()
            told = self._warnings(self._people.tick())
            if self._clock() < self._second_ns:
                return told
            self._second_ns = self._clock() + NS_PER_S
            if self._writer and self._free_bytes(self._settings.folder) < self._settings.reserve_bytes:
                raise OSError(f"less than {self._settings.reserve_bytes >> 20} MB are free")
        except OSError as error:
            return self._fail(error)
        return [*told, *self._say([self._pair(), self._state()] if self._writer else [self._state()])]

    def close(self) -> list[Message]:
        """The service ends in good order: so does the take."""
        return self._stop()[1] if self._writer else []

    # --- commands ---

    def _done(self, message: Message) -> tuple[Acknowledged, list[Message]]:
        if isinstance(message, StartTake):
            return self._start(message)
        if isinstance(message, StopTake):
            return self._stop()
        return self._no(f"the recorder knows StartTake and StopTake, got {type(message).__name__}"), []

    def _start(self, command: StartTake) -> tuple[Acknowledged, list[Message]]:
        if self._writer:
            return self._no(f"already recording {self._name}; stop it first"), []
        folder, slate = self._settings.folder, command.slate or self._settings.slate
        fault = name_fault(command.take or slate)
        if fault:
            return self._no(fault), []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            free = self._free_bytes(folder)
            if free < self._settings.reserve_bytes:
                need = self._settings.reserve_bytes >> 20
                return self._no(f"{folder} has {free >> 20} MB free, expected at least {need} MB"), []
            self._name = command.take or next_name(slate, _takes_in(folder))
            self._writer = TakeWriter(folder / f"{self._name}{SUFFIX}", self._beginning(slate), self._clock)
        except FileExistsError:
            return self._no(f"take {self._name} exists already and is never written over; choose another name"), []
        except OSError as error:
            return self._no(f"{folder}: {error.strerror or error}"), []
        self._slate = slate
        self._people.begin(self._writer.path, slate)
        self._fault, self._missed_before, self._own_sequences = "", self.missed, {}
        self._second_ns = self._clock() + NS_PER_S
        started = TakeStarted(subject=self._name, t_ns=self._clock(), slate=slate, **self._label())
        said = self._say([started, self._pair(), self._state()])
        return (self._yes() if self._writer else self._no(self._fault)), said

    def _stop(self) -> tuple[Acknowledged, list[Message]]:
        if self._writer is None:
            return self._no("nothing is being recorded"), []
        said = self._say([TakeStopped(subject=self._name, t_ns=self._clock(), **self._label()), self._pair()])
        if self._fault:  # the disk filled up while saying so
            return self._no(self._fault), said
        writer, self._writer = self._writer, None
        try:
            writer.finish()
        except OSError as error:
            return self._no(f"{self._name} ends without its summary: {error}"), [*said, *self._gone(error)]
        return self._yes(), [*said, self._state(), *self._warnings(self._people.end())]

    def _beginning(self, slate: str) -> Beginning:
        pair, (timecode, source) = self._pair(), self._newest_label.at(self._clock())
        facts = {
            "take": self._name,
            "slate": slate,
            **self._of_this_process,
            "clock_id": str(pair.clock_id),
            "timecode": str(timecode or ""),
            "timecode_source": source,
            **self._people.facts(),
            "heard": msgspec.json.encode(self._heard).decode(),
        }
        return Beginning(pair, facts, self._settings.attachments)

    # --- after a death ---

    def _take_up(self, writer: TakeWriter) -> list[Message]:
        if self._writer or not self._is_recent(writer):
            writer.finish()
            return [self._alarm("notice", f"{writer.path.name} was left by a recorder that died; it is finished now")]
        heard = msgspec.json.decode(writer.facts.get("heard", "{}"), type=Since)
        for (name, boot), sequence in writer.last_sequences().items():
            if boot == OWN_BOOT:
                self._own_sequences[name] = sequence
            else:  # channels are in the order they appeared, so a publisher's last run comes last
                heard[name] = (boot, sequence)
        self._writer, self._name, self._heard = writer, writer.path.stem, heard
        self._slate = writer.facts.get("slate", "")
        self._people.begin(writer.path, self._slate)
        text = f"the recorder was restarted during {self._name}; it goes on with the same take"
        return self._say([self._alarm("warning", text), self._pair(), self._state()])

    def _is_recent(self, writer: TakeWriter) -> bool:
        age_ns = self._clock() - writer.last_ns
        same_boot = writer.facts.get("clock_id") == str(clock_id())
        return same_boot and writer.messages > 0 and age_ns <= self._settings.go_on_within_s * NS_PER_S

    # --- what comes out ---

    def _say(self, said: list[Message]) -> list[Message]:
        """The recorder's own messages are in the take too."""
        try:
            for message in said:
                if self._writer:
                    name, now_ns = topic(message), self._clock()
                    sequence = self._own_sequences[name] = self._own_sequences.get(name, 0) + 1
                    self._writer.write(name, message, boot=OWN_BOOT, sequence=sequence, t_sent_ns=now_ns)
        except OSError as error:
            return [*said, *self._fail(error)]
        return said

    def _fail(self, error: OSError) -> list[Message]:
        """The disk does not take it: end the take as well as possible, and be loud."""
        writer, self._writer = self._writer, None
        if writer is None:
            return []
        with contextlib.suppress(OSError):
            writer.finish()
        return self._gone(error)

    def _gone(self, error: OSError) -> list[Message]:
        why, self._obeyed = error.strerror or str(error), None
        self._fault = f"recording of {self._name} stopped: {self._settings.folder}: {why}; what came before is kept"
        stopped = TakeStopped(subject=self._name, t_ns=self._clock(), **self._label())
        return [
            self._alarm("fault", f"{self._fault}. Free some space, then start the next take"),
            stopped,
            self._state(),
            *self._warnings(self._people.end(self._fault)),
        ]

    def _label(self) -> dict[str, Any]:
        return self._newest_label.fields(self._clock())

    def _yes(self) -> Acknowledged:
        return Acknowledged(subject=SUBJECT, t_ns=self._clock(), ok=True, text=self._name)

    def _no(self, text: str) -> Acknowledged:
        return Acknowledged(subject=SUBJECT, t_ns=self._clock(), ok=False, text=text)

    def _alarm(self, severity: Severity, text: str) -> Alarm:
        return Alarm(subject=SUBJECT, t_ns=self._clock(), severity=severity, text=text)

    def _warnings(self, texts: list[str]) -> list[Message]:
        return self._say([self._alarm("warning", text) for text in texts])

    def _pair(self) -> ClockPair:
        return ClockPair(subject=SUBJECT, t_ns=self._clock(), utc_ns=self._utc(), clock_id=clock_id())

    def _state(self) -> TakeState:
        writer = self._writer
        return TakeState(
            subject=SUBJECT,
            t_ns=self._clock(),
            recording=writer is not None,
            take=self._name,
            path=str((self._settings.folder / f"{self._name}{SUFFIX}").absolute()) if self._name else "",
            messages=writer.messages if writer else 0,
            bytes_written=writer.bytes_written if writer else 0,
            missed=self.missed - self._missed_before if writer else 0,
            fault=self._fault,
            slate=self._slate if writer else "",
        )


def _facts_of_this_process(settings: Recording) -> dict[str, str]:
    """What every take of one recorder says alike. The schema hash takes milliseconds, the system's name a program."""
    return {
        "stage": settings.stage_name,
        "cyclorama": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "host": platform.node(),
        "schema_hash": f"{schema_hash():08x}",
    }


def _takes_in(folder: Path) -> list[str]:
    """Names only: thousands of takes are listed in the time that paths of a few hundred are made."""
    names = os.listdir(folder)  # noqa: PTH208
    return [name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)]


def unfinished(folder: Path) -> list[Path]:
    """Takes without a summary, the newest first."""
    found: list[tuple[float, Path]] = []
    for path in folder.glob(f"*{SUFFIX}"):
        with contextlib.suppress(OSError), path.open("rb") as file:  # one that cannot be read hides no other
            if not is_finished(file):
                found.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(found, reverse=True)]


class _Read:
    """The feed as the loop sees it: only what could not be read. Messages are fetched in `tick`, many at once."""

    def __init__(self, feed: Feed) -> None:
        self.reading = feed.reading

    def sockets(self) -> list[Any]:
        return []

    def take(self) -> list[Any]:
        return []


def serve(
    recorder: Recorder,
    publisher: Publisher,
    feed_from: Callable[[Since], Feed],
    *,
    clock: Clock,
    desk: Desk,
    stop: Callable[[], bool],
) -> None:
    """The recorder on the bus until `stop`; a take that runs then is ended in good order."""
    since, said = recorder.wake()
    feed = feed_from(since)

    def tick(_: None, state: Recorder, _now_ns: int) -> tuple[Recorder, list[Message]]:
        heard = feed.take()  # a hundred times a second rather than at each message: a recorder has time
        desk.received += len(heard)
        state.missed = feed.missed
        return state, [*state.hear(heard), *state.tick()]

    def obey(_: None, state: Recorder, asked: Message) -> tuple[Recorder, list[Message], Acknowledged]:
        before = state.hear(feed.take())  # what was said before the command belongs before it
        answer, out = state.obey(asked)
        return state, [*before, *out], answer

    duty: Duty[None, Recorder] = Duty(
        lambda _, state, item: (state, [item]),
        tick=tick,
        tick_s=TURN_S,
        obey=obey,
        losses=lambda: {"bus feed": feed.missed},
    )
    try:
        for message in said:
            publisher.send(message)
        run(duty, None, recorder, inbox=[_Read(feed)], outbox=publisher, clock=clock, desk=desk, stop=stop)
    finally:
        for message in recorder.close():
            publisher.send(message)
        feed.close()
