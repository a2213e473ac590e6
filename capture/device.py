"""One camera, read by a thread of its own into a slot that holds the newest picture; it comes back by itself.

A device, stream or file may block for as long as it likes: only its own thread waits for it, and closing does not.
"""

import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple

from bridge.clock import NS_PER_S, Clock, system_clock
from bridge.performed import CaptureCamera
from bridge.timecode import Timecode
from capture.cameras.address import Address, CameraFault
from capture.cameras.opened import AS_IT_LIKES, Wanted, open_film
from capture.cameras.pace import Pace
from capture.cameras.picture import Film, Picture
from capture.cameras.reading import Grabbed, grabbed
from capture.cameras.stamps import Stamps, stamped
from capture.cameras.tally import Tally, report
from capture.cameras.timeline import Timeline

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 8.0
"""Before a camera that broke off is tried again, twice as long each time."""
_SLOW_WORDS = {
    "device": "more light, or a shorter exposure",
    "stream": "its network, its encoder, or a long exposure",
    "video": "this computer reads it more slowly than it plays",
    "pictures": "this computer reads them more slowly than they play",
}
Opening = Callable[[Address, Wanted], Film]


class Play(NamedTuple):
    """How a file is played; a live source plays itself."""

    every: bool = False
    """As fast as pictures are taken away; else in real time, or more slowly where they cannot be read so fast."""
    again: bool = False
    """From the start when it ends."""
    start_ns: int = 0
    """The first frame's moment, the same for files that belong together; 0: when it opens."""
    pace: Pace | None = None
    """Of files that belong together; None: each has its own."""


IN_REAL_TIME = Play()


class Camera:
    """`name` is its subject on the bus."""

    def __init__(
        self,
        name: str,
        source: Address,
        wanted: Wanted = AS_IT_LIKES,
        play: Play = IN_REAL_TIME,
        *,
        latency_s: float = 0.0,
        clock: Clock = system_clock,
        opening: Opening = open_film,
    ) -> None:
        """`latency_s`: from the exposure's end to the moment that the source stamps, or to the arrival."""
        self.name, self._source, self._wanted, self._play = name, source, wanted, play
        self._clock, self._opening, self._latency_s = clock, opening, latency_s
        self._pace = play.pace or Pace()
        self.tap: Callable[[Picture], None] | None = None
        """Told every picture as it comes, also those that nobody takes, in the reader's thread: it must not wait."""
        self._tally, self._stamps = Tally(), Stamps()
        self._number = 0
        self._slot: Picture | None = None
        self._change, self._closing = threading.Condition(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"camera {name}", daemon=True)
        self._thread.start()

    def newest(self) -> Picture | None:
        """The newest picture that was not taken yet; None where there is none."""
        with self._change:
            picture, self._slot = self._slot, None
            self._change.notify_all()
        return picture

    def wait(self, timeout_s: float) -> Picture | None:
        """The next picture, as soon as it is there; None when the time is up or the camera has ended."""
        with self._change:
            self._change.wait_for(lambda: self._slot is not None or self.ended, timeout_s)
        return self.newest()

    @property
    def ended(self) -> bool:
        """No more will come."""
        return self._tally.state == "ended" or self._closing.is_set()

    def report(self) -> CaptureCamera:
        """How it does."""
        return report(self._tally, self.name, self._source.shown, self._clock())

    def close(self, patience_s: float = 1.0) -> bool:
        """Let the source go; False where it still blocks: its thread ends with the process, or when it wakes."""
        self._closing.set()
        with self._change:
            self._change.notify_all()
        self._thread.join(patience_s)
        return not self._thread.is_alive()

    # --- the reader's thread ------------------------------------------------------------------------------------------

    def _run(self) -> None:
        wait_s = FIRST_WAIT_S
        start_ns = self._play.start_ns
        while not self._closing.is_set():
            seen = self._tally.seen
            length_ns, fault = self._session(start_ns)
            if not self._source.live and not (self._play.again and length_ns):
                self._say("ended", fault)
                return
            if not self._source.live:
                start_ns = (start_ns or self._first_ns) + length_ns
                continue
            self._say("missing", fault or "the camera is gone: is its cable in?")
            wait_s = FIRST_WAIT_S if self._tally.seen > seen else min(wait_s * 2, LONGEST_WAIT_S)
            self._closing.wait(wait_s)
        self._say("ended", "")

    def _session(self, start_ns: int) -> tuple[int, str]:
        """From opening to the end; -> how long the file is, and what went wrong."""
        try:
            film = self._opening(self._source, self._wanted)
        except CameraFault as fault:
            return 0, str(fault)
        try:
            self._tally.said_rate_hz, self._tally.slow_words = film.rate_hz, _SLOW_WORDS[self._source.kind]
            self._tally.reconnects += self._source.live and self._tally.seen > 0
            self._stamps = Stamps(round((self._latency_s + film.exposure_s / 2) * NS_PER_S))
            self._first_ns = start_ns or self._clock()
            every = grabbed(film, self._source.live, self._tally, self._clock)
            return (self._live(film, every), "") if self._source.live else (self._played(film, every), "")
        finally:
            film.close()
            self._pace.leave(self.name)

    def _live(self, film: Film, every: Iterator[Grabbed]) -> int:
        for picture in every:
            if self._closing.is_set():
                break
            t_ns = stamped(self._stamps, picture.source_ns, picture.t_arrival_ns)
            self._take(film, t_ns, picture.t_arrival_ns, None)
        return 0

    def _played(self, film: Film, every: Iterator[Grabbed]) -> int:
        timeline, last_ns = Timeline(self._source, film.rate_hz), -1
        period_ns = round(NS_PER_S / (film.rate_hz or 25.0))
        for picture in every:
            moment = timeline.at(picture.source_ns)
            if moment is None:
                continue
            last_ns = moment.since_ns
            t_ns = moment_ns = self._first_ns + last_ns
            if not self._play.every:
                self._pace.join(self.name, moment_ns)
                t_ns = self._pace.at(moment_ns)
            if self._closing.is_set() or not self._due(t_ns):
                break
            arrival_ns = t_ns if self._play.every else self._clock()
            if arrival_ns - t_ns > period_ns:
                self._pace.late(moment_ns, arrival_ns - t_ns)
            self._take(film, t_ns, arrival_ns, moment.timecode)
        return last_ns + period_ns if last_ns >= 0 else 0

    def _due(self, t_ns: int) -> bool:
        """Wait until a file's picture is due, or the last one was taken; False: closing."""
        if self._play.every:
            with self._change:
                self._change.wait_for(lambda: self._slot is None or self._closing.is_set())
            return not self._closing.is_set()
        return not self._closing.wait(max(0.0, (t_ns - self._clock()) / NS_PER_S))

    def _take(self, film: Film, t_ns: int, arrival_ns: int, label: Timecode | None) -> None:
        bgr = film.decode()
        if bgr is None:
            self._tally.spoilt(1, self._clock())
            return
        self._tally.picture(t_ns, self._clock(), (bgr.shape[1], bgr.shape[0]))
        picture, tap = Picture(self.name, self._number, t_ns, arrival_ns, bgr, label), self.tap
        with self._change:
            self._tally.dropped += self._slot is not None
            self._slot = picture
            self._number += 1
            self._change.notify_all()
        if tap is not None:
            tap(picture)

    def _say(self, state: str, fault: str) -> None:
        with self._change:
            self._tally.broke("ended" if state == "ended" else "missing", fault)
            self._change.notify_all()


def every_picture(
    name: str, source: Address, wanted: Wanted = AS_IT_LIKES, start_ns: int = 0, opening: Opening = open_film
) -> Iterator[Picture]:
    """A file's good pictures from first to last, read where it is called: for takes and benches. CameraFault.

    A take's video gives the moments and numbers it was filmed with, if no other start is asked for.
    """
    film, tally = opening(source, wanted), Tally()
    try:
        timeline = Timeline(source, film.rate_hz)
        start_ns = start_ns or timeline.began_ns
        for number, picture in enumerate(grabbed(film, False, tally, lambda: 0)):
            moment, bgr = timeline.at(picture.source_ns), film.decode()
            if bgr is not None and moment is not None:
                t_ns = start_ns + moment.since_ns
                count = number if moment.number < 0 else moment.number
                yield Picture(name, count, t_ns, t_ns + moment.late_ns, bgr, moment.timecode)
    finally:
        film.close()
