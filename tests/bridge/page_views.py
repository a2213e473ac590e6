"""What tests of the page hear and show."""

import re
from html import unescape
from typing import Any

from bridge.clock import NS_PER_S
from bridge.console.view import View, start, view
from bridge.messages import CameraPose, LensState, Message

S = NS_PER_S
NOW = 100 * S
EVIL = "<img src=x onerror=alert(1)>"


def after(*messages: Message, cameras: tuple[str, ...] = ("camA",)) -> View:
    state = start(cameras, ("spine",))
    for message in messages:
        state = view(state, message)
    return state


def pose(name: str = "camA", t_ns: int = NOW, zoom: float = 100.0, **more: Any) -> CameraPose:
    place = more.pop("place", (0.0, 0.0, 1.5))
    fixed = {"sensor_mm": (24.0, 13.5), "t_arrival_ns": t_ns, "t_display_ns": t_ns, "measured_position_m": place}
    lens = LensState(focal_length_mm=20.0)
    return CameraPose(
        subject=name, t_ns=t_ns, sequence=t_ns, position_m=place, lens=lens, zoom_raw_unit=zoom, **(fixed | more)
    )


def shown(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())
