"""Videos of the capture cameras beside the take that runs: begun and ended by what the recorder says on the bus.

Everybody before the cameras must have agreed to be recorded, in this scene: pictures show all of them. One who has
not, or takes it back, and there are no pictures, while poses go on as their own consents say. Nobody waits for a video:
the recorder does not know of it, and a disk that is full ends the video and not the capture.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from bridge.bus.mailbox import Mailbox
from bridge.clock import NS_PER_S, Clock, utc_ns
from bridge.consent.rules import Allowed, Refused, is_synthetic
from bridge.consent.running import RunningUses
from bridge.messages import Alarm, Message, TakeState
from capture.device import Camera
from capture.live.reel import RESERVE_BYTES, FreeBytes, Reel, Registry, Shot

ASK_AGAIN_NS = NS_PER_S
SILENT_NS = 10 * NS_PER_S
"""The recorder says once a second that it records; one not heard for so long does not."""
_NOMINAL_HZ = (10.0, 12.0, 15.0, 20.0, 24.0, 25.0, 30.0, 50.0, 60.0, 90.0, 120.0)
"""What a video's head says, so that editors show it at about its speed."""
NOT, NO_LONGER = "the cameras' pictures are not recorded: ", "the cameras' pictures are recorded no longer: "
_CLOSE_S = 2.0


class Filming:
    """For one list of cameras and performers; `tick` is called ten times a second."""

    def __init__(
        self,
        cameras: Sequence[Camera],
        performers: Sequence[str],
        uses: RunningUses,
        *,
        project: str,
        source: str,
        clock: Clock,
        utc: Clock = utc_ns,
    ) -> None:
        """`uses` is its own: what it asks the ledger is logged as its service's. `source` as `Permission` has it."""
        self.takes: Mailbox | None = None
        """Where the recorder is heard; this is its last reader, and closes it."""
        self.free_bytes: FreeBytes = lambda folder: shutil.disk_usage(folder).free
        self.reserve_bytes = RESERVE_BYTES
        self.reels: dict[str, Reel] = {}
        """Of the take that runs."""
        self._cameras = {camera.name: camera for camera in cameras if not is_synthetic(camera.report().source)}
        self._performers, self._uses, self._project, self._source = tuple(performers), uses, project, source
        self._registry = Registry(uses.watch.path, performers, "capture", utc)
        self._clock = clock
        self._take = TakeState(subject="", t_ns=0, recording=False)
        self._heard_ns = self._began_ns = self._asked_ns = 0
        self._capturing = self._ended = False
        self._why = ""
        """What was said last: everything is said once a take."""
        self._closing: list[Reel] = []
        self.unfilmed = 0

    def hear(self, state: TakeState) -> None:
        """The recorder's word."""
        self._heard_ns = self._clock()
        if state.recording and (not self._take.recording or state.take != self._take.take):
            self._stop("another take began", cut=False)
            self._began_ns, self._asked_ns, self._why, self._ended = state.t_ns, 0, "", False
        self._take = state

    @property
    def running(self) -> bool:
        """Whether a take runs."""
        return self._take.recording and self._clock() - self._heard_ns < SILENT_NS

    def recorded(self, performer: str) -> bool:
        """Whether what is made of this performer goes into a take now."""
        if not self._capturing or not self.running:
            return False
        answer = self._uses.watch.may(performer, "record", self._project, self._take.slate, source=self._source)
        return isinstance(answer, Allowed)

    def counts(self, camera: str) -> dict[str, int]:
        """CaptureCamera's fields of a camera that is filmed."""
        reel = self.reels.get(camera)
        return {"filmed": reel.filmed, "unfilmed": reel.unfilmed} if reel else {}

    def tick(self, now_ns: int, capturing: bool) -> list[Message]:
        """Begin, go on or end; -> what everybody should hear. `capturing`: performers may be looked at."""
        self._capturing = capturing
        if not self._cameras:
            return []
        said = self._closed(now_ns)
        if not capturing or not self.running:
            self._stop("capture stopped" if not capturing else "the take ended", cut=not capturing)
            return said
        for stopped in self._uses.check():
            self._stop(f"filming of {stopped.performer} stopped", cut=True)
            said += self._once(now_ns, NO_LONGER, stopped.why)
        said += self._faults(now_ns)
        if not self.reels and not self._ended and now_ns - self._asked_ns >= ASK_AGAIN_NS:
            self._asked_ns = now_ns
            said += self._begin(now_ns)
        return said

    def close(self) -> None:
        """End what runs, and let the ledger go."""
        self._stop("capture ended", cut=False)
        for reel in self._closing:
            reel.join(_CLOSE_S)
        self._uses.close()
        if self.takes:
            self.takes.close()

    # --- inside -------------------------------------------------------------------------------------------------------

    def _begin(self, now_ns: int) -> list[Message]:
        path = Path(self._take.path)
        if not path.is_file():
            self._ended = True
            return self._once(now_ns, NOT, f"{path} is not on this computer")
        for performer in self._performers:
            answer = self._uses.begin(performer, "record", self._project, self._take.slate, source=self._source)
            if isinstance(answer, Refused):
                self._uses.end_all("not everybody has agreed")
                return self._once(now_ns, NOT, str(answer))
        for name, camera in self._cameras.items():
            shot = Shot(path, name, self._began_ns, nominal_hz(camera.report().rate_hz))
            reel = Reel(shot, self._registry, free_bytes=self.free_bytes, reserve_bytes=self.reserve_bytes)
            self.reels[name], camera.tap = reel, reel.film
        self._why = ""
        return []

    def _faults(self, now_ns: int) -> list[Message]:
        """A video that ended by itself ends those of the other cameras too: half a take is solved worse than none."""
        broken = next(((name, reel.fault) for name, reel in self.reels.items() if reel.fault), None)
        if broken is None:
            return []
        self._ended = True
        self._stop("the disk does not take it", cut=False)
        return self._once(now_ns, NO_LONGER, f"{broken[0]}: {broken[1]}; what came before is kept")

    def _closed(self, now_ns: int) -> list[Message]:
        """What went wrong while videos that had ended were closed."""
        ended = [reel for reel in self._closing if reel.join(0.0)]
        self._closing = [reel for reel in self._closing if reel not in ended]
        faults = dict.fromkeys(reel.fault for reel in ended if reel.fault and not self._ended)
        return [said for fault in faults for said in self._once(now_ns, "a video of the take: ", fault)]

    def _stop(self, why: str, *, cut: bool) -> None:
        for name, reel in self.reels.items():
            self._cameras[name].tap = None
            reel.stop(cut=cut)
            self.unfilmed += reel.unfilmed
            self._closing.append(reel)
        self.reels = {}
        self._uses.end_all(why)

    def _once(self, now_ns: int, what: str, why: str) -> list[Message]:
        if why == self._why:
            return []
        self._why = why
        return [Alarm(subject="capture", t_ns=now_ns, severity="warning", text=f"{what}{why}")]


def nominal_hz(measured_hz: float) -> float:
    """The usual rate nearest to what a camera keeps; 30 where nothing is known yet."""
    return min(_NOMINAL_HZ, key=lambda hz: abs(hz - (measured_hz or 30.0)))
