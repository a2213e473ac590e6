"""The echo: on change, at a bounded rate, all of it now and then; and nobody's last word once he is dead."""

from bridge.clock import NS_PER_MS, NS_PER_S, FakeClock
from bridge.control.addresses import Known, Prepared
from bridge.control.echo import REFRESH_NS, REFRESH_REST_NS, SILENT_NS, TABLE, Echo
from bridge.messages import (
    CameraPose,
    CameraSettings,
    DisplayState,
    LensState,
    Message,
    SceneSettings,
    ServiceHealth,
    ServiceState,
    StreamHealth,
    TakeState,
    TimecodeState,
    UnrealState,
)
from bridge.timecode import timecode_at
from bridge.wire import osc

KNOWN = Known(("camA", "camB"), ("spine", "recorder"), ("ltc",), ("out1",))


def pose(frame: int, camera: str = "camA", source: str = "tracker") -> CameraPose:
    return CameraPose(
        subject=camera, t_ns=frame, sequence=frame, position_m=(0.0, 0.0, 0.0), sensor_mm=(24.0, 13.5), t_arrival_ns=0,
        t_display_ns=0, measured_position_m=(0.0, 0.0, 0.0), lens=LensState(focal_length_mm=32.0),
        timecode=timecode_at(frame, 25), timecode_source=source,
    )  # fmt: skip


def take(recording: bool = True, **more: object) -> TakeState:
    return TakeState(subject="recorder", t_ns=0, recording=recording, take="a_T001", **more)


class Surface:
    """What it shows after all it has heard."""

    def __init__(self) -> None:
        self.echo, self.clock = Echo(KNOWN), FakeClock(NS_PER_S)
        self.shown: dict[str, object] = {}
        self.heard = 0

    def after(self, seconds: float, *messages: Message) -> dict[str, object]:
        """-> what was said now."""
        self.clock.advance(seconds)
        for message in messages:
            self.echo.heard.hear(message, self.clock())
        now = {said.address: said.values[0] for said in self.echo.due(self.clock())}
        self.shown |= now
        self.heard += len(now)
        return now


def test_a_change_is_said_once_and_at_once() -> None:
    surface = Surface()
    assert surface.after(0) == {"/cyc/slate": "", "/cyc/take/name": ""}
    begun = surface.after(0.3, take())
    assert begun == {
        "/cyc/take/recording": 1,
        "/cyc/take/state": "recording",
        "/cyc/take/current": "a_T001",
        "/cyc/take/missed": 0,
        "/cyc/take/fault": "",
    }
    assert surface.after(1, take(messages=500)) == {}
    ended = surface.after(0.001, take(False, fault="disk full"))
    assert ended == {"/cyc/take/recording": 0, "/cyc/take/state": "stopped", "/cyc/take/fault": "disk full"}
    surface.echo.heard.prepared = Prepared("B7", "")
    assert surface.after(1) == {"/cyc/slate": "B7"}


def test_what_flickers_is_said_at_its_rows_rate_and_ends_true() -> None:
    """Law: no more than rate * time + 1, and what is shown in the end is what is so."""
    surface = Surface()
    surface.after(0, take(False))
    count = surface.heard
    for number in range(1, 1001):
        surface.after(0.001, take(bool(number % 2)))
    recording_and_state = 2
    assert surface.heard - count <= recording_and_state * (20 + 1)
    surface.after(0.05)
    assert (surface.shown["/cyc/take/recording"], surface.shown["/cyc/take/state"]) == (0, "stopped")


def test_timecode_runs_at_ten_a_second_and_belongs_to_the_first_camera() -> None:
    surface = Surface()
    said = [surface.after(0.04, pose(n, "camB", "free-run")) for n in range(50)]
    assert 16 <= sum("/cyc/timecode" in now for now in said) <= 21
    assert surface.shown["/cyc/timecode/source"] == "free-run"
    surface.after(0.1, pose(90_000), pose(51, "camB", "free-run"))
    assert surface.shown["/cyc/timecode"] == "01:00:00:00"
    assert surface.shown["/cyc/timecode/source"] == "tracker"


def test_a_timecode_that_comes_no_more_is_not_shown_on() -> None:
    surface = Surface()
    surface.after(0.04, pose(25))
    assert surface.shown["/cyc/timecode"] == "00:00:01:00"
    surface.after(2.9)
    assert surface.shown["/cyc/timecode"] == "00:00:01:00"
    surface.after(0.2)
    assert surface.shown["/cyc/timecode"] == "silent"
    assert surface.echo.heard.timecode is None, "a mark gets none"
    surface.after(0.2, pose(250))
    assert surface.shown["/cyc/timecode"] == "00:00:10:00"


def test_everything_comes_again_every_few_seconds_and_when_asked_but_not_in_floods() -> None:
    surface = Surface()
    surface.after(0, take())
    surface.after(1)
    assert surface.after(REFRESH_NS / NS_PER_S - 1, take()) == surface.shown
    floods = 0
    for _ in range(1000):
        surface.echo.refresh()
        floods += surface.after(0.001, take()) == surface.shown
    assert floods == 1000 * NS_PER_MS // REFRESH_REST_NS
    surface.echo.refresh()
    assert surface.after(0.1) == {}
    assert surface.after(0.2) == surface.shown, "the last wish is not forgotten"
    assert surface.after(0.001, take(False))["/cyc/take/recording"] == 0, "a repeat does not hold up a change"


def test_a_dead_services_last_word_is_not_shown_on() -> None:
    surface = Surface()
    live = StreamHealth(subject="camA", t_ns=0, state="live", rate_hz=25.04, lost=2)
    surface.after(0, take(), live)
    assert surface.shown["/cyc/camera/camA/tracking"] == "live"
    assert (surface.shown["/cyc/camera/camA/rate"], surface.shown["/cyc/camera/camA/lost"]) == (25.0, 2)
    assert "/cyc/camera/camB/tracking" not in surface.shown
    surface.after(SILENT_NS / NS_PER_S)
    assert surface.shown["/cyc/take/state"] == surface.shown["/cyc/camera/camA/tracking"] == "silent"
    assert surface.shown["/cyc/take/recording"] == 0
    assert surface.shown["/cyc/camera/camB/tracking"] == "silent", "never heard is silent too"
    surface.after(0.1, take(), live)
    assert (surface.shown["/cyc/take/state"], surface.shown["/cyc/take/recording"]) == ("recording", 1)


def test_services_are_what_the_supervisor_says_while_it_lives() -> None:
    surface, word = Surface(), "/cyc/service/spine/state"

    def state(said: str) -> ServiceState:
        return ServiceState(subject="spine", t_ns=0, state=said, restarts=3)

    def health(name: str) -> ServiceHealth:
        return ServiceHealth(subject=name, t_ns=0)

    surface.after(0, health("spine"))
    assert surface.shown[word] == "ready", "without a supervisor, by its own word"
    surface.after(1, state("backing-off"), health("supervisor"))
    assert (surface.shown[word], surface.shown["/cyc/service/spine/restarts"]) == ("backing-off", 3)
    surface.after(1, state("ready"), health("spine"), health("supervisor"))
    assert surface.shown[word] == "ready"
    surface.after(3, health("supervisor"))
    assert surface.shown[word] == "silent", "it hangs: alive for the supervisor, mute on the bus"
    assert "/cyc/service/recorder/state" not in surface.shown, "not part of this run"


def test_faders_and_toggles_show_what_the_spine_says() -> None:
    surface = Surface()
    surface.after(0)
    said = surface.after(1, CameraSettings(subject="camA", t_ns=0), SceneSettings(subject="scene", t_ns=0))
    assert said == {
        "/cyc/camera/camA/frustum": 1,
        "/cyc/camera/camA/freeze": 0,
        "/cyc/camera/camA/delay": 0.0,
        "/cyc/camera/camA/zero": 0,
        "/cyc/camera/camA/smoothing": 0,
        "/cyc/scene/exposure": 0.0,
        "/cyc/scene/hour/own": 1,
        "/cyc/scene/environment": "",
    }
    odd = CameraSettings(subject="camA", t_ns=0, frustum=False, frozen=True, zeroed=True, delay_frames=2.5)
    scene = SceneSettings(subject="scene", t_ns=0, exposure_ev=-1.0, hour_unit=0.0, environment="desert")
    assert surface.after(1, odd, scene, CameraSettings(subject="camZ", t_ns=0)) == {
        "/cyc/camera/camA/frustum": 0,
        "/cyc/camera/camA/freeze": 1,
        "/cyc/camera/camA/delay": 2.5,
        "/cyc/camera/camA/zero": 1,
        "/cyc/scene/exposure": -1.0,
        "/cyc/scene/hour": 0.0,
        "/cyc/scene/hour/own": 0,
        "/cyc/scene/environment": "desert",
    }
    assert surface.after(0.5, odd, scene) == {}, "said again by the spine, it is no news"


def test_the_source_that_labels_is_shown_with_its_lock_whichever_it_is() -> None:
    surface = Surface()
    surface.after(0, TimecodeState(subject="mtc", t_ns=0, state="locked"))
    assert "/cyc/timecode/lock" not in surface.shown, "it is not chosen"
    surface.after(1, TimecodeState(subject="ltc", t_ns=0, state="locking", chosen=True))
    assert (surface.shown["/cyc/timecode/chosen"], surface.shown["/cyc/timecode/lock"]) == ("ltc", "locking")
    surface.after(1, *[TimecodeState(subject=f"x{n}", t_ns=0, state="jammed", chosen=True) for n in range(50)])
    assert (surface.shown["/cyc/timecode/chosen"], surface.shown["/cyc/timecode/lock"]) == ("x49", "jammed")
    surface.after(3)
    assert surface.shown["/cyc/timecode/lock"] == "silent"


def test_each_timecode_input_says_how_it_stands_and_whether_it_is_jammed() -> None:
    surface = Surface()
    surface.after(
        0, TimecodeState(subject="ltc", t_ns=0, state="jammed"), TimecodeState(subject="x", t_ns=0, state="locked")
    )
    assert (surface.shown["/cyc/timecode/ltc/lock"], surface.shown["/cyc/timecode/ltc/jam"]) == ("jammed", 1)
    assert not [address for address in surface.shown if "/x/" in address]
    surface.after(1, TimecodeState(subject="ltc", t_ns=0, state="locked", chosen=True))
    assert (surface.shown["/cyc/timecode/lock"], surface.shown["/cyc/timecode/ltc/jam"]) == ("locked", 0)


def test_unreal_and_the_displays_are_shown_where_there_are_any() -> None:
    surface = Surface()
    surface.after(0)
    assert not [address for address in surface.shown if "unreal" in address or "output" in address]
    state = UnrealState(subject="unreal", t_ns=0, state="slow", fault="no preset CycStage")
    surface.after(1, state, DisplayState(subject="out1", t_ns=0, missed=3), DisplayState(subject="out9", t_ns=0))
    assert surface.shown["/cyc/unreal/state"] == "slow"
    assert surface.shown["/cyc/unreal/fault"] == "no preset CycStage"
    assert surface.shown["/cyc/output/out1/missed"] == 3
    assert "/cyc/output/out9/missed" not in surface.shown
    surface.after(4)
    assert surface.shown["/cyc/unreal/state"] == "silent"


def test_strangers_are_not_heard_and_all_of_it_is_osc() -> None:
    surface = Surface()
    odd = [StreamHealth(subject=f"cam{n}", t_ns=0, state="live", lost=1 << 40) for n in range(100)]
    surface.after(0, take(missed=1 << 40), pose(1), *odd, StreamHealth(subject="camA", t_ns=0, state="live"))
    assert surface.shown["/cyc/take/missed"] == 0x7FFFFFFF
    assert not [address for address in surface.shown if "cam0" in address]
    for said in surface.echo.due(surface.clock.advance(10)):
        assert osc.decode(osc.encode(said)) == said
    assert all(row.help.endswith(".") for row in TABLE)
