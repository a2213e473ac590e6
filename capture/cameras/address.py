"""What a camera is called: a device's number or name, a stream's address, a video, or a folder of pictures."""

import re
import urllib.parse
from pathlib import Path
from typing import Literal, NamedTuple

Kind = Literal["device", "stream", "video", "pictures"]
PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
STREAMS = ("rtsp", "rtsps", "rtmp", "udp", "tcp", "http", "https", "rtp")
_NOT_SRT = "OpenCV's FFmpeg has no SRT; beside it run: ffmpeg -i 'srt://…' -c copy -f mpegts udp://127.0.0.1:5004"

ENVIRONMENT = {
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
    "OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS": "0",
}
"""What OpenCV reads when it opens: quiet, and webcams that open at once on Windows. A door sets what is not yet set."""

_STREAM = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)


class CameraFault(ValueError):
    """A camera that cannot be used; the text says which, what was expected and what to do."""


class Address(NamedTuple):
    """One camera's source."""

    kind: Kind
    text: str
    shown: str
    """Without a password: for logs, the page and the bus."""

    @property
    def live(self) -> bool:
        """It waits for nobody, and may come back after a break."""
        return self.kind in ("device", "stream")


def address(text: str) -> Address:
    """`0`, `/dev/video2`, `Logitech BRIO`, `rtsp://…`, `take3/cam1.mp4` or a folder of pictures. CameraFault else."""
    text = text.strip()
    scheme = _STREAM.match(text)
    if scheme:
        if scheme.group(1).lower() == "srt":
            raise CameraFault(f"{without_password(text)}: {_NOT_SRT}, and name udp://127.0.0.1:5004")
        if scheme.group(1).lower() not in STREAMS:
            raise CameraFault(f"{without_password(text)}: expected a stream by one of {' '.join(STREAMS)}")
        return Address("stream", text, without_password(text))
    if text.isdecimal() or text.startswith("/dev/"):
        return Address("device", text, text)
    path = Path(text)
    if text and path.is_dir():
        return Address("pictures", text, text)
    if path.is_file():
        return Address("video", text, text)
    if path.suffix or "/" in text or "\\" in text or not text:
        raise CameraFault(f"{text or 'an empty name'}: expected a device, a stream's address, a video or a folder")
    return Address("device", text, text)


def without_password(text: str) -> str:
    """An address for all eyes: without its password, and without what follows the `?`, where keys are given too."""
    parts = _split(text)
    who, at, host = parts.netloc.rpartition("@")
    user = who.split(":")[0] + ":…" if ":" in who else who
    return urllib.parse.urlunsplit((parts.scheme, f"{user}{at}{host}", parts.path, "…" if parts.query else "", ""))


def _split(text: str) -> urllib.parse.SplitResult:
    try:
        return urllib.parse.urlsplit(text)
    except ValueError:  # `http://[::1`
        raise CameraFault("a stream's address has a [ or ] that is not of a host like [::1]") from None
