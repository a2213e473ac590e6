"""The Performers tab's hands: suspend somebody, and see what a camera sees, only where it was asked for."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import viser
from numpy.typing import NDArray

from bridge.console.controls import GREY, RED, Press, choose, relabel, set_visible
from bridge.console.people import OVERLAY
from bridge.console.view import View

NOBODY = "nobody yet"
_DARK = np.full((9, 16, 3), 26, np.uint8)


class PeopleControls:
    """Whom to suspend, with a second press to confirm. There is no button that grants."""

    def __init__(self, server: viser.ViserServer, press: Press) -> None:
        gui = server.gui
        self._who = gui.add_dropdown("Performer", [NOBODY])
        self._why = gui.add_text("Reason", "")
        self._suspend = gui.add_button("Suspend", color=RED)
        self.asked = gui.add_html("")
        self._yes = gui.add_button("Yes, suspend", color=RED, visible=False)
        self._no = gui.add_button("Leave it as it is", color=GREY, visible=False)
        self._suspend.on_click(lambda _: press("suspend", str(self._who.value)))
        self._yes.on_click(lambda _: press("suspend yes", f"{self._name}:{self._why.value}"))
        self._no.on_click(lambda _: press("suspend no", ""))
        self._name = ""

    def show(self, view: View, now_ns: int) -> None:
        """Everybody who is heard of, and the question while it stands."""
        choose(self._who, tuple(sorted(view.performers)) or (NOBODY,))
        asked = view.suspending if view.suspending and now_ns <= view.suspending.until_ns else None
        self._name = asked.service if asked else ""
        if asked:
            relabel(self._yes, f"Yes, suspend {asked.service}")
        set_visible(self._suspend, bool(view.performers))
        set_visible(self._yes, asked is not None)
        set_visible(self._no, asked is not None)


class OverlayControls:
    """A box to tick per capture camera, and its picture while the capture service says that it is shown."""

    def __init__(self, server: viser.ViserServer, cameras: Sequence[str], press: Press) -> None:
        self._boxes: dict[str, Any] = {}
        self._pictures: dict[str, Any] = {}
        self._told: dict[str, bool] = {}
        for camera in cameras:
            box = self._boxes[camera] = server.gui.add_checkbox(f"Show what {camera} sees", False)
            self._pictures[camera] = server.gui.add_image(_DARK, format="jpeg", jpeg_quality=70, visible=False)
            box.on_update(self._pressed(camera, press))

    def show(self, view: View) -> None:
        """A box is ticked where the service shows it, whoever asked; without that no picture stays."""
        for camera, box in self._boxes.items():
            said = view.capture.get(camera)
            on = said is not None and said.overlay
            if self._told.get(camera, False) != on:
                self._told[camera] = on
                if box.value != on:
                    box.value = on
                if not on:
                    self._pictures[camera].image = _DARK
            set_visible(self._pictures[camera], on)

    def show_picture(self, subject: str, picture: NDArray[np.uint8]) -> None:
        """`overlay.CAMERA`, [H, W, 3]."""
        camera = subject.removeprefix(OVERLAY)
        if self._told.get(camera, False) and camera in self._pictures:
            self._pictures[camera].image = picture[..., :3]

    def _pressed(self, camera: str, press: Press) -> Any:
        def update(_: Any) -> None:
            wanted = bool(self._boxes[camera].value)
            if wanted != self._told.get(camera, False):
                press("overlay", f"{camera}:{'on' if wanted else 'off'}")

        return update
