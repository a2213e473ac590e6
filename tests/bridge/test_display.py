"""What is shown on a screen and how it is counted, without a screen: against brute force, against the world, by law."""

import argparse
import random
import threading
from pathlib import Path

import msgspec
import numpy as np
import pytest

from bridge import png
from bridge.clock import NS_PER_S
from bridge.display import card, flashes, painter, words
from bridge.display.contents import still_of
from bridge.display.flashes import Flashing
from bridge.display.live import Live, Outer
from bridge.display.place import Place, PlaceFault
from bridge.display.refresh import Refresh, expect, of_rate, rate_hz, rest_ns, swapped
from bridge.display.screen import Monitor, NoScreen
from bridge.frames import quat_from_pan_tilt_roll
from bridge.messages import CameraPose, CameraSettings, Flash, LensState, SceneSettings
from bridge.stage import Camera
from bridge.tone import preview
from bridge.verbs import wall as door
from bridge.wall.draw import draw
from bridge.wall.heard import Heard, Lit
from bridge.wall.shape import Screen, rectangle
from bridge.world.world import World, known_set

pytest.importorskip("glfw", reason="glfw is not installed: pip install 'cyclorama[stage]'")
pytest.importorskip("moderngl", reason="moderngl is not installed: pip install 'cyclorama[stage]'")

STAGES = Path(__file__).parents[2] / "stage_configs"
PERIOD_NS = 10_000_000
PLACE = Place("left", "back", (640, 360), (32, 16, 320, 240), 0, "local")


def pose(name: str, x: float = 0.0, lead_ns: int = 0) -> CameraPose:
    return CameraPose(
        subject=name,
        t_ns=0,
        sequence=1,
        position_m=(x, -1.0, 1.5),
        rotation_wxyz=quat_from_pan_tilt_roll(0.0, 0.0, 0.0),
        lens=LensState(focal_length_mm=60.0),
        sensor_mm=(24.0, 13.5),
        t_arrival_ns=5,
        t_display_ns=5 + lead_ns,
        measured_position_m=(x, -1.0, 1.5),
    )


def cameras(*names: str) -> dict[str, Camera]:
    sensor = {"sensor_mm": (24.0, 13.5), "resolution_px": (192, 108)}
    return {name: Camera(name=name, tracker="t", lens="l", frustum_margin_deg=1.0, **sensor) for name in names}


def test_missed_refreshes_are_those_an_onlooker_counts() -> None:
    """Someone who watches each refresh of the screen and knows what was due counts the same."""
    chance = random.Random(5)
    for _ in range(40):
        state, now_ns, on_screen_number = Refresh(period_ns=PERIOD_NS), 0, 0
        dues: list[tuple[int, int]] = []
        refreshes: list[tuple[int, int]] = []
        for number in range(1, 60):
            due_ns = now_ns + chance.randrange(0, 5 * PERIOD_NS)
            dues.append((number, due_ns))
            state = expect(state, number, due_ns)
            passed = chance.choice([1, 1, 1, 2, 3, 7])
            refreshes += [(now_ns + step * PERIOD_NS, on_screen_number) for step in range(1, passed)]
            now_ns += passed * PERIOD_NS
            on_screen_number = max(on_screen_number, number - chance.randrange(0, 3))
            refreshes.append((now_ns, on_screen_number))
            if number == 1:  # the first swap stands for one refresh only: nothing was watched before
                refreshes = refreshes[-1:]
            state = swapped(state, now_ns, on_screen_number)
        late = sum(any(n > shown and due_ns <= t_ns for n, due_ns in dues) for t_ns, shown in refreshes)
        assert (state.shown, state.missed) == (len(refreshes), late)


def test_a_picture_that_is_there_before_it_is_due_is_never_missed() -> None:
    state, now_ns = Refresh(period_ns=PERIOD_NS), PERIOD_NS
    for number in range(200):
        state = expect(state, number, now_ns + 3 * PERIOD_NS)
        state = swapped(state, now_ns, number)
        now_ns += PERIOD_NS
    assert (state.shown, state.missed, state.waiting) == (200, 0, ())


def test_swaps_that_do_not_wait_are_paced_and_those_that_do_are_left_alone() -> None:
    waits, hurries = of_rate(100.0), of_rate(100.0)
    for turn in range(1, 11):
        waits = swapped(waits, turn * PERIOD_NS + (turn % 3) * 100_000, 0)
        hurries = swapped(hurries, turn * PERIOD_NS // 4, 0)
    assert not waits.paced
    assert rest_ns(waits, waits.swapped_ns, 0) == 0
    assert hurries.paced
    assert rest_ns(hurries, hurries.swapped_ns + 2_000_000, 1_000_000) == 7_000_000
    assert rest_ns(hurries, hurries.swapped_ns + 2 * PERIOD_NS, 0) == 0
    assert of_rate(0.0).period_ns == round(NS_PER_S / 60)


def test_the_rate_is_swaps_over_time() -> None:
    assert rate_hz([NS_PER_S * turn // 50 for turn in range(64)]) == pytest.approx(50.0)
    assert rate_hz([]) == rate_hz([7]) == 0.0


def lit_swaps(flash: Flash, swaps_ns: list[int]) -> list[int]:
    state, lit = flashes.hear(Flashing(), flash, "back", swaps_ns[0]), list[int]()
    begun: list[int] = []
    for t_ns in swaps_ns:
        light = flashes.level(state, t_ns, PERIOD_NS)
        lit += [t_ns] if light is not None else []
        state, began = flashes.swapped(state, t_ns, light is not None)
        begun += [t_ns] if began else []
    assert begun == lit[:1], "the swap that began it is said once"
    return lit


def test_a_flash_begins_with_the_nearest_refresh_and_lasts_its_duration() -> None:
    swaps_ns = [turn * PERIOD_NS for turn in range(1, 40)]
    for offset_ns in range(-4_900_000, 4_900_001, 700_000):
        lit = lit_swaps(Flash(subject="all", t_ns=10 * PERIOD_NS + offset_ns, duration_s=0.04), swaps_ns)
        assert lit == [turn * PERIOD_NS for turn in (10, 11, 12, 13)]
    late = lit_swaps(Flash(subject="back", t_ns=0, duration_s=0.03), swaps_ns)
    assert late == swaps_ns[:3], "too late: as soon as it can, as long as it should"
    assert lit_swaps(Flash(subject="all", t_ns=5 * PERIOD_NS, duration_s=0.0), swaps_ns) == [5 * PERIOD_NS]


def test_a_flash_for_another_wall_is_not_ours_and_a_foreign_clock_flashes_now() -> None:
    assert flashes.hear(Flashing(), Flash(subject="ceiling", t_ns=0), "back", 0) == Flashing()
    far = flashes.hear(Flashing(), Flash(subject="all", t_ns=10**15, level_unit=0.5), "back", 7).asked
    assert far is not None
    assert (far.t_ns, far.level_unit) == (7, 0.5)


def test_live_shows_its_part_of_the_wall_for_the_newest_poses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(painter, "drawing_step", lambda *_: 4)  # as fine on a busy computer as on a free one
    wall = Screen("back", rectangle((0.0, 3.0, 1.5), (1.0, 0.0, 0.0, 0.0), 8.0, 4.5), (640, 360), 15.0)
    eye = (0.0, -6.0, 1.6)
    live = Live(wall, PLACE, Lit(known_set()), Outer(eye), cameras("camA"))
    state, told = of_rate(60.0), pose("camA", 0.5, lead_ns=70_000_000)
    for number in range(5):
        state = live.hear(pose("camA", 0.1 * number), number, state)
    state = live.hear(told, 1_000, state)
    shown = None
    while live.number < 7:
        with live._painter._changed:
            assert live._painter._changed.wait_for(lambda: live._painter._ready or live._painter.fault, 60)
        assert not live._painter.fault
        fresh, state = live.fresh(state)
        shown = fresh or shown
    live.close()
    assert shown is not None
    heard = Heard(cameras("camA"))
    heard.hear(told)
    step = 4
    whole = draw(wall, known_set(), heard.wish().inner(), eye)
    seen = np.zeros((*whole.owner.shape, 4), np.uint8)
    preview(whole.light, seen)
    cut = seen[16:256, 32:352].astype(float)
    means = cut.reshape(240 // step, step, 320 // step, step, 4).mean(axis=(1, 3))
    off = np.abs(means - shown.pixels)
    assert np.median(off) < 1.5
    assert np.mean(off) < 3.0
    assert live.pose_age_s(1_000 + NS_PER_S) == 1.0
    assert live.drawn_px() == (80, 60)


def test_a_pose_is_due_when_the_wall_should_show_it_in_time_of_this_host() -> None:
    wall = Screen("back", rectangle((0.0, 3.0, 1.5), (1.0, 0.0, 0.0, 0.0), 8.0, 4.5), (640, 360), 15.0)
    live = Live(wall, PLACE, Lit(known_set()), Outer((0.0, -6.0, 1.6)), cameras("camA"))
    live.close()
    assert not live.hear(pose("camA"), 10, of_rate(60.0)).waiting, "nothing is late before the first drawing"
    live.number = 1
    assert live.hear(pose("camA", lead_ns=70), 1_000, of_rate(60.0)).waiting[-1].due_ns == 1_070
    assert live.hear(pose("camA", lead_ns=-9), 1_000, of_rate(60.0)).waiting[-1].due_ns == 1_000
    assert not live.hear(pose("stranger"), 1_000, of_rate(60.0)).waiting


def test_an_operator_turns_frusta_off_and_brightness_up() -> None:
    heard = Heard(cameras("camA", "camB"))
    assert heard.hear(pose("camA"))
    assert heard.hear(pose("camB"))
    assert not heard.hear(pose("stranger"))
    assert len(heard.wish().inner().camera) == 2
    assert heard.hear(CameraSettings(subject="camA", t_ns=0, frustum=False))
    assert not heard.hear(CameraSettings(subject="camA", t_ns=0, frustum=False)), "said again, no news"
    assert [told.subject for told in heard.wish().poses] == ["camB"]
    assert len(heard.wish().inner().camera) == 1
    assert not heard.hear(pose("camA")), "nobody sees it"
    assert heard.hear(SceneSettings(subject="scene", t_ns=0, exposure_ev=2.0))
    assert Lit(known_set(1.0)).world(heard.wish().scene).gain_unit == pytest.approx(8.0)


def test_only_another_place_or_hour_is_made_anew_and_brightness_is_not() -> None:
    made: list[SceneSettings] = []

    def as_set(scene: SceneSettings) -> World:
        made.append(scene)
        return known_set(0.0)

    lit = Lit(known_set(1.0), as_set)
    scene = SceneSettings(subject="scene", t_ns=0)
    own = [lit.world(msgspec.structs.replace(scene, exposure_ev=0.1 * step)).gain_unit for step in range(20)]
    assert own == pytest.approx([2.0 ** (1.0 + 0.1 * step) for step in range(20)])
    assert not made
    sky = [lit.world(msgspec.structs.replace(scene, environment="sky", exposure_ev=ev)) for ev in (0.0, 1.0, 2.0)]
    assert [world.gain_unit for world in sky] == pytest.approx([1.0, 2.0, 4.0])
    assert [scene.environment for scene in made] == ["sky"]
    assert lit.world(scene).gain_unit == pytest.approx(2.0)


def test_nothing_is_due_of_a_wall_that_is_drawn_no_more() -> None:
    asked = threading.Event()

    def broken(scene: SceneSettings) -> World:
        asked.set()
        raise OSError(f"{scene.environment} is gone")

    wall = Screen("back", rectangle((0.0, 3.0, 1.5), (1.0, 0.0, 0.0, 0.0), 8.0, 4.5), (640, 360), 15.0)
    live, refresh = Live(wall, PLACE, Lit(known_set(), broken), Outer((0.0, -6.0, 1.6)), cameras("camA")), of_rate(60.0)
    live.number = 1
    live.hear(SceneSettings(subject="scene", t_ns=0, environment="sky"), 0, refresh)
    assert asked.wait(60.0)
    live.close()
    assert "sky is gone" in live.note()
    for t_ns in range(1000):
        refresh = live.hear(pose("camA"), t_ns, refresh)
    assert not refresh.waiting


def test_stills_are_an_outputs_own_or_its_part_of_the_walls(tmp_path: Path) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (360, 640, 3), dtype=np.uint8)
    with pytest.raises(PlaceFault, match=r"has neither left\.png nor back\.png"):
        still_of(tmp_path, PLACE)
    png.save(tmp_path / "back.png", noise)
    fresh, _ = still_of(tmp_path, PLACE).fresh(of_rate(60.0))
    assert fresh is not None
    assert np.array_equal(fresh.pixels[..., :3], noise[16:256, 32:352])
    png.save(tmp_path / "left.png", noise[:240, :320])
    fresh, _ = still_of(tmp_path, PLACE).fresh(of_rate(60.0))
    assert fresh is not None
    assert np.array_equal(fresh.pixels[..., :3], noise[:240, :320])
    png.save(tmp_path / "left.png", noise)
    with pytest.raises(PlaceFault, match=r"left\.png: is 640 x 360, output left is 320 x 240: draw it so, it is not"):
        still_of(tmp_path, PLACE)
    (tmp_path / "left.png").write_bytes(b"no picture")
    with pytest.raises(PlaceFault, match=r"left\.png: cannot be read as a picture"):
        still_of(tmp_path, PLACE)
    png.save(tmp_path / "output_left.png", noise[:240, 320:])  # as `cyc calibrate patterns` names them
    fresh, _ = still_of(tmp_path, PLACE).fresh(of_rate(60.0))
    assert fresh is not None
    assert np.array_equal(fresh.pixels[..., :3], noise[:240, 320:]), "another wall may be called like this output"


@pytest.mark.parametrize("size", [(1920, 1080), (1664, 1248), (160, 90), (31, 200), (4, 3)])
def test_the_card_has_a_whole_rim_at_any_size(size: tuple[int, int]) -> None:
    made = card.card("out1", size, "a line\nanother", png.lettering)
    assert made.shape == (size[1], size[0], 3)
    for edge in (made[0], made[-1], made[:, 0], made[:, -1]):
        assert (edge == 255).all()
    digits = card.digits_of(png.lettering)
    strip, top = card.strip(123, size, digits), card.strip_top(size[1])
    assert top > 0
    assert top + len(strip) <= max(size[1], 2)
    assert not np.array_equal(strip, card.strip(124, size, digits))


def test_the_card_shows_single_pixels_every_level_and_which_way_is_up() -> None:
    made = card.card("out1", (1920, 1080), "", png.lettering)
    unit = 1080 // 18
    fine = made[(1080 - 9 * unit) // 2 :, 2 * unit : 5 * unit, 0].astype(int)
    assert (np.abs(np.diff(fine[10])) == 255).all(), "columns"
    assert (np.abs(np.diff(fine[3 * unit : 6 * unit, 10])) == 255).all(), "rows"
    for channel, row in ((0, 1), (1, 2), (2, 3)):
        ramp = made[unit + row * (unit // 2) + 2, 2 * unit : -2 * unit]
        assert set(ramp[:, channel]) == set(range(256))
        assert not ramp[:, [c for c in range(3) if c != channel]].any()
    arrow = np.argwhere((made == (255, 210, 60)).all(axis=2))
    top, bottom = arrow[:, 0].min(), arrow[:, 0].max()
    widths = [np.ptp(arrow[arrow[:, 0] == row][:, 1]) + 1 for row in (top + 2, top + unit - 2, bottom)]
    assert widths[0] < widths[2] < widths[1], "a point above, a shaft below its head"


def test_the_status_says_what_it_is_and_that_it_is_no_genlock() -> None:
    doing = words.Doing("live", 59.94, 3600, 12, False, pose_age_s=0.034, drawn_px=(160, 120))
    first, second = words.status(PLACE, (0, 0, 320, 240), doing)
    assert first == "left: live, 320 x 240 of back, 1:1, drawn at 160 x 120"
    assert second == (
        "59.9 Hz, 12 missed of 3600, pose 34 ms old, preview, not genlocked: final pixels go through nDisplay"
    )
    first, second = words.status(PLACE, (10, 0, 160, 120), doing._replace(paced=True, note="no camera pose yet"))
    assert "shown at 50%" in first
    assert first.endswith("no camera pose yet")
    assert second.startswith("59.9 Hz by the clock, no vsync, 12 missed")
    assert max(map(len, words.wrapped((first, second), 30).splitlines())) <= 30


def call(*argv: str) -> int:
    parser = argparse.ArgumentParser()
    door.add_arguments(parser)
    return door.run(parser.parse_args(argv))


SCREEN = Monitor(0, "DELL", (0, 0), (1920, 1080), 60.0)


def test_what_cannot_be_shown_is_refused_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(door, "monitors", lambda: [SCREEN])
    path = str(STAGES / "curved_volume.toml")
    assert call("show", path, "--output", "ceiling", "--test") == 1
    text = capfd.readouterr().err
    assert "output ceiling: its display is 2, and there is no such screen; screens: 0 (DELL, 1920 x 1080)" in text
    assert call("show", path, "--output", "volume-left", "--pictures", str(tmp_path)) == 1
    assert "has neither volume-left.png nor volume.png" in capfd.readouterr().err
    assert call("show", str(tmp_path / "none.toml"), "--test") == 1
    assert "none.toml" in capfd.readouterr().err
    with pytest.raises(SystemExit):
        call("show", path, "--windowed", "big")
    assert "expected width x height such as 960x540, got 'big'" in capfd.readouterr().err


def test_the_list_says_where_each_output_goes_and_works_without_a_screen(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(door, "monitors", lambda: [SCREEN])
    path = str(STAGES / "curved_volume.toml")
    assert call("list", path) == 0
    shown = capfd.readouterr().out
    assert "only the top left part is seen" in shown
    assert shown.count("no such screen here") == 2

    def none() -> list[Monitor]:
        raise NoScreen("no screen here: DISPLAY is not set")

    monkeypatch.setattr(door, "monitors", none)
    assert call("list", path) == 0
    assert "no screen here: DISPLAY is not set" in capfd.readouterr().err
    assert call("show", path, "--test") == 1
    assert "no screen here: DISPLAY is not set" in capfd.readouterr().err
