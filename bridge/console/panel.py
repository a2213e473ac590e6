"""The page's panels: right, what one does (take, marks, alarms); left, how all is (cameras, latency, services).

They only draw texts and report presses; what a press means is decided in `console.page`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import viser

from bridge.console import text as console_text
from bridge.console.style import STYLE
from bridge.console.view import View

Press = Callable[[str, str], None]
"""Called with the button's name and the text that goes with it, on a thread of the page's server."""

RIGHT_PX, LEFT_PX = 520, 560


class Panel:
    """Built once; `show` sends what has changed."""

    def __init__(self, server: viser.ViserServer, stage_name: str, cameras: Sequence[str], press: Press) -> None:
        self._stage_name = stage_name
        self._shown: dict[str, str] = {}
        self._beat = 0
        server.gui.configure_theme(dark_mode=True, show_logo=False, show_share_button=False, brand_color=(86, 156, 214))
        self._right(server, cameras, press)
        self._left(server)

    def show(self, state: View, now_ns: int) -> None:
        """Send the texts that differ from what the page shows already."""
        self._beat += 1
        texts = {
            "heading": console_text.heading(state, self._stage_name, self._beat),
            "take": console_text.take(state, now_ns),
            "answer": console_text.answer(state),
            "alarms": console_text.alarms(state, now_ns),
            "cameras": console_text.cameras(state, now_ns),
            "hops": console_text.hops(state, now_ns),
            "services": console_text.services(state, now_ns),
        }
        for name, text in texts.items():
            if self._shown.get(name) != text:
                self._shown[name] = self._html[name].content = text
        recording = state.take is not None and state.take.recording
        _set_visible(self._start, not recording)
        _set_visible(self._stop, recording)
        _set_visible(self._clear, bool(state.alarms))

    def _right(self, server: viser.ViserServer, cameras: Sequence[str], press: Press) -> None:
        gui = server.gui
        gui.main_panel.dock_right()
        gui.main_panel.set_width(RIGHT_PX)
        gui.add_html(STYLE)
        self._html = {name: gui.add_html("") for name in ("heading", "take")}
        slate = gui.add_text("Slate", "")
        self._start = gui.add_button("Start take", color=(178, 48, 48))
        self._stop = gui.add_button("Stop take", visible=False, color=(178, 48, 48))
        mark = gui.add_button("Mark this moment", color=(52, 60, 70))
        self._html |= {name: gui.add_html("") for name in ("answer", "alarms")}
        self._clear = gui.add_button("Put alarms away", visible=False, color=(38, 44, 51))
        through = gui.add_button_group("Look through", ["the room", *cameras])
        self._start.on_click(lambda _: press("start", slate.value))
        self._stop.on_click(lambda _: press("stop", ""))
        mark.on_click(lambda _: press("mark", slate.value))
        self._clear.on_click(lambda _: press("clear", ""))

        @through.on_click
        def _(event: Any) -> None:
            press("look", f"{event.client_id}:{through.value}")

    def _left(self, server: viser.ViserServer) -> None:
        panel = server.gui.add_panel()
        with panel.add_tab("Stage"):
            self._html |= {name: server.gui.add_html("") for name in ("cameras", "hops", "services")}
        panel.dock_left()
        panel.set_width(LEFT_PX)


def _set_visible(element: Any, visible: bool) -> None:
    if element.visible != visible:
        element.visible = visible
