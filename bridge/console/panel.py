"""The page's panels: right, what one does in a take (take, marks, alarms); left, in tabs, how everything else is.

They only draw texts and report presses; what a press means is decided in `console.page`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import viser
from numpy.typing import NDArray

from bridge.console import budget, calibration, checked, people, running, streams, sync, takes, worlds
from bridge.console import text as console_text
from bridge.console.budget import Declared
from bridge.console.calibration import Rig
from bridge.console.controls import (
    GREY,
    RED,
    CameraControls,
    CheckControls,
    JamControls,
    Press,
    ServiceControls,
    TakeControls,
    WorldControls,
    set_visible,
)
from bridge.console.faults import attention, worst_first
from bridge.console.people_controls import OverlayControls, PeopleControls
from bridge.console.style import STYLE
from bridge.console.view import View
from bridge.console.words import SILENT_NS
from bridge.stage import Calibration

RIGHT_PX, LEFT_PX = 520, 640
GROUP_MOST = 4
"""More cameras than this are chosen from a list instead of by a button each."""


class Names(NamedTuple):
    """What the stage file says."""

    stage: str
    cameras: Sequence[str]
    services: Sequence[str]
    declared: Mapping[str, Declared] = {}
    rigs: Mapping[str, Rig] = {}
    calibrations: Sequence[Calibration] = ()
    capture: Sequence[str] = ()
    """Its cameras."""


class Panel:
    """Built once; `show` sends what has changed."""

    def __init__(self, server: viser.ViserServer, names: Names, press: Press) -> None:
        self._names = names
        self._shown: dict[str, str] = {}
        self._html: dict[str, Any] = {}
        self._beat = 0
        server.gui.configure_theme(dark_mode=True, show_logo=False, show_share_button=False, brand_color=(86, 156, 214))
        self._right(server, press)
        self._left(server, press)

    def show(self, state: View, now_ns: int, utc_ns: int) -> None:
        """Send the texts that differ from what the page shows already."""
        self._beat += 1
        for name, text in self._texts(state, now_ns, utc_ns).items():
            if self._shown.get(name) != text:
                self._shown[name] = self._html[name].content = text
        recording = state.take is not None and state.take.recording
        set_visible(self._start, not recording)
        set_visible(self._stop, recording)
        set_visible(self._clear, bool(state.alarms))
        for part in (self._camera, self._takes, self._check, self._jam, self._worlds):
            part.show(state)
        self._services.show(state, now_ns)
        self._people.show(state, now_ns)
        self._overlays.show(state)

    def show_picture(self, subject: str, picture: NDArray[np.uint8]) -> None:
        """What a capture camera sees, where it was asked for."""
        self._overlays.show_picture(subject, picture)

    def _texts(self, state: View, now_ns: int, utc_ns: int) -> dict[str, str]:
        names = self._names
        old = calibration.attention(state, names.rigs, names.calibrations, utc_ns)
        wrong = worst_first([*attention(state, now_ns), *people.attention(state, now_ns), *old])
        return {
            "heading": console_text.heading(state, names.stage, self._beat, now_ns - SILENT_NS),
            "verdict": console_text.verdict(state, wrong, now_ns),
            "take": console_text.take(state, now_ns),
            "answer": console_text.answer(state),
            "alarms": console_text.alarms(state, now_ns, wrong),
            "cameras": streams.cameras(state, now_ns),
            "slowest": budget.bars(state, names.declared, now_ns, most=1),
            "bars": budget.bars(state, names.declared, now_ns),
            "hops": running.hops(state, now_ns),
            "settings": streams.settings(state, self._camera.camera, now_ns),
            "performers": people.performers(state, now_ns),
            "capture cameras": people.cameras(state, now_ns),
            "faces": people.faces(state, now_ns),
            "suspending": people.suspending(state, now_ns),
            "timecodes": sync.timecodes(state, now_ns),
            "hosts": sync.hosts(state, now_ns),
            "calibration": calibration.health(state, names.rigs, names.calibrations, now_ns, utc_ns),
            "on walls": worlds.on_walls(state, now_ns),
            "worlds": worlds.summary(state, self._worlds.searched),
            "takes": takes.listed(state),
            "looked": takes.looked(state, now_ns),
            "check": checked.verdicts(state, now_ns),
            "summary": running.summary(state, now_ns),
            "services": running.services(state, now_ns),
            "confirm": running.confirming(state, now_ns),
            "around": running.around(state, now_ns),
        }

    def _right(self, server: viser.ViserServer, press: Press) -> None:
        gui = server.gui
        gui.main_panel.dock_right()
        gui.main_panel.set_width(RIGHT_PX)
        gui.add_html(STYLE)
        self._add(server, "heading", "verdict", "take")
        slate = gui.add_text("Slate", "")
        self._start = gui.add_button("Start take", color=RED)
        self._stop = gui.add_button("Stop take", visible=False, color=RED)
        mark = gui.add_button("Mark this moment", color=GREY)
        self._add(server, "answer", "alarms")
        self._clear = gui.add_button("Put alarms away", visible=False, color=(38, 44, 51))
        self._start.on_click(lambda _: press("start", slate.value))
        self._stop.on_click(lambda _: press("stop", ""))
        mark.on_click(lambda _: press("mark", slate.value))
        self._clear.on_click(lambda _: press("clear", ""))
        self._look_through(server, press)

    def _look_through(self, server: viser.ViserServer, press: Press) -> None:
        places = ["the room", *self._names.cameras]
        if len(places) <= GROUP_MOST:
            through = server.gui.add_button_group("Look through", places)
            through.on_click(lambda event: press("look", f"{event.client_id}:{through.value}"))
        else:
            chosen = server.gui.add_dropdown("Look through", places)
            chosen.on_update(lambda event: press("look", f"{event.client_id}:{chosen.value}"))

    def _left(self, server: viser.ViserServer, press: Press) -> None:
        panel, names = server.gui.add_panel(), self._names
        with panel.add_tab("Stage"):
            self._add(server, "cameras", "slowest", "summary")
        with panel.add_tab("Latency"):
            self._add(server, "bars", "hops")
        with panel.add_tab("Camera"):
            self._camera = CameraControls(server, names.cameras, press)
            self._html["settings"] = self._camera.said
        with panel.add_tab("Performers"):
            self._add(server, "performers", "capture cameras")
            self._overlays = OverlayControls(server, names.capture, press)
            self._add(server, "faces")
            self._people = PeopleControls(server, press)
            self._html["suspending"] = self._people.asked
        with panel.add_tab("Worlds"):
            self._worlds = WorldControls(server, press)
            self._html |= {"on walls": self._worlds.on_walls, "worlds": self._worlds.said}
        with panel.add_tab("Sync"):
            self._add(server, "timecodes")
            self._jam = JamControls(server, press)
            self._add(server, "hosts")
        with panel.add_tab("Calibration"):
            self._add(server, "calibration")
        with panel.add_tab("Takes"):
            self._add(server, "takes")
            self._takes = TakeControls(server, press)
            self._add(server, "looked")
        with panel.add_tab("Check"):
            self._check = CheckControls(server, press)
            self._add(server, "check")
        with panel.add_tab("Services"):
            self._add(server, "services")
            self._services = ServiceControls(server, names.services, press)
            self._html["confirm"] = self._services.asked
            self._add(server, "around")
        panel.dock_left()
        panel.set_width(LEFT_PX)

    def _add(self, server: viser.ViserServer, *names: str) -> None:
        self._html |= {name: server.gui.add_html("") for name in names}
