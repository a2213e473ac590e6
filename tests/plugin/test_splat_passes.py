"""The splats' C++ itself, run: its painter and passes compiled on stand-ins whose render graph notes what would be
dispatched, and those dispatches done by the plugin's shaders. Only Unreal's own types are faked."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generators.benches.raster_scene import outdoors
from generators.camera import Camera, look
from generators.formats import ply
from generators.raster.render import composited
from tests.plugin.shaders import CORE, Gpu
from tests.plugin.splat_parameters import declared, expanded
from tests.plugin.test_shaders import psnr_db
from tests.plugin.test_splat_core import unreals_view
from ue_plugin.tools import uestub

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("g++") is None, reason="no g++ here: the splats' passes were not run"),
]
SOURCE = uestub.PLUGIN / "Source" / "CycloramaSplat"
SIZE, CORNER = (130, 80), (16, 32)
CAMERA = look((0.4, -1.0, 1.7), 25.0, -6.0, 70.0, SIZE)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("passes") / "splats"
    private = SOURCE / "Private"
    files = [
        *(uestub.STUBS / "Running" / "splats.cpp", private / "CycloramaSplatCloud.cpp"),
        *(private / "Rendering" / f"CycloramaSplat{name}.cpp" for name in ("Painter", "Passes", "Shaders")),
        *private.glob("Core/*.cpp"),
    ]
    options = ["-std=c++17", "-g", "-fno-rtti", "-fno-exceptions", "-fsanitize=address,undefined"]
    defines = ["-DSTAND_INS_RUN", "-DENGINE_MINOR_VERSION=4", "-DCYCLORAMASPLAT_API="]
    includes = [f"-I{place}" for place in (uestub.STUBS, private, SOURCE / "Public")]
    call = ["g++", *options, *defines, *includes, "-o", str(made), *map(str, files)]
    ran = subprocess.run(call, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return made


class Painted:
    """One run of the program, and the device that does what it says."""

    def __init__(self, program: Path, folder: Path, camera: Camera) -> None:
        self.process = subprocess.Popen(
            [str(program), str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.gpu = Gpu()
        wrapper = folder / "WithoutDepth.ush"
        wrapper.write_text('#define CYC_WITHOUT_DEPTH 1\n#include "SplatComposite.ush"\n', encoding="utf-8")
        self.gpu.places["SplatComposite"] = wrapper
        self.buffers: dict[int, Any] = {}
        view, clip = unreals_view(camera)
        (x, y), (width, height) = CORNER, camera.size_px
        self.say([*view.ravel(), *clip.ravel(), x, y, x + width, y + height])

    def say(self, numbers: list[Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(map(str, numbers)) + "\n")
        self.process.stdin.flush()

    def picture(self) -> dict[str, Any]:
        """Everything up to the next picture's end, done; the passes' own words by entry point, and what was asked."""
        assert self.process.stdout is not None
        came: dict[str, Any] = {}
        while "wanted" not in came:
            line = self.process.stdout.readline()
            assert line, f"splats ended: exit code {self.process.wait()}"
            told = json.loads(line)
            if "upload" in told:
                self.buffers[told["upload"]] = self.gpu.buffer(np.frombuffer(bytes.fromhex(told["hex"]), np.uint8))
            elif "pass" in told:
                came[told["entry"]] = self.done(told)
            else:
                came |= told
        return came

    def done(self, told: dict[str, Any]) -> dict[str, Any]:
        """One pass."""
        given: dict[str, Any] = {}
        for name, what in told["parameters"].items():
            if isinstance(what, list):
                number, size, _ = what
                given[name] = self.buffers.setdefault(number, None) or self.gpu.buffer(size)
                self.buffers[number] = given[name]
        if told["entry"] == "SplatResolveMain":
            return told
        name = Path(told["file"]).stem
        there = [one.name for one in declared(expanded(CORE / f"{name}.ush", CORE)) if one.type in ("float4", "uint4")]
        numbers = b"".join(bytes.fromhex(told["parameters"].get(one, "00" * 16)) for one in there)
        self.gpu.run(name, told["entry"], tuple(told["groups"]), given, numbers)
        return told

    def words(self, told: dict[str, Any], entry: str, name: str, kind: Any) -> np.ndarray:
        """What a parameter's buffer holds now."""
        return self.gpu.read(self.buffers[told[entry]["parameters"][name][0]], kind)

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(30) == 0


@pytest.fixture
def painted(program: Path, tmp_path: Path) -> Iterator[Any]:
    running: list[Painted] = []

    def begin(splats: Any) -> Painted:
        (tmp_path / "splats.ply").write_bytes(ply.write(splats, "opencv"))
        running.append(Painted(program, tmp_path, CAMERA))
        return running[-1]

    yield begin
    for one in running:
        one.end()


def test_the_passes_as_they_are_added_draw_the_bridges_picture(painted: Any) -> None:
    splats = outdoors(3000, 4)
    one = painted(splats)
    for frame in range(2):
        told = one.picture()
        pixels = one.words(told, "SplatCompositeMain", "CompositePicture", np.float32).reshape(SIZE[1], SIZE[0], 4)
        assert psnr_db(pixels[..., :3], composited(splats, CAMERA).encoded_unit) >= 60.0
        amounts = one.gpu.read(one.buffers[told["asked"]], np.uint32)[:2]
        assert told["bytes"] == 8 and amounts[0] == amounts[1] > 3000
        assert told["SplatCompositeMain"]["parameters"]["CompositeSceneDepth"] == "texture"
        scene = np.frombuffer(bytes.fromhex(told["SplatCompositeMain"]["parameters"]["CompositeScene"]), np.float32)
        assert scene.tolist() == pytest.approx([*CORNER, 0.01, 0.0])
        shape = np.frombuffer(bytes.fromhex(told["SplatResolveMain"]["parameters"]["ResolveShape"]), np.float32)
        assert shape.tolist() == pytest.approx([*CORNER, SIZE[0], splats.white_unit])
        resolved = told["SplatResolveMain"]["parameters"]["ResolvePicture"]
        assert resolved[0] == told["SplatCompositeMain"]["parameters"]["CompositePicture"][0]
        assert (told["wanted"], told["room"]) == ((0, 0) if frame == 0 else (amounts[1], 1 << 18))
        one.say(list(amounts))


def test_room_grows_by_what_was_wanted_and_stays(painted: Any) -> None:
    """The device's answer is made up here: four times the room there is."""
    one = painted(outdoors(300))
    rooms: list[int] = []
    for wanted in (1 << 20, 5, 5):
        told = one.picture()
        rooms.append(told["SplatTilesPairMain"]["parameters"]["TilePairKeys"][1] // 4)
        one.say([min(wanted, rooms[-1]), wanted])
    assert rooms == [1 << 18, 1 << 20, 1 << 20]
    assert one.picture()["wanted"] == 5
