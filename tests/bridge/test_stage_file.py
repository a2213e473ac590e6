"""Stage files: the examples load; a wrong one is refused in one sentence per fault, and the sentences are pinned."""

from pathlib import Path

import pytest

from bridge import stage_file
from bridge.stage import display_latency_s
from bridge.stage_file import StageFault
from bridge.stage_walls import ArcWall, FlatWall

CONFIGS = Path(__file__).parents[2] / "stage_configs"
SMALL = (CONFIGS / "small_wall.toml").read_text()


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_example_stage_loads(path: Path) -> None:
    stage = stage_file.load(path)
    assert stage.name == path.stem
    assert all(display_latency_s(stage, wall) > 0 for wall in stage.walls)


def test_walls_are_told_apart_by_their_shape() -> None:
    arc = '[[walls]]\nshape="arc"\nname="a"\npixels=[10,10]\ncentre_m=[0,0,0]\nradius_m=4\narc_deg=90\nheight_m=3\n'
    stage = stage_file.parse(SMALL + "\n" + arc)
    assert [type(wall) for wall in stage.walls] == [FlatWall, ArcWall]


def faults_of(*changes: tuple[str, str]) -> list[str]:
    text = SMALL
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    with pytest.raises(StageFault) as caught:
        stage_file.parse(text, Path("my.toml"))
    assert str(caught.value).startswith("my.toml: ")
    return sorted(caught.value.faults)


def test_every_wrong_value_gets_its_own_sentence() -> None:
    assert faults_of(
        ('shape = "flat"', 'shape = "bent"'),
        ("sensor_mm = [24.0, 13.5]", 'sensor_mm = [24.0, "x"]'),
        ('lens = "zoom19-60"', 'lense = "zoom19-60"'),
        ("latency_s = 0.02", "latency_s = -1.0"),
        ("port = 5560", "port = 123456"),
    ) == [
        "cameras[0].lens: is missing",
        "cameras[0].lense: unknown key, did you mean 'lens'?",
        "cameras[0].sensor_mm[1]: expected float, got str",
        "engine.port: expected int <= 65535, got 123456",
        "processors[0].latency_s: expected float >= 0.0, got -1.0",
        "walls[0].shape: expected one of flat, arc, ceiling, mesh, got 'bent'",
    ]


def test_contradictions_are_found_once_the_tables_are_well_formed() -> None:
    assert faults_of(
        ('tracker = "arm"', 'tracker = "leg"'),
        ('rate = "25"', 'rate = "fast"'),
        ("port = 5560", "port = 5601"),
        ('wall = "back"', 'wall = "front"'),
    ) == [
        "cameras[0].rate: frame rate 'fast': expected one of 23.976, 24, 25, 29.97, 30, 47.952, 48, 50, 59.94, 60, "
        "95.904, 96, 100, 119.88, 120 or a fraction such as 30000/1001",
        "cameras[0].tracker: expected one of the trackers (arm), got 'leg'",
        "outputs[0].wall: expected one of the walls (back), got 'front'",
        "tcp port 5601 is wanted by engine and bus, expected one user a port",
        "tcp port 5602 is wanted by the engine's pictures and bus, expected one user a port",
    ]


def test_pictures_need_the_port_above_the_engines() -> None:
    last = ("port = 5560", "port = 65535")
    assert faults_of(last) == ["engine.port: expected at most 65534, for pictures take the port above it, got 65535"]
    assert stage_file.parse(SMALL.replace(*last).replace("[engine]", "[engine]\npictures = []")).engine.port == 65535


def test_leaving_loopback_needs_keys() -> None:
    text = SMALL + '\n[bus]\nbind = "0.0.0.0"\n'
    with pytest.raises(StageFault, match=r"leaves loopback, expected bus\.curve_keys"):
        stage_file.parse(text)


def test_a_file_that_is_absent_or_not_toml_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StageFault, match=r"gone.toml: cannot be read: No such file"):
        stage_file.load(tmp_path / "gone.toml")
    with pytest.raises(StageFault, match="is not TOML: "):
        stage_file.parse("walls = [")
    with pytest.raises(StageFault, match="walls: is missing"):
        stage_file.parse('name = "empty"')


@pytest.mark.parametrize("number", ["inf", "-inf", "nan"])
def test_what_is_no_number_is_refused_before_it_reaches_the_spine(number: str) -> None:
    assert faults_of(("rate_hz = 25.0", f"rate_hz = {number}")) == [
        f"trackers[0].rate_hz: expected a finite number, got {number}"
    ]
    (fault,) = faults_of(("centre_m = [0.0, 3.0, 1.5]", f"centre_m = [{number}, 3.0, 1.5]"))
    assert fault.startswith("walls[0].centre_m: expected finite numbers")


def test_a_rate_no_tracker_has_is_refused() -> None:
    assert faults_of(("rate_hz = 25.0", "rate_hz = 1e-300")) == [
        "trackers[0].rate_hz: expected float >= 1.0, got 1e-300"
    ]


def test_multicast_groups_share_the_standards_port() -> None:
    def with_groups(first: str, second: str) -> str:
        return SMALL + "".join(
            f'\n[[trackers]]\nname = "x{n}"\nprotocol = "opentrackio"\nmulticast = "{group}"\nport = 55555\n'
            for n, group in enumerate((first, second))
        )

    assert len(stage_file.parse(with_groups("239.135.1.1", "239.135.1.2")).trackers) == 3
    with pytest.raises(StageFault, match=r"239\.135\.1\.1 udp port 55555 is wanted by tracker x0 and tracker x1"):
        stage_file.parse(with_groups("239.135.1.1", "239.135.1.1"))


@pytest.mark.parametrize("name", ["camA", "tracker", "free-run"])
def test_a_timecode_input_is_not_called_as_another_source_of_timecode_is(name: str) -> None:
    text = SMALL + f'\n[[timecode_inputs]]\nname = "{name}"\nkind = "ltc"\ndevice = "simulated"\n'
    with pytest.raises(StageFault, match=r"timecode_inputs\[0\]\.name: expected a name that is no camera's"):
        stage_file.parse(text)


CAPTURE = """
[capture]
performers = {performers}
{rig}
[[capture.cameras]]
name = "left"
source = {left}
[[capture.cameras]]
name = "right"
source = "1"
[[capture.targets]]
protocol = "vmc"
performer = "bo"
"""


def test_capture_wants_a_rig_for_several_cameras_and_keeps_demo_for_nobody_real() -> None:
    text = SMALL.partition("# Four cameras")[0] + CAPTURE.format(performers='["demo"]', rig="", left='"0"')
    with pytest.raises(StageFault) as caught:
        stage_file.parse(text, Path("my.toml"))
    assert sorted(caught.value.faults) == [
        "capture.performers: 'demo' is the synthetic performer alone, and left is a real camera",
        "capture.rig: 2 cameras need one, make it with `cyc calibrate rig`",
        "capture.targets[0].performer: expected one of demo, got 'bo'",
    ]


def test_a_rig_that_is_not_there_is_asked_for_by_its_path(tmp_path: Path) -> None:
    text = SMALL.partition("# Four cameras")[0] + CAPTURE.format(
        performers='["bo"]', rig='rig = "rig.toml"', left='"synthetic"'
    )
    with pytest.raises(StageFault, match=r"capture\.rig: expected a file at .*rig\.toml, there is none: make it with"):
        stage_file.parse(text, tmp_path / "my.toml")
    (tmp_path / "rig.toml").touch()
    stage = stage_file.parse(text, tmp_path / "my.toml")
    assert stage.capture and stage.capture.cameras[1].source == "1"
