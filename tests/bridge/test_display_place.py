"""Where on the screens an output is shown, and which part of its wall."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from bridge.display.place import PlaceFault, chosen, cut_off, drawing_step, on_screen, reduced, tiled
from bridge.frames import quat_from_pan_tilt_roll
from bridge.stage import Stage
from bridge.stage_file import load
from bridge.wall.shape import Arc, part, points, rectangle, smooth_arc, triangles

pytest.importorskip("glfw", reason="glfw is not installed: pip install 'cyclorama[stage]'")
pytest.importorskip("moderngl", reason="moderngl is not installed: pip install 'cyclorama[stage]'")

STAGES = Path(__file__).parents[2] / "stage_configs"


def stage(name: str = "curved_volume") -> Stage:
    return load(STAGES / f"{name}.toml")


def test_outputs_of_this_host_are_found_and_others_refused() -> None:
    assert [place.output for place in chosen(stage(), [], "local")] == ["volume-left", "volume-right", "ceiling"]
    (right,) = chosen(stage(), ["volume-right"], "local")
    assert (right.rect_px, right.wall_px, right.display) == ((3456, 0, 3456, 1920), (6912, 1920), 1)
    with pytest.raises(PlaceFault, match="--output left: there is none of this name; outputs: volume-left, volume-ri"):
        chosen(stage(), ["left"], "local")
    with pytest.raises(PlaceFault, match="host render7: no output is on it; outputs are on local: give --host"):
        chosen(stage(), [], "render7")


def test_an_output_stays_within_its_wall() -> None:
    outside = msgspec.structs.replace(stage().outputs[0], rect_px=(6000, 0, 1000, 500))
    with pytest.raises(PlaceFault, match=r"rect_px \[6000, 0, 1000, 500\] leaves wall volume, which is 6912 x 1920"):
        chosen(msgspec.structs.replace(stage(), outputs=(outside,)), [], "local")


def test_a_picture_lies_pixel_for_pixel_or_as_large_as_fits() -> None:
    assert on_screen((1664, 1248), (1920, 1080), fit=False) == (0, 0, 1664, 1248)
    assert on_screen((1664, 1248), (1664, 1248), fit=True) == (0, 0, 1664, 1248)
    for size, screen in (((1664, 1248), (1920, 1080)), ((3456, 1920), (300, 500)), ((4, 3), (800, 600))):
        left, top, width, height = on_screen(size, screen, fit=True)
        assert (2 * left + width, 2 * top + height) == pytest.approx(screen, abs=1)
        assert width == screen[0] or height == screen[1]
        assert width / height == pytest.approx(size[0] / size[1], rel=0.02)
    assert cut_off((1664, 1248), (1920, 1080)) == "the screen is 1920 x 1080: only the top left part is seen"
    assert not cut_off((100, 100), (1920, 1080))


def test_windows_stand_beside_each_other_as_long_as_there_is_room() -> None:
    spots = [tiled(index, (600, 500), (1920, 1080)) for index in range(8)]
    assert spots[:6] == [(x, y) for y in (0, 500) for x in (0, 600, 1200)]
    assert spots[6:] == [(40, 40), (640, 40)]
    assert tiled(1, (3000, 2000), (1920, 1080)) == (40, 40)


def test_drawing_is_as_fine_as_there_is_time_for_and_does_not_flutter() -> None:
    assert drawing_step((1000, 1000), 1e-9, 0.030) == 1
    assert drawing_step((1000, 1000), 1e-7, 0.030) == 2
    assert drawing_step((1000, 1000), 1.0, 0.030) == 16
    steps = [drawing_step((1000, 1000), each_s, 0.030, now=2) for each_s in (1.1e-7, 0.9e-7, 0.3e-7, 0.015e-6)]
    assert steps == [2, 2, 2, 1]
    assert reduced((1000, 999), 16) == (63, 63)


def wavy() -> np.ndarray:
    spots = np.array([(0.0, 0.0), (0.45, 0.1), (1.0, 0.0), (0.0, 1.0), (0.6, 0.9), (1.0, 1.0)])
    return spots[np.array([(0, 3, 1), (1, 3, 4), (1, 4, 2), (2, 4, 5)])]


@pytest.mark.parametrize("kind", ["flat", "arc", "mesh"])
def test_a_part_of_a_walls_picture_lies_where_it_did(kind: str) -> None:
    spots = wavy()
    corners = np.stack((4 * spots[..., 0], spots[..., 0] * spots[..., 1], 2 - 2 * spots[..., 1]), axis=-1)
    shape = {
        "flat": rectangle((1.0, 2.0, 3.0), quat_from_pan_tilt_roll(20.0, 5.0, 0.0), 4.0, 2.0),
        "arc": smooth_arc(Arc(0.0, 1.0, 3.0, 2.0, 4.0, 1.2, 2.0)),
        "mesh": triangles(corners, spots),
    }[kind]
    left, top, width, height = rect = (0.25, 0.5, 0.5, 0.375)
    uv = np.random.default_rng(1).random((200, 2))
    assert np.allclose(points(part(shape, rect), uv), points(shape, (left, top) + uv * (width, height)), atol=1e-9)
