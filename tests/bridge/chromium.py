"""A headless Chromium driven over its debugging protocol: just enough to look at a page and press its buttons."""

import base64
import itertools
import json
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from websockets.sync.client import connect

WHERE = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)

FLAGS = [
    *("--headless", "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader"),
    *("--enable-unsafe-swiftshader", "--remote-debugging-port=0", "--remote-allow-origins=*"),
]


class Chromium:
    """One window. Use as a context manager: the process and its profile go with it."""

    def __init__(self, url: str, size: tuple[int, int] = (1920, 1080)) -> None:
        self._profile = tempfile.mkdtemp(prefix="cyc-chromium-")
        command = [
            WHERE or "chromium",
            *FLAGS,
            f"--user-data-dir={self._profile}",
            f"--window-size={size[0]},{size[1]}",
        ]
        self._process = subprocess.Popen([*command, "about:blank"], stderr=subprocess.PIPE, text=True)
        self._ids = itertools.count(1)
        self._dragged: Any = None
        self._socket = connect(self._page_address(), max_size=None)
        self.call("Page.enable")
        self.call("Page.navigate", url=url)

    def __enter__(self) -> "Chromium":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(timeout=20)
        assert self._process.stderr is not None
        self._process.stderr.close()
        shutil.rmtree(self._profile, ignore_errors=True)

    def call(self, method: str, **parameters: Any) -> Any:
        """One command of the protocol and its result."""
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while (answer := json.loads(self._socket.recv(timeout=60))).get("id") != number:
            if answer.get("method") == "Input.dragIntercepted":
                self._dragged = answer["params"]["data"]
        assert "error" not in answer, answer
        return answer["result"]

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def wait(self, expression: str, seconds: float = 60.0) -> Any:
        """The expression's value once it is truthy; the assertion that it becomes so."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if value := self.ask(expression):
                return value
            time.sleep(0.1)
        raise AssertionError(f"not within {seconds:g} s: {expression}; the page says {self.ask(TEXT)!r}")

    def text_has(self, words: str, seconds: float = 60.0) -> None:
        """Wait until the page shows these words."""
        self.wait(f"document.body && document.body.innerText.includes({json.dumps(words)})", seconds)

    def press(self, label: str) -> None:
        """Click the button with this label."""
        self.wait(f"[...document.querySelectorAll('button')].some(b => b.innerText.trim() === {json.dumps(label)})")
        self.ask(
            f"[...document.querySelectorAll('button')].find(b => b.innerText.trim() === {json.dumps(label)}).click()"
        )

    def click(self, words: str) -> None:
        """A real click of the mouse on the first thing that reads like this, for what is not a button."""
        x, y = self.middle(
            f"[...document.querySelectorAll('*')].find(e => !e.children.length && e.innerText?.trim() === "
            f"{json.dumps(words)} && e.getBoundingClientRect().width > 0)"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self._mouse(kind, x, y)

    def drag(self, what: str, onto: str) -> None:
        """Take one element up with the mouse, carry it to the middle of another and hold it there; JavaScript finds
        both. `drop` lets it go."""
        self.call("Input.setInterceptDrags", enabled=True)
        (x, y), (to_x, to_y) = self.middle(what), self.middle(onto)
        self._mouse("mousePressed", x, y)
        for step in range(1, 6):
            self._mouse("mouseMoved", x + (to_x - x) * step / 5, y + (to_y - y) * step / 5)
        self.ask("0")  # by its answer, what the mouse did has been told
        assert self._dragged, "nothing was taken up"
        for kind in ("dragEnter", "dragOver"):
            self.call("Input.dispatchDragEvent", type=kind, x=to_x, y=to_y, data=self._dragged)

    def drop(self, onto: str) -> None:
        """Let go of what is dragged over this."""
        x, y = self.middle(onto)
        self.call("Input.dispatchDragEvent", type="drop", x=x, y=y, data=self._dragged)
        self._mouse("mouseReleased", x, y)
        self._dragged = None

    def enter(self) -> None:
        """The key, pressed and let go."""
        enter = {"key": "Enter", "code": "Enter", "text": "\r", "windowsVirtualKeyCode": 13}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, **enter)

    def middle(self, find: str) -> tuple[float, float]:
        """Of the element that JavaScript finds, once it is there."""
        self.wait(f"!!{find}")
        x, y = self.ask(f"(r => [r.x + r.width / 2, r.y + r.height / 2])({find}.getBoundingClientRect())")
        return x, y

    def _mouse(self, kind: str, x: float, y: float) -> None:
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1, clickCount=1)

    def screenshot(self) -> bytes:
        """The window as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def _page_address(self) -> str:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            found = re.search(r"ws://127\.0\.0\.1:(\d+)/", line)
            if found:
                break
        else:
            raise AssertionError("Chromium did not start")
        browser = connect(line[line.index("ws://") :].strip())
        browser.send(json.dumps({"id": 1, "method": "Target.getTargets"}))
        while (answer := json.loads(browser.recv())).get("id") != 1:
            pass
        browser.close()
        page = next(t for t in answer["result"]["targetInfos"] if t["type"] == "page")
        return f"ws://127.0.0.1:{found[1]}/devtools/page/{page['targetId']}"


TEXT = "document.body ? document.body.innerText.slice(0, 600) : ''"


def save(png: bytes, path: Path) -> None:
    """Write a screenshot."""
    path.write_bytes(png)
