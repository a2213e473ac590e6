"""What one service is asked to do: sent to it alone, answered with `Acknowledged`; in the union of `messages`."""

from bridge.envelope import Message


class StartTake(Message, frozen=True, kw_only=True, omit_defaults=True):
    """To the recorder."""

    slate: str = ""
    take: str = ""
    """Name of the take; empty asks the recorder to number it."""


class StopTake(Message, frozen=True, kw_only=True):
    """To the recorder."""


class RestartService(Message, frozen=True, kw_only=True):
    """To the supervisor; `subject` is the service."""


class SetSmoothing(Message, frozen=True, kw_only=True):
    """To the spine; `subject` is the camera."""

    on: bool


class SetFrustum(Message, frozen=True, kw_only=True):
    """To the spine; `subject` is the camera: draw its inner frustum, or leave the wall to the outer content."""

    on: bool


class Freeze(Message, frozen=True, kw_only=True):
    """To the spine; `subject` is the camera: keep telling the engine the pose of this moment, or follow again.

    Takes go on recording the measured pose.
    """

    on: bool


class SetDelay(Message, frozen=True, kw_only=True):
    """To the spine; `subject` is the camera: hold its poses back by so many camera frames until told otherwise."""

    delay_frames: float


class ZeroTracking(Message, frozen=True, kw_only=True):
    """To the spine; `subject` is the camera: call where the tracked point is now the tracker's origin, level and
    looking forward as now; off goes back to the stage file's origin."""

    on: bool


class SetExposure(Message, frozen=True, kw_only=True):
    """To the spine: what the walls show is brighter by so many stops than the stage file says."""

    exposure_ev: float


class SetTimeOfDay(Message, frozen=True, kw_only=True):
    """To the spine: the hour, 0 to 24, whose light the environment should have."""

    hour_unit: float | None
    """None: the environment's own."""


class LoadEnvironment(Message, frozen=True, kw_only=True):
    """To the spine: the environment that engine and walls should show; empty is the stage file's own."""

    environment: str


class JamTimecode(Message, frozen=True, kw_only=True, omit_defaults=True):
    """To the timecode service; `subject` is the source to take over: run on from its label by our own clock, or
    follow it again."""

    on: bool = True


class ShowOverlay(Message, frozen=True, kw_only=True, omit_defaults=True):
    """To the capture service; `subject` is the capture camera: show what it films, with what was seen in it drawn over
    it, for ten minutes or until told otherwise. Pictures of people are shown to nobody who did not ask."""

    on: bool = True


class Acknowledged(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to a command."""

    ok: bool
    text: str = ""
