"""The plugin's shaders, compiled by glslang and run by wgpu, on lavapipe where there is no GPU."""

import math
import os
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from generators.camera import Camera
from generators.raster.projection_kernels import borders
from generators.splats import Splats

ROOT = Path(__file__).parents[2]
CORE = ROOT / "ue_plugin" / "Cyclorama" / "Shaders" / "Public" / "Core"
TILE, SCAN_BLOCK, SORT_THREADS, START_THREADS = 16, 2048, 256, 256
ROOM = 1 << 16
Words = NDArray[Any]

FOOTPRINT_WORDS = 12


class Shader(NamedTuple):
    """One entry point: what it is made of, and which buffer it wants where."""

    pipeline: Any
    bindings: dict[str, int]
    uniforms: str
    """The name its uniforms have; empty: it has none."""


def compiled(path: Path, entry: str, root: Path | None = None, stage: str = "comp") -> bytes:
    """SPIR-V of one entry point; includes that begin with a slash lie in `root`. Skips, saying so, without glslang."""
    if shutil.which("glslangValidator") is None:
        pytest.skip("no glslangValidator here: the shaders were not compiled (apt install glslang-tools)")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made.spv"
        call = [
            "glslangValidator",
            "-D",
            "-V",
            "-S",
            stage,
            "-e",
            entry,
            "--auto-map-bindings",
            f"-I{root or path.parent}",
        ]
        ran = subprocess.run([*call, str(path), "-o", str(made)], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout
        return made.read_bytes()


def bindings_of(code: bytes) -> dict[str, int]:
    """Names and binding numbers of a SPIR-V module's buffers (SPIR-V 1.6, 3.52.6 OpName, OpDecorate Binding = 33)."""
    words = struct.unpack(f"<{len(code) // 4}I", code)
    names: dict[int, str] = {}
    numbers: dict[int, int] = {}
    at = 5
    while at < len(words):
        operation, length = words[at] & 0xFFFF, words[at] >> 16
        if operation == 5:
            text = struct.pack(f"<{length - 2}I", *words[at + 2 : at + length])
            names[words[at + 1]] = text.split(b"\0")[0].decode()
        if operation == 71 and words[at + 2] == 33:
            numbers[words[at + 1]] = words[at + 3]
        at += length
    return {names[one]: number for one, number in numbers.items()}


def unreals_tree(folder: Path) -> Path:
    """Where Unreal's /Engine and /Plugin/Cyclorama are: the plugin's shaders, and stand-ins for what they name of
    Unreal's own, which no public page documents: no proof that Unreal takes them."""
    (folder / "Engine" / "Public").mkdir(parents=True)
    (folder / "Engine" / "Private").mkdir()
    (folder / "Engine" / "Public" / "Platform.ush").touch()
    (folder / "Engine" / "Private" / "Common.ush").write_text(
        "struct FStandInView { float PreExposure; float4 InvDeviceZToWorldZTransform; };\n"
        "cbuffer StandInView { FStandInView View; };\n"
        "float ConvertFromDeviceZ(float Z) { return 1.0 / (Z * View.InvDeviceZToWorldZTransform.z); }\n",
        encoding="utf-8",
    )
    shutil.copytree(CORE.parents[1], folder / "Plugin" / "Cyclorama")
    return folder


class Gpu:
    """A device, and the buffers and shaders on it."""

    def __init__(self) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
        wgpu: Any = pytest.importorskip("wgpu", reason="needs wgpu: the shaders were compiled, not run")
        self._wgpu = wgpu
        try:
            adapter = wgpu.gpu.request_adapter_sync(power_preference="high-performance")
        except RuntimeError as error:
            pytest.skip(f"no Vulkan device, not even lavapipe (apt install mesa-vulkan-drivers): {error}")
        limits = {"max-storage-buffers-per-shader-stage": 8, "max-compute-invocations-per-workgroup": 256}
        self.device = adapter.request_device_sync(required_limits=limits)
        self.places: dict[str, Path] = {}
        """Shaders that are none of the plugin's: a test's own wrapper around one."""
        self._shaders: dict[tuple[str, str], Shader] = {}

    def shader(self, name: str, entry: str) -> Shader:
        if (name, entry) not in self._shaders:
            code = compiled(self.places.get(name, CORE / f"{name}.ush"), entry, CORE)
            module = self.device.create_shader_module(code=code)
            pipeline = self.device.create_compute_pipeline(
                layout="auto", compute={"module": module, "entry_point": entry}
            )
            bindings = bindings_of(code)
            uniforms = next((name for name in bindings if name == "" or "Global" in name), "")
            self._shaders[name, entry] = Shader(pipeline, bindings, uniforms)
        return self._shaders[name, entry]

    def forget(self) -> None:
        """What was compiled, after `places` has changed."""
        self._shaders.clear()

    def buffer(self, content: Words | int) -> Any:
        """Of an array, or so many zero bytes."""
        usage = self._wgpu.BufferUsage.STORAGE | self._wgpu.BufferUsage.COPY_SRC | self._wgpu.BufferUsage.COPY_DST
        if isinstance(content, int):
            return self.device.create_buffer(size=max(content, 16), usage=usage)
        return self.device.create_buffer_with_data(data=np.ascontiguousarray(content), usage=usage)

    def read(self, buffer: Any, kind: Any) -> Words:
        return np.frombuffer(self.device.queue.read_buffer(buffer), kind)

    def run(self, name: str, entry: str, groups: tuple[int, int], buffers: dict[str, Any], uniforms: bytes) -> None:
        """One dispatch."""
        shader = self.shader(name, entry)
        entries = [
            {"binding": number, "resource": {"buffer": buffers[of], "offset": 0, "size": buffers[of].size}}
            for of, number in shader.bindings.items()
            if of in buffers
        ]
        missing = set(shader.bindings) - set(buffers)
        if missing:
            (one,) = missing
            usage = self._wgpu.BufferUsage.UNIFORM
            held = self.device.create_buffer_with_data(data=uniforms, usage=usage)
            resource = {"buffer": held, "offset": 0, "size": held.size}
            entries.append({"binding": shader.bindings[one], "resource": resource})
        group = self.device.create_bind_group(layout=shader.pipeline.get_bind_group_layout(0), entries=entries)
        encoder = self.device.create_command_encoder()
        scope = encoder.begin_compute_pass()
        scope.set_pipeline(shader.pipeline)
        scope.set_bind_group(0, group)
        scope.dispatch_workgroups(*groups, 1)
        scope.end()
        self.device.queue.submit([encoder.finish()])

    def scanned(self, values: Any, count: int) -> int:
        """Exclusive prefix sum in place; the sum of all."""
        sums, last = self.summed(values, count)
        return int(self.read(sums, np.uint32)[last])

    def summed(self, values: Any, count: int) -> tuple[Any, int]:
        """Exclusive prefix sum in place; where the sum of all is: in a buffer of sums, at which place."""
        blocks = -(-count // SCAN_BLOCK)
        sums = self.buffer(4 * (blocks + 1))
        shape = struct.pack("<4I", count, blocks, 0, 0)
        for entry, groups in (("Blocks", blocks), ("Sums", 1), ("Add", blocks)):
            self.run("SplatScan", f"SplatScan{entry}Main", (groups, 1), {"ScanValues": values, "ScanSums": sums}, shape)
        return sums, blocks

    def sorted(self, keys: Any, values: Any, amount: Any, room: int, bits: int) -> tuple[Any, Any]:
        """By key, stable: as many as `amount` holds, of the `room` there is."""
        blocks = max(-(-room // SORT_THREADS), 1)
        spare = self.buffer(4 * room), self.buffer(4 * room)
        counts = self.buffer(4 * 16 * blocks)
        for shift in range(0, bits, 4):
            shape = struct.pack("<4I", room, blocks, shift, 0)
            given = {"SortKeys": keys, "SortValues": values, "SortAmount": amount, "SortCounts": counts}
            self.run("SplatSort", "SplatSortCountMain", (blocks, 1), given, shape)
            self.summed(counts, 16 * blocks)
            given |= {"SortedKeys": spare[0], "SortedValues": spare[1]}
            self.run("SplatSort", "SplatSortScatterMain", (blocks, 1), given, shape)
            (keys, values), spare = spare, (keys, values)
        return keys, values

    def counted(self, count: int) -> Any:
        """A buffer with one number in it."""
        return self.buffer(np.asarray([count, 0, 0, 0], np.uint32))


class Drawn(NamedTuple):
    """What the shaders made."""

    picture: Words
    """[H, W, 4]: display-referred colour, premultiplied, and alpha."""
    depth_sum: Words
    """[H, W]: depth times weight."""
    amounts: tuple[int, int]
    """Pairs that there was room for, pairs there would have been."""


class Shape(NamedTuple):
    """Of one picture."""

    size_px: tuple[int, int]
    splats: int
    room: int
    """For pairs of tile and splat."""

    @property
    def tiles(self) -> tuple[int, int]:
        return -(-self.size_px[0] // TILE), -(-self.size_px[1] // TILE)


def drawn(gpu: Gpu, splats: Splats, camera: Camera, antialiased: bool = True, room: int = ROOM) -> Drawn:
    """A picture of splats, by the plugin's shaders."""
    shape = Shape(camera.size_px, len(splats.means_m), room)
    packed = np.zeros((shape.splats, 12), np.float32)
    packed[:, :3], packed[:, 3] = splats.means_m, splats.opacities_unit
    packed[:, 4:8], packed[:, 8:11] = splats.rotations_wxyz, splats.scales_m
    view = view_words(splats, camera, antialiased, (*shape.tiles, room))
    return drawn_words(gpu, packed, splats.sh, view, shape)


def drawn_words(gpu: Gpu, packed: Words, sh: Words, view: bytes, shape: Shape) -> Drawn:
    """Project, sort, list by tile, sort, composite, as CycloramaSplatPasses.cpp has them. No number is read back on the
    way."""
    each, tiles = (-(-shape.splats // 64), 1), shape.tiles
    feet, keys = gpu.buffer(4 * FOOTPRINT_WORDS * shape.splats), gpu.buffer(4 * shape.splats)
    values, touched = gpu.buffer(4 * shape.splats), gpu.buffer(4 * shape.splats)
    given = {"Splats": gpu.buffer(packed), "SplatHarmonics": gpu.buffer(sh), "ProjectedFootprints": feet}
    gpu.run("SplatProject", "SplatProjectMain", each, given | {"ProjectedKeys": keys, "ProjectedValues": values}, view)
    keys, order = gpu.sorted(keys, values, gpu.counted(shape.splats), shape.splats, 32)
    listed = {"TileFootprints": feet, "TileOrder": order, "TileKeys": keys}
    gpu.run("SplatTiles", "SplatTilesCountMain", each, {**listed, "TileTouched": touched}, view + bytes(16))
    sums, last = gpu.summed(touched, shape.splats)
    amounts = gpu.counted(0)
    shaped = view + struct.pack("<4I", last, 0, 0, 0)
    gpu.run("SplatTiles", "SplatTilesAmountMain", (1, 1), {"TileSums": sums, "TileAmounts": amounts}, shaped)
    pair_keys, whose = gpu.buffer(4 * shape.room), gpu.buffer(4 * shape.room)
    listed |= {"TileOffsets": touched, "TilePairKeys": pair_keys, "TilePairValues": whose}
    gpu.run("SplatTiles", "SplatTilesPairMain", each, listed, shaped)
    bits = 4 * max(math.ceil(math.log2(tiles[0] * tiles[1]) / 4), 1)
    pair_keys, whose = gpu.sorted(pair_keys, whose, amounts, shape.room, bits)
    starts = gpu.buffer(4 * (tiles[0] * tiles[1] + 1))
    given = {"TilePairs": pair_keys, "TileAmount": amounts, "TileStarts": starts}
    gpu.run("SplatTiles", "SplatTilesStartMain", (shape.room // START_THREADS + 1, 1), given, shaped)
    return _composited(gpu, feet, whose, starts, view, shape)._replace(
        amounts=tuple(map(int, gpu.read(amounts, np.uint32)[:2]))
    )


def _composited(gpu: Gpu, feet: Any, whose: Any, starts: Any, view: bytes, shape: Shape) -> Drawn:
    (width, height), tiles = shape.size_px, shape.tiles
    picture, depth = gpu.buffer(16 * width * height), gpu.buffer(4 * width * height)
    given = {"CompositeFootprints": feet, "CompositeOrder": whose, "CompositeStarts": starts}
    given |= {"CompositePicture": picture, "CompositeDepth": depth}
    gpu.run("SplatComposite", "SplatCompositeMain", tiles, given, view)
    pixels = gpu.read(picture, np.float32).reshape(height, width, 4)
    return Drawn(pixels, gpu.read(depth, np.float32).reshape(height, width), (0, 0))


def view_words(splats: Splats, camera: Camera, antialiased: bool, shape: tuple[int, int, int]) -> bytes:
    """The uniforms of SplatFootprint.ush, each in sixteen bytes."""
    (fx, fy), (cx, cy), (width, height) = camera.focal_px, camera.centre_px, camera.size_px
    turn = np.asarray(camera.plane_from_stage)
    rows = [(*camera.position_m, camera.near_m), *((*row, 0.0) for row in turn.tolist()), (fx, fy, cx, cy)]
    rows += [
        (width, height, float(antialiased), splats.sh.shape[1]),
        (*borders(fx, cx, width), *borders(fy, cy, height)),
    ]
    return np.asarray(rows, np.float32).tobytes() + struct.pack("<4I", len(splats.means_m), *shape)
