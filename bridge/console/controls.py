"""The buttons in the left panel's tabs: how cameras and walls are set, takes, stage check, services, timecode.

They report presses and show what may be pressed now; what a press means is decided in `console.page`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import viser

from bridge.console import checked, gallery, takes, worlds
from bridge.console.markup import by_number
from bridge.console.view import View
from bridge.operating import EXPOSURE_EV

Press = Callable[[str, str], None]
"""Called with the button's name and the text that goes with it, on a thread of the page's server."""

GREY, RED, BLUE = (52, 60, 70), (178, 48, 48), (40, 92, 140)
NO_TAKE, NO_SOURCE = "no take yet", "no source"


class CameraControls:
    """Freeze, frustum, zero, delay of one camera, and the scene on all walls."""

    def __init__(self, server: viser.ViserServer, cameras: Sequence[str], press: Press) -> None:
        gui, self._press = server.gui, press
        self._camera = gui.add_dropdown("Camera", list(cameras))
        self.said = gui.add_html("")
        self._freeze = self._switch(server, "freeze", BLUE)
        self._frustum = self._switch(server, "frustum", GREY)
        self._zero = self._switch(server, "zero", GREY)
        self._smoothing = self._switch(server, "smoothing", GREY)
        delay = gui.add_number("Delay, frames", 0.0, min=0.0, max=100.0, step=0.5)
        gui.add_button("Set delay", color=GREY).on_click(
            lambda _: press("delay", f"{self._camera.value}:{delay.value}")
        )
        with gui.add_folder("All walls"):
            exposure = gui.add_number("Exposure, EV", 0.0, min=-EXPOSURE_EV, max=EXPOSURE_EV, step=0.1)
            gui.add_button("Set exposure", color=GREY).on_click(lambda _: press("exposure", str(exposure.value)))
            hour = gui.add_number("Hour", 12.0, min=0.0, max=24.0, step=0.25)
            gui.add_button("Set time of day", color=GREY).on_click(lambda _: press("hour", str(hour.value)))
            gui.add_button("The world's own hour", color=GREY).on_click(lambda _: press("own hour", ""))
            place = gui.add_text("World", "")
            gui.add_button("Load this world", color=GREY).on_click(lambda _: press("environment", place.value))

    @property
    def camera(self) -> str:
        """The chosen one."""
        return str(self._camera.value)

    def show(self, view: View) -> None:
        """Each switch says what it would do."""
        seen = view.settings.get(self.camera)
        said = seen.said if seen else None
        relabel(self._freeze, "Follow again" if said and said.frozen else "Freeze")
        relabel(self._frustum, "Switch frustum off" if said is None or said.frustum else "Switch frustum on")
        relabel(self._zero, "Back to the stage file's origin" if said and said.zeroed else "Zero tracking here")
        relabel(self._smoothing, "Smoothing off" if said and said.smoothing else "Smoothing on")

    def _switch(self, server: viser.ViserServer, name: str, color: tuple[int, int, int]) -> Any:
        button = server.gui.add_button(name, color=color)
        button.on_click(lambda _: self._press(name, self.camera))
        return button


class TakeControls:
    """Which take, and what to do with it."""

    def __init__(self, server: viser.ViserServer, press: Press) -> None:
        gui = server.gui
        self._take = gui.add_dropdown("Take", [NO_TAKE])
        self._replay = gui.add_button("Replay on this stage", color=BLUE)
        self._stop = gui.add_button("Stop replay", color=RED, visible=False)
        look, again = gui.add_button("Check this take", color=GREY), gui.add_button("Read the folder again", color=GREY)
        self._replay.on_click(lambda _: press(takes.REPLAY, str(self._take.value)))
        self._stop.on_click(lambda _: press("cancel", takes.REPLAY))
        look.on_click(lambda _: press(takes.LOOK, str(self._take.value)))
        again.on_click(lambda _: press(takes.LIST, ""))

    def show(self, view: View) -> None:
        """The takes of the list; the buttons that mean something now."""
        choose(self._take, takes.names(view) or (NO_TAKE,))
        _swap(self._replay, self._stop, takes.REPLAY, view)


class WorldControls:
    """The library's environments: searched, looked at, dragged onto the stage or loaded by a press."""

    def __init__(self, server: viser.ViserServer, press: Press) -> None:
        gui = server.gui
        self.on_walls, self.said = gui.add_html(""), gui.add_html("")
        self._search = gui.add_text("Search", "")
        gui.add_button("Read the library again", color=GREY).on_click(lambda _: press(worlds.LIST, ""))
        own = gui.add_button("Back to the stage's own world", color=GREY)
        own.on_click(lambda _: press("environment", ""))
        self._gallery = gui.add_html("")
        asked = gui.add_text("Load", "")  # straight after the gallery, which finds it there
        asked.on_update(lambda _: press("environment", gallery.asked_for(asked.value)))
        self._marks = gui.add_html("")

    @property
    def searched(self) -> str:
        """The words in the box."""
        return str(self._search.value)

    def show(self, view: View) -> None:
        """Only what changed is sent."""
        rows = worlds.found(view, self.searched)[: worlds.SHOWN]
        reword(self._gallery, gallery.gallery(rows))
        reword(self._marks, gallery.marks(worlds.shown(view), worlds.loading(view)))


class CheckControls:
    """Start and cancel the stage check."""

    def __init__(self, server: viser.ViserServer, press: Press) -> None:
        self._start = server.gui.add_button("Check this stage", color=BLUE)
        self._cancel = server.gui.add_button("Cancel the check", color=RED, visible=False)
        self._start.on_click(lambda _: press(checked.CHECK, ""))
        self._cancel.on_click(lambda _: press("cancel", checked.CHECK))

    def show(self, view: View) -> None:
        """The one that means something now."""
        _swap(self._start, self._cancel, checked.CHECK, view)


class ServiceControls:
    """One restart button per service, and a second press to confirm."""

    def __init__(self, server: viser.ViserServer, services: Sequence[str], press: Press) -> None:
        self._group = server.gui.add_button_group("Restart", list(services))
        self.asked = server.gui.add_html("")
        self._yes = server.gui.add_button("Yes, restart", color=RED, visible=False)
        self._no = server.gui.add_button("Leave it running", color=GREY, visible=False)
        self._group.on_click(lambda _: press("restart", str(self._group.value)))
        self._yes.on_click(lambda _: press("restart yes", self._service))
        self._no.on_click(lambda _: press("restart no", ""))
        self._service = ""

    def show(self, view: View, now_ns: int) -> None:
        """Every service the supervisor speaks of, and the question while it stands."""
        known = tuple(sorted((name for name, seen in view.services.items() if seen.state), key=by_number))
        if known and known != tuple(self._group.options):
            self._group.options = known
        asked = view.confirm if view.confirm and now_ns <= view.confirm.until_ns else None
        self._service = asked.service if asked else ""
        if asked:
            relabel(self._yes, f"Yes, restart {asked.service}")
        set_visible(self._yes, asked is not None)
        set_visible(self._no, asked is not None)


class JamControls:
    """Take a source's label over and run on by our own clock, or follow it again."""

    def __init__(self, server: viser.ViserServer, press: Press) -> None:
        self._source = server.gui.add_dropdown("Source", [NO_SOURCE], visible=False)
        self._jam = server.gui.add_button("Jam: run on from its label", color=GREY, visible=False)
        self._jam.on_click(lambda _: press("jam", str(self._source.value)))
        self._follow = server.gui.add_button("Follow it again", color=GREY, visible=False)
        self._follow.on_click(lambda _: press("follow", str(self._source.value)))

    def show(self, view: View) -> None:
        """Only where there is a source."""
        choose(self._source, tuple(sorted(view.timecodes)) or (NO_SOURCE,))
        for part in (self._source, self._jam, self._follow):
            set_visible(part, bool(view.timecodes))


def choose(dropdown: Any, options: tuple[str, ...]) -> None:
    """New options, if they are; the value stays where it can."""
    if tuple(dropdown.options) != options:
        dropdown.options = options


def relabel(button: Any, label: str) -> None:
    """Only what changed is sent."""
    if button.label != label:
        button.label = label


def reword(html: Any, content: str) -> None:
    """Only what changed is sent."""
    if html.content != content:
        html.content = content


def set_visible(element: Any, visible: bool) -> None:
    """Only what changed is sent."""
    if element.visible != visible:
        element.visible = visible


def _swap(start: Any, stop: Any, job: str, view: View) -> None:
    seen = view.jobs.get(job)
    runs = seen is not None and seen.state == "running"
    set_visible(start, not runs)
    set_visible(stop, runs)
