"""Monitors and windows of this computer: GLFW opens them, OpenGL 3.3 puts pixels on them. Nobody else knows either.

Pixels go to the screen as they are: no filter where they are shown 1:1, no colour management, no sRGB conversion.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import glfw as _glfw
import moderngl
import numpy as np
from numpy.typing import NDArray

from bridge.display.place import Rect

glfw: Any = _glfw
glfw.ERROR_REPORTING = "ignore"  # what matters is asked for with `get_error`

_VERTEX = """#version 330
out vec2 at;
void main() {
  vec2 corner = vec2((gl_VertexID & 1) * 2.0, float(gl_VertexID & 2));
  at = vec2(corner.x, 1.0 - corner.y);  // row 0 is at the top
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}
"""
_FRAGMENT = """#version 330
uniform sampler2D picture;
in vec2 at;
out vec4 colour;
void main() { colour = texture(picture, at); }
"""
_SOFTWARE = ("llvmpipe", "softpipe", "SwiftShader")


class NoScreen(RuntimeError):
    """There is no screen to show anything on; the text says why and what would help."""


class Monitor(NamedTuple):
    """A screen of this computer."""

    number: int
    """What an output's `display` names; 0 is the main one."""
    name: str
    position_px: tuple[int, int]
    size_px: tuple[int, int]
    refresh_hz: float
    """0 where it does not say."""


def monitors() -> list[Monitor]:
    """All of them, the main one first. NoScreen where there is none."""
    _begin()
    found: list[Monitor] = []
    for index, handle in enumerate(glfw.get_monitors()):
        mode, name = glfw.get_video_mode(handle), glfw.get_monitor_name(handle)
        text = name.decode(errors="replace") if isinstance(name, bytes) else str(name)
        size = (int(mode.size.width), int(mode.size.height))
        found.append(Monitor(index, text, tuple(glfw.get_monitor_pos(handle)), size, float(mode.refresh_rate)))
    if not found:
        raise NoScreen("no screen here: the window system knows no monitor; connect one")
    return found


def end() -> None:
    """Let go of the window system."""
    glfw.terminate()


def _begin() -> None:
    if not glfw.init():
        code_and_text = glfw.get_error()
        text = code_and_text[1].decode(errors="replace") if code_and_text[1] else "no window system"
        if "display" in text.lower() or code_and_text[0] == glfw.PLATFORM_UNAVAILABLE:
            raise NoScreen(
                f"no screen here: DISPLAY is not set, or nothing answers there ({text.strip()}); "
                "run this in a desktop session, or set DISPLAY"
            )
        raise NoScreen(f"no screen here: {text.strip()}")


class Window:
    """One window, full screen on a monitor or of some size; its pictures, its status line, its keys."""

    def __init__(self, title: str, monitor: Monitor, windowed: Rect | None) -> None:
        _begin()
        self._monitor, self._windowed = monitor, windowed or (40, 40, *_half(monitor.size_px))
        self.keys: list[str] = []
        self.full = windowed is None
        self._handle = self._open(title)
        glfw.make_context_current(self._handle)
        glfw.swap_interval(1)
        self._listener = self._on_key()
        glfw.set_key_callback(self._handle, self._listener)
        self._context: Any = moderngl.create_context()
        self._program: Any = self._context.program(vertex_shader=_VERTEX, fragment_shader=_FRAGMENT)
        self._triangle: Any = self._context.vertex_array(self._program, [])
        self._picture: Any = self._texture(np.zeros((1, 1, 4), np.uint8))
        self._status: Any = None

    @property
    def size_px(self) -> tuple[int, int]:
        """What can be drawn on, in real pixels."""
        width, height = glfw.get_framebuffer_size(self._handle)
        return max(1, width), max(1, height)

    @property
    def renderer(self) -> str:
        """Who draws: a graphics card, or `llvmpipe` in software."""
        return str(self._context.info["GL_RENDERER"])

    @property
    def closing(self) -> bool:
        """Whether somebody closed it."""
        return bool(glfw.window_should_close(self._handle))

    def load(self, picture: NDArray[np.uint8], *, smooth: bool) -> None:
        """The picture [H, W, 4] to show from now on; `smooth` filters where it is not shown 1:1, if a card does."""
        if self._picture.size != picture.shape[1::-1]:
            self._picture.release()
            self._picture = self._texture(picture)
        else:
            self._picture.write(np.ascontiguousarray(picture))
        software = any(name in self.renderer for name in _SOFTWARE)  # there a filter costs a refresh
        kind = moderngl.LINEAR if smooth and not software else moderngl.NEAREST
        self._picture.filter = (kind, kind)

    def load_part(self, part: NDArray[np.uint8], top: int) -> None:
        """Some rows [h, W, 4] of it anew."""
        height, width = part.shape[:2]
        self._picture.write(np.ascontiguousarray(part), viewport=(0, top, width, height))

    def load_status(self, pixels: NDArray[np.uint8] | None) -> None:
        """The status line [H, W, 4] over the bottom left corner, or none."""
        if self._status is not None:
            self._status.release()
        self._status = None if pixels is None else self._texture(pixels)

    def draw(self, rect: Rect, white: float | None) -> None:
        """Picture and status into the back buffer, completely; `white` (0..1 as the screen takes it) covers both."""
        level = white or 0.0
        self._context.viewport = (0, 0, *self.size_px)
        self._context.clear(level, level, level, 1.0)
        if white is None:
            self._lay(self._picture, rect)
        if white is None and self._status is not None:
            wide, high = self._status.size
            self._lay(self._status, (0, self.size_px[1] - high, wide, high))
        self._context.finish()

    def swap(self) -> None:
        """To the screen; returns when the driver says it is done, which is at a refresh where the screen has one."""
        glfw.swap_buffers(self._handle)
        self._context.finish()

    def listen(self) -> list[str]:
        """Keys pressed since the last time, in small letters: `esc`, `q`, `f`, `s`."""
        glfw.poll_events()
        pressed, self.keys = self.keys, []
        return pressed

    def toggle_full(self) -> None:
        """Between full screen and a window."""
        self.full = not self.full
        mode = self._monitor
        if self.full:
            args = (*(0, 0), *mode.size_px, round(mode.refresh_hz) or glfw.DONT_CARE)
            glfw.set_window_monitor(self._handle, glfw.get_monitors()[mode.number], *args)
        else:
            left, top = mode.position_px
            x, y, width, height = self._windowed
            glfw.set_window_monitor(self._handle, None, left + x, top + y, width, height, glfw.DONT_CARE)
        self._cursor()
        glfw.swap_interval(1)

    def close(self) -> None:
        """Take it off the screen."""
        glfw.destroy_window(self._handle)
        end()

    def _open(self, title: str) -> Any:
        """Full screen at the monitor's own mode, which GLFW does without a border and without switching modes."""
        hints = ((glfw.CONTEXT_VERSION_MAJOR, 3), (glfw.CONTEXT_VERSION_MINOR, 3))
        for hint, value in (*hints, (glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE), (glfw.AUTO_ICONIFY, 0)):
            glfw.window_hint(hint, value)
        if self.full:
            handle = glfw.get_monitors()[self._monitor.number]
            mode = glfw.get_video_mode(handle)
            bits = zip((glfw.RED_BITS, glfw.GREEN_BITS, glfw.BLUE_BITS), mode.bits, strict=True)
            for hint, value in (*bits, (glfw.REFRESH_RATE, mode.refresh_rate or glfw.DONT_CARE)):
                glfw.window_hint(hint, value)
            made = glfw.create_window(*self._monitor.size_px, title, handle, None)
        else:
            hints = ((glfw.POSITION_X, self._monitor.position_px[0] + self._windowed[0]),)
            for hint, value in (*hints, (glfw.POSITION_Y, self._monitor.position_px[1] + self._windowed[1])):
                glfw.window_hint(hint, value)
            made = glfw.create_window(*self._windowed[2:], title, None, None)
        if not made:
            reason = (glfw.get_error()[1] or b"").decode(errors="replace")
            end()
            raise NoScreen(f"no window can be opened on {self._monitor.name}: {reason}; it needs OpenGL 3.3")
        self._handle = made
        self._cursor()
        return made

    def _cursor(self) -> None:
        glfw.set_input_mode(self._handle, glfw.CURSOR, glfw.CURSOR_HIDDEN if self.full else glfw.CURSOR_NORMAL)

    def _on_key(self) -> Callable[..., None]:
        names = {glfw.KEY_ESCAPE: "esc", glfw.KEY_Q: "q", glfw.KEY_F: "f", glfw.KEY_S: "s"}

        def pressed(_window: object, key: int, _code: int, action: int, _mods: int) -> None:
            if action == glfw.PRESS and key in names:
                self.keys.append(names[key])

        return pressed

    def _texture(self, pixels: NDArray[np.uint8]) -> Any:
        made: Any = self._context.texture(pixels.shape[1::-1], 4, np.ascontiguousarray(pixels).tobytes())
        made.filter = (moderngl.NEAREST, moderngl.NEAREST)
        made.repeat_x = made.repeat_y = False
        return made

    def _lay(self, texture: Any, rect: Rect) -> None:
        """OpenGL counts rows from the bottom; what leaves the screen is cut off."""
        left, top, width, height = rect
        self._context.viewport = (left, self.size_px[1] - top - height, width, height)
        texture.use(0)
        self._triangle.render(moderngl.TRIANGLES, vertices=3)


def _half(size_px: tuple[int, int]) -> tuple[int, int]:
    return size_px[0] // 2, size_px[1] // 2
