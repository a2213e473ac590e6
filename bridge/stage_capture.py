"""The [capture] table of a stage file: which cameras see the performers, who they are, and who hears of them."""

from typing import Annotated, Literal

from msgspec import Meta

from bridge.stage_walls import Name, Part, Port, Rate

PerformerName = Annotated[str, Meta(min_length=1, max_length=18, pattern=r"^[A-Za-z0-9_.-]+$")]
"""A pseudonym of the consent ledger; the engine's wire holds 23 bytes, and `_face` comes behind it."""


class CaptureSource(Part, frozen=True, kw_only=True):
    """One camera that films performers."""

    name: Name
    source: str
    """A device's number or name, rtsp://, srt:// or http://, a video file or a folder of pictures, or `synthetic`."""
    face: bool = False
    """It is near enough to a face to read its shapes."""
    rate_hz: Rate | None = None
    """Asked of a device; absent leaves what it does."""


class PeopleTarget(Part, frozen=True, kw_only=True):
    """Who hears of performers without the plugin, over UDP."""

    protocol: Literal["vmc", "live_link_face"]
    host: str = "127.0.0.1"
    port: Port | None = None
    """Absent: the protocol's own, 39539 for VMC, 11111 for Live Link Face."""
    performer: str = ""
    """Which one; empty is the first."""


class Capture(Part, frozen=True, kw_only=True):
    """Performance capture (docs/capture.md). Without this table nobody is filmed."""

    cameras: Annotated[tuple[CaptureSource, ...], Meta(min_length=1, max_length=8)]
    rig: str | None = None
    """What `cyc calibrate rig` wrote, relative to the stage file; absent: one camera, depth is a guess."""
    performers: Annotated[tuple[PerformerName, ...], Meta(min_length=1, max_length=2)] = ("demo",)
    """Pseudonyms of the consent ledger; `demo` is the synthetic performer alone."""
    pose_model: Literal["lite", "full", "heavy", "auto"] = "full"
    """`auto`: the best of those installed that there is time for, never changed while a take runs."""
    hands: bool = True
    face: str | None = None
    """The first performer's neutral and gain, which `cyc capture neutral` wrote; relative to the stage file."""
    targets: tuple[PeopleTarget, ...] = ()
