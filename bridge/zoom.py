"""Where the zoom will be when the wall lights up: followed and foretold as the camera's own motion is."""

from bridge.clock import NS_PER_S
from bridge.course import GAP_S, MEMORY_S, Course, ahead, follow, forget, lesson_samples
from bridge.prediction import Prediction

_REST_S = 1.0
_LONG_AGO = 1_000_000


class Zoom:
    """One ring, in counts, or one focal length, as a logarithm; `step` changes it in place, for speed."""

    __slots__ = ("course", "lesson_samples", "moved_ns", "samples", "t_ns", "value")

    def __init__(self, settings: Prediction, t_ns: int, value: float) -> None:
        self.course = Course(max(1, round(settings.horizon_s / settings.period_s)))
        self.t_ns = self.moved_ns = t_ns
        self.value = value
        self.samples = 0
        self.lesson_samples = lesson_samples(settings.period_s)


def step(settings: Prediction, state: Zoom | None, t_ns: int, value: float) -> Zoom:
    """The next reading. A ring at rest costs nothing."""
    if state is None:
        return Zoom(settings, t_ns, value)
    moved, dt_s = value - state.value, (t_ns - state.t_ns) / NS_PER_S
    if dt_s <= 0.0:
        return state
    if dt_s > max(GAP_S, 3.5 * settings.period_s):
        forget(state.course)
    elif moved or t_ns - state.moved_ns < _REST_S * NS_PER_S:
        state.samples += 1
        keep = 1.0 - settings.period_s * state.lesson_samples / MEMORY_S
        follow(state.course, (moved, 0.0, 0.0), dt_s, None if state.samples % state.lesson_samples else keep)
    elif state.course.past:
        forget(state.course)
        state.course.steps = _LONG_AGO  # it starts from rest: one count of jitter is no zoom
    state.t_ns, state.value = t_ns, value
    state.moved_ns = t_ns if moved else state.moved_ns
    return state


def predict(state: Zoom, t_ns: int) -> float:
    """How much further it will have moved by then."""
    return ahead(state.course, (t_ns - state.t_ns) / NS_PER_S)[0]
