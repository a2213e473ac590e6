"""The house rules, as data: who may import whom, who owns which library, how big things get, what they are called.

A failing line is a sentence that says where, what the rule is and what would satisfy it.
"""

import ast
import functools
import gc
import importlib
import re
import statistics
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bridge", "generators", "capture", "relight")

# Floor of each module; folders end in a dot and a star. What is not named here is a failure.
FLOORS: dict[str, int] = {
    # L0 words
    "generators": 0,
    "capture": 0,
    "relight": 0,
    "bridge": 0,
    "bridge.bus": 0,
    "bridge.check": 0,
    "bridge.calibrate": 0,
    "bridge.calibrate.delay": 0,
    "bridge.calibrate.lens": 0,
    "bridge.calibrate.stage": 0,
    "bridge.clock": 0,
    "bridge.commands": 0,
    "bridge.envelope": 0,
    "bridge.health": 0,
    "bridge.consent": 0,
    "bridge.consent.rows": 0,
    "bridge.console": 0,
    "bridge.control": 0,
    "bridge.display": 0,
    "bridge.engine": 0,
    "bridge.house_time": 0,
    "bridge.frames": 0,
    "bridge.incamera": 0,
    "bridge.messages": 0,
    "bridge.performed": 0,
    "bridge.pictured": 0,
    "bridge.playback": 0,
    "bridge.stage": 0,
    "bridge.stage_capture": 0,
    "bridge.stage_file": 0,
    "bridge.stage_text": 0,
    "bridge.stage_walls": 0,
    "bridge.take": 0,
    "bridge.taken": 0,
    "bridge.unreal": 0,
    "bridge.timecode": 0,
    "bridge.wall": 0,
    "bridge.world": 0,
    "bridge.wire": 0,
    "bridge.verbs": 0,
    "bridge.benches": 0,
    "bridge.library": 0,
    "bridge.models_table": 0,
    "bridge.model_parts": 0,
    "generators.camera": 0,
    "generators.environment": 0,
    "generators.photos": 0,
    "generators.photos.floor": 1,
    "generators.photos.guesses": 1,
    "generators.photos.metric": 1,
    "generators.photos.nerfstudio_scene": 1,
    "generators.photos.picked": 1,
    "generators.photos.placement": 1,
    "generators.photos.schedule": 1,
    "generators.photos.sky_seen": 1,
    "generators.photos.solved": 1,
    "generators.photos.start": 1,
    "generators.photos.tidy": 1,
    "generators.picture": 0,
    "generators.places": 0,
    "generators.raster": 0,
    "generators.splats": 0,
    "generators.formats": 0,
    "generators.verbs": 0,
    "generators.view": 0,
    "generators.benches": 0,
    # L1 thought: pure
    "generators.places.*": 1,
    "generators.raster.harmonics": 1,
    "generators.view.framing": 1,
    "generators.view.in_camera": 1,
    "generators.view.show": 1,
    "generators.view.pacing": 1,
    "generators.aside": 2,
    "generators.backdrop": 1,
    "generators.refine": 2,
    "generators.unseen": 1,
    "generators.face_alignment": 1,
    "generators.picture.*": 1,
    "generators.picture.file": 2,
    "generators.picture.made": 2,
    "generators.picture.segments": 2,
    "generators.photographic": 2,
    "generators.grounding": 1,
    "generators.lift": 1,
    "generators.lift_kernels": 1,
    "generators.panorama": 1,
    "generators.panorama_kernels": 1,
    "generators.panorama_light": 1,
    "generators.push_pull": 1,
    "generators.seams": 1,
    "generators.sky_mask": 1,
    "generators.formats.*": 1,
    "generators.harmonic_turns": 1,
    "generators.splat_check": 1,
    "generators.splat_moves": 1,
    "generators.detail": 1,
    "generators.detail_kernels": 1,
    "generators.equirectangular": 1,
    "generators.exposure": 1,
    "generators.floaters": 1,
    "generators.splat_hash": 1,
    "generators.splat_sets": 1,
    "generators.raster.kernels": 1,
    "bridge.library.manifest": 1,
    "generators.raster.tally": 1,
    "generators.raster.adjoint_kernels": 1,
    "generators.raster.backward_kernels": 1,
    "generators.raster.projection_kernels": 1,
    "bridge.wire.*": 1,
    "bridge.align": 1,
    "bridge.changed_live": 1,
    "bridge.compiled": 1,
    "bridge.continuity": 1,
    "bridge.course": 1,
    "bridge.dejitter": 1,
    "bridge.distortion": 1,
    "bridge.house_time.complaints": 1,
    "bridge.house_time.host_clock": 1,
    "bridge.house_time.hosts": 1,
    "bridge.house_time.house": 1,
    "bridge.house_time.line": 1,
    "bridge.house_time.midi": 1,
    "bridge.house_time.pulse": 1,
    "bridge.house_time.sound": 1,
    "bridge.house_time.watch": 1,
    "bridge.labels": 1,
    "bridge.lens": 1,
    "bridge.lens_track": 1,
    "bridge.moves": 1,
    "bridge.operating": 1,
    "bridge.pace": 1,
    "bridge.plot": 1,
    "bridge.prediction": 1,
    "bridge.refusals": 1,
    "bridge.rigs": 1,
    "bridge.samples": 1,
    "bridge.sight": 1,
    "bridge.smoothing": 1,
    "bridge.spine": 1,
    "bridge.stream_watch": 1,
    "bridge.supervision": 1,
    "bridge.tone": 1,
    "bridge.tracking": 1,
    "bridge.zero": 1,
    "bridge.zoom": 1,
    "bridge.bus.frames": 1,
    "bridge.bus.ring": 1,
    "bridge.calibrate.stage.bundle": 1,
    "bridge.calibrate.stage.certainty": 1,
    "bridge.calibrate.stage.corners": 1,
    "bridge.calibrate.stage.hand_eye": 1,
    "bridge.calibrate.stage.judgement": 1,
    "bridge.calibrate.stage.markers": 1,
    "bridge.calibrate.stage.placement": 1,
    "bridge.calibrate.stage.poses": 1,
    "bridge.calibrate.stage.resection": 1,
    "bridge.calibrate.rotations": 1,
    "bridge.calibrate.stage.sifting": 1,
    "bridge.calibrate.stage.solution": 1,
    "bridge.calibrate.stage.start": 1,
    "bridge.calibrate.stillness": 1,
    "bridge.calibrate.tracked": 1,
    "bridge.consent.chain": 1,
    "bridge.consent.decisions": 1,
    "bridge.consent.rules": 1,
    "bridge.consent.standing": 1,
    "bridge.consent.terms": 1,
    "bridge.console.facets": 1,
    "bridge.console.budget": 1,
    "bridge.console.calibration": 1,
    "bridge.console.checked": 1,
    "bridge.console.faults": 1,
    "bridge.console.history": 1,
    "bridge.console.markup": 1,
    "bridge.console.orders": 1,
    "bridge.console.running": 1,
    "bridge.console.streams": 1,
    "bridge.console.sync": 1,
    "bridge.console.takes": 1,
    "bridge.console.worlds": 1,
    "bridge.console.gallery": 1,
    "bridge.console.room": 1,
    "bridge.console.style": 1,
    "bridge.console.text": 1,
    "bridge.console.view": 1,
    "bridge.console.words": 1,
    "bridge.control.addresses": 1,
    "bridge.control.board": 1,
    "bridge.control.echo": 1,
    "bridge.control.open_stage_control": 1,
    "bridge.control.pages": 1,
    "bridge.control.stream_deck": 1,
    "bridge.control.touchosc": 1,
    "bridge.display.card": 1,
    "bridge.display.flashes": 1,
    "bridge.display.place": 1,
    "bridge.display.refresh": 1,
    "bridge.display.words": 1,
    "bridge.calibrate.lens.board": 1,
    "bridge.calibrate.lens.bundle": 1,
    "bridge.calibrate.lens.model": 1,
    "bridge.calibrate.lens.opentrackio": 1,
    "bridge.calibrate.lens.outcome": 1,
    "bridge.calibrate.lens.rig": 1,
    "bridge.calibrate.lens.rows": 1,
    "bridge.calibrate.lens.simulated": 1,
    "bridge.calibrate.lens.solve": 1,
    "bridge.calibrate.lens.start": 1,
    "bridge.calibrate.lens.ties": 1,
    "bridge.calibrate.lens.verdicts": 1,
    "bridge.calibrate.lens.sightings": 1,
    "bridge.calibrate.lens.stmap": 1,
    "bridge.engine.gateway": 1,
    "bridge.engine.people": 1,
    "bridge.engine.picture_gateway": 1,
    "bridge.engine.reader": 1,
    "bridge.engine.report": 1,
    "bridge.incamera.as_filmed": 1,
    "bridge.incamera.coverage": 1,
    "bridge.incamera.errors": 1,
    "bridge.incamera.faults": 1,
    "bridge.incamera.kernels": 1,
    "bridge.incamera.latency": 1,
    "bridge.incamera.photograph": 1,
    "bridge.incamera.photograph_kernels": 1,
    "bridge.playback.moves": 1,
    "bridge.playback.packets": 1,
    "bridge.take.format": 1,
    "bridge.take.newest_label": 1,
    "bridge.take.track": 1,
    "bridge.unreal.connection": 1,
    "bridge.unreal.errand": 1,
    "bridge.unreal.recipes": 1,
    "bridge.unreal.wishes": 1,
    "bridge.wall.draw": 1,
    "bridge.wall.frustum": 1,
    "bridge.wall.heard": 1,
    "bridge.wall.kernels": 1,
    "bridge.wall.mesh": 1,
    "bridge.wall.shape": 1,
    "bridge.wall.views": 1,
    "bridge.wall.view_kernels": 1,
    "bridge.world.kernels": 1,
    "bridge.world.sky": 1,
    "bridge.world.world": 1,
    "bridge.calibrate.delay.delays": 1,
    "bridge.calibrate.delay.flash": 1,
    "bridge.calibrate.delay.lag": 1,
    "bridge.calibrate.delay.made_clip": 1,
    "bridge.calibrate.delay.made_move": 1,
    "bridge.calibrate.delay.motion_seen": 1,
    "bridge.calibrate.delay.motion_told": 1,
    # L2 hands: sockets, files, devices
    "generators.photos.*": 2,
    "generators.raster.autograd": 2,
    "generators.raster.cuda": 2,
    "generators.raster.gpu": 2,
    "generators.raster.cube": 2,
    "generators.raster.oracle": 2,
    "generators.raster.render": 2,
    "generators.view.scenes": 2,
    "generators.depth": 2,
    "generators.first_use": 2,
    "generators.imagine": 2,
    "generators.model_folder": 2,
    "generators.formats.apart": 2,
    "generators.formats.files": 2,
    "generators.formats.foreign": 2,
    "generators.formats.spz_streams": 2,
    "generators.formats.usd": 2,
    "bridge.exr": 2,
    "bridge.jobs": 2,
    "bridge.flatbuffer": 1,
    "bridge.model_bundle": 1,
    "bridge.model_download": 2,
    "bridge.model_packages": 2,
    "bridge.models": 2,
    "bridge.free_ports": 2,
    "bridge.house_time.audio_input": 2,
    "bridge.house_time.inputs": 2,
    "bridge.house_time.midi_input": 2,
    "bridge.house_time.sound_file": 2,
    "bridge.own_process": 2,
    "bridge.picture_map": 2,
    "bridge.pictures": 2,
    "bridge.png": 2,
    "bridge.page_token": 2,
    "bridge.ports": 2,
    "bridge.processes": 2,
    "bridge.services": 2,
    "bridge.stage_edit": 2,
    "bridge.udp": 2,
    "bridge.bus.address": 2,
    "bridge.calibrate.stage.detect": 2,
    "bridge.calibrate.grab": 2,
    "bridge.calibrate.grey": 2,
    "bridge.calibrate.stage.observed": 2,
    "bridge.calibrate.stage.patterns": 2,
    "bridge.calibrate.stage.residual_pictures": 2,
    "bridge.calibrate.stage.result": 2,
    "bridge.calibrate.stage.simulated": 2,
    "bridge.calibrate.stage.calibration": 2,
    "bridge.calibrate.shots": 2,
    "bridge.calibrate.delay.clip": 2,
    "bridge.calibrate.delay.charts": 2,
    "bridge.calibrate.delay.made": 2,
    "bridge.calibrate.delay.material": 2,
    "bridge.calibrate.delay.filming": 2,
    "bridge.calibrate.delay.flow": 2,
    "bridge.bus.command": 2,
    "bridge.bus.feed": 2,
    "bridge.bus.keys": 2,
    "bridge.bus.mailbox": 2,
    "bridge.bus.publisher": 2,
    "bridge.bus.subscriber": 2,
    "bridge.bus.waiter": 2,
    "bridge.check.as_built": 2,
    "bridge.check.figures": 2,
    "bridge.check.moves": 2,
    "bridge.check.pictures": 2,
    "bridge.consent.erasure": 2,
    "bridge.consent.ledger": 2,
    "bridge.consent.running": 2,
    "bridge.consent.watch": 2,
    "bridge.console.guard": 2,
    "bridge.console.controls": 2,
    "bridge.console.jobs": 2,
    "bridge.console.page": 2,
    "bridge.console.panel": 2,
    "bridge.console.scene": 2,
    "bridge.display.screen": 2,
    "bridge.engine.input": 2,
    "bridge.engine.native": 2,
    "bridge.engine.output": 2,
    "bridge.engine.picture_output": 2,
    "bridge.take.chunks": 2,
    "bridge.take.contents": 2,
    "bridge.take.export": 2,
    "bridge.take.export_usd": 2,
    "bridge.take.f4_import": 2,
    "bridge.take.people": 2,
    "bridge.take.people_export": 2,
    "bridge.take.read": 2,
    "bridge.take.recording": 2,
    "bridge.take.replay": 2,
    "bridge.take.report": 2,
    "bridge.take.summary": 2,
    "bridge.take.videos": 2,
    "bridge.unreal.event_line": 2,
    "bridge.unreal.http_line": 2,
    "bridge.unreal.project": 2,
    "bridge.wall.surfaces": 2,
    "bridge.wall.paintings": 2,
    "bridge.calibrate.lens.board_detect": 2,
    "bridge.calibrate.lens.board_page": 2,
    "bridge.calibrate.lens.pictures": 2,
    "bridge.calibrate.lens.rehearsal": 2,
    "bridge.calibrate.lens.shots": 2,
    "bridge.calibrate.lens.stmap_files": 2,
    "bridge.world.file": 2,
    "bridge.library.shelf": 2,
    "bridge.library.staging": 2,
    "generators.outputs": 0,
    "generators.outputs.levels": 2,
    "generators.outputs.mesh_glb": 1,
    "generators.outputs.panorama": 1,
    "generators.outputs.shell": 1,
    "generators.outputs.primaries": 1,
    "generators.outputs.passes": 2,
    "generators.outputs.geometry": 2,
    "generators.outputs.way": 2,
    "generators.outputs.views": 1,
    "generators.outputs.sheet": 2,
    "generators.outputs.surroundings": 2,
    "generators.outputs.write": 2,
    # L3 loops: services and what runs them
    "bridge.at_ticks": 3,
    "bridge.service": 3,
    "bridge.spine_process": 3,
    "bridge.supervise": 3,
    "bridge.console.service": 3,
    "bridge.control.service": 3,
    "bridge.display.contents": 3,
    "bridge.display.live": 3,
    "bridge.display.painter": 3,
    "bridge.display.service": 3,
    "bridge.display.window": 3,
    "bridge.engine.listening": 3,
    "bridge.engine.pictures": 3,
    "bridge.engine.standin": 3,
    "bridge.house_time.clocks_service": 3,
    "bridge.house_time.service": 3,
    "bridge.playback.player": 3,
    "bridge.take.recorder": 3,
    "bridge.unreal.service": 3,
    "bridge.unreal.standin": 3,
    "bridge.wall.preview": 3,
    "generators.view.service": 3,
    # L4 doors
    "bridge.verbs.*": 4,
    "bridge.benches.*": 4,
    "bridge.__main__": 4,
    "capture.bones": 1,
    "capture.faces": 1,
    "capture.face_file": 1,
    "capture.exports": 0,
    "capture.exports.bvh": 1,
    "capture.exports.motion": 1,
    "capture.exports.trc": 1,
    "capture.exports.blender": 2,
    "capture.exports.solved_take": 2,
    "capture.exports.usd_skeleton": 2,
    "capture.live.eyes": 2,
    "capture.live.filming": 2,
    "capture.live.permission": 2,
    "capture.live.reel": 2,
    "capture.live.service": 3,
    "capture.live.staged": 3,
    "capture.live.synthetic_eyes": 2,
    "capture.live.show": 1,
    "capture.live.misfit": 1,
    "capture.live.overlay": 2,
    "capture.live.standing": 1,
    "capture.live.recorded": 1,
    "bridge.console.people": 1,
    "bridge.console.people_controls": 2,
    "bridge.console.people_scene": 2,
    "bridge.console.skeleton": 1,
    "bridge.console.suspension": 2,
    "capture.live": 0,
    "capture.live.avatar_sender": 3,
    "capture.live.avatars": 1,
    "capture.cameras": 0,
    "capture.cameras.picture": 0,
    "capture.cameras.address": 2,
    "capture.cameras.avi": 1,
    "capture.cameras.mp4_timecode": 1,
    "capture.cameras.opened": 2,
    "capture.cameras.pace": 2,
    "capture.cameras.reading": 1,
    "capture.cameras.stamps": 1,
    "capture.cameras.tally": 1,
    "capture.cameras.timeline": 2,
    "capture.cameras.v4l2": 2,
    "capture.budget": 1,
    "capture.beside": 2,
    "capture.detector": 1,
    "capture.device": 2,
    "capture.found": 2,
    "capture.landmarks": 2,
    "capture.unmasked": 1,
    "capture.retarget": 1,
    "capture.rig": 1,
    "capture.seen": 1,
    "capture.solve": 0,
    "capture.solve.*": 1,
    "capture.synthetic": 0,
    "capture.synthetic.*": 1,
    "capture.synthetic.bodies": 2,
    "capture.synthetic.clips": 2,
    "capture.synthetic.source": 2,
    "capture.calibrate": 0,
    "capture.calibrate.*": 1,
    "capture.calibrate.detect": 2,
    "capture.calibrate.footage": 2,
    "capture.calibrate.strange": 2,
    "capture.calibrate.watching": 2,
    "capture.verbs": 0,
    "capture.benches": 0,
    "capture.verbs.*": 4,
    "capture.benches.*": 4,
    "generators.verbs.*": 4,
    "generators.__main__": 4,
    "generators.benches.*": 4,
}

# Besides the standard library, what each floor may import. Higher floors add their owned libraries.
LIGHT = {"numpy", "msgspec"}
FLOOR_LIBRARIES = {
    0: LIGHT,
    1: LIGHT | {"scipy", "numba"},
    2: LIGHT | {"scipy", "numba"},
    3: LIGHT,
    4: LIGHT | {"scipy"},
}

# A heavy library's owner files. Nobody else imports it.
OWNERS: dict[str, set[str]] = {
    "diffusers": {"generators.imagine"},
    "transformers": {"generators.depth", "generators.imagine"},
    "rich": {"bridge.verbs.terminal"},
    "tomlkit": {"bridge.stage_edit"},
    "cbor2": {"bridge.wire.opentrackio"},
    "mcap": {
        "bridge.take.chunks",
        "bridge.take.contents",
        "bridge.take.read",
        "bridge.take.recording",
        "bridge.take.summary",
    },
    "zstandard": {"bridge.take.chunks", "bridge.take.recording", "generators.formats.spz_streams"},
    "pxr": {"bridge.take.export_usd", "capture.exports.usd_skeleton", "generators.formats.usd"},
    "gaussforge": {"generators.formats.foreign"},
    "viser": {
        "bridge.benches.page_watcher",
        "bridge.console.controls",
        "bridge.console.guard",
        "bridge.console.page",
        "bridge.console.panel",
        "bridge.console.people_controls",
        "bridge.console.people_scene",
        "bridge.console.scene",
    },
    "websockets": {
        "bridge.benches.page_watcher",
        "bridge.console.guard",
        "bridge.unreal.event_line",
        "bridge.unreal.standin",
    },
    "sounddevice": {"bridge.house_time.audio_input"},
    "rtmidi": {"bridge.house_time.midi_input"},
    "OpenEXR": {"bridge.exr"},
    "gsplat": {"generators.photos.drawing", "generators.raster.gpu"},
    "torch": {
        "generators.depth",
        "generators.imagine",
        "generators.photos.checkpoint",
        "generators.photos.descent",
        "generators.photos.drawing",
        "generators.photos.fit",
        "generators.photos.gaussians",
        "generators.photos.growth",
        "generators.photos.likeness",
        "generators.raster.autograd",
        "generators.raster.gpu",
        "generators.raster.oracle",
    },
    "mediapipe": {"capture.landmarks"},
    "pycolmap": {"generators.photos.features", "generators.photos.poses"},
    "glfw": {"bridge.display.screen"},
    "moderngl": {"bridge.display.screen"},
    "PIL": {
        "bridge.calibrate.lens.board_page",
        "bridge.calibrate.stage.patterns",
        "bridge.calibrate.stage.residual_pictures",
        "bridge.png",
        "generators.imagine",
        "generators.outputs.sheet",
        "generators.picture.file",
    },
    "cv2": {
        "bridge.calibrate.delay.clip",
        "bridge.calibrate.delay.flow",
        "bridge.calibrate.grab",
        "bridge.calibrate.grey",
        "bridge.calibrate.lens.board_detect",
        "bridge.calibrate.stage.detect",
        "bridge.calibrate.stage.resection",
        "capture.cameras.opened",
        "capture.landmarks",
        "capture.live.overlay",
        "capture.live.reel",
        "capture.synthetic.clips",
        "capture.synthetic.source",
        "capture.calibrate.footage",
        "capture.calibrate.strange",
        "generators.photos.frames",
        "generators.picture.segments",
    },
    "zmq": {
        "bridge.benches.bus",
        "bridge.benches.bus_peers",
        "bridge.benches.peers",
        "bridge.benches.tracking",
        "bridge.bus.command",
        "bridge.bus.feed",
        "bridge.bus.keys",
        "bridge.bus.mailbox",
        "bridge.bus.publisher",
        "bridge.bus.subscriber",
        "bridge.bus.waiter",
        "bridge.engine.input",
        "bridge.engine.output",
        "bridge.engine.picture_output",
    },
}

# What pure code may not touch, even from the standard library.
IMPURE = {
    "socket",
    "time",
    "threading",
    "subprocess",
    "multiprocessing",
    "asyncio",
    "mmap",
    "tempfile",
    "shutil",
    "random",
}
IMPURE_ALLOWED = {"bridge.clock": {"time"}}

BANNED = re.compile(r"^(utils?|helpers?|common|misc)$|(Manager|Handler|Controller|Base|Impl)$", re.IGNORECASE)
UNITS = ("_frames", "_samples", "_m", "_mm", "_cm", "_deg", "_rad", "_s", "_ns", "_hz", "_px", "_nits", "_unit", "_ev")
UNITS += ("_bytes", "_db")
UNITS += ("_bytes",)
UNITS += ("_db",)
MODULE_STOP, MODULE_MEDIAN, FUNCTION_STOP, FUNCTION_P90, FUNCTION_MEDIAN, PARAMETERS = 400, 150, 60, 30, 10, 8


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def modules() -> dict[str, ast.Module]:
    paths = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    gc.disable()  # while trees grow it walks what there is of them again and again, which takes longer than they do
    trees = {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(paths)}
    gc.freeze()
    gc.enable()
    return trees


@functools.cache
def nodes(tree: ast.Module) -> list[ast.AST]:
    return list(ast.walk(tree))


def floor_of(module: str) -> int | None:
    return FLOORS.get(module, FLOORS.get(module.rpartition(".")[0] + ".*", FLOORS.get(module + ".*")))


@functools.cache
def imports_of(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "absolute imports only"
            found.update({f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)})
    return found


@functools.cache
def own_imports(tree: ast.Module) -> set[str]:
    known = modules()
    return {name for name in imports_of(tree) if name in known and name.split(".")[0] in PACKAGES}


def library_imports(tree: ast.Module) -> set[str]:
    tops = {name.split(".")[0] for name in imports_of(tree)}
    return tops - set(sys.stdlib_module_names) - set(PACKAGES)


@functools.cache
def functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in nodes(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    docstring = function.body[0] if ast.get_docstring(function) else None
    length = (function.end_lineno or 0) - function.lineno + 1
    return length - ((docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0)


@functools.cache
def plain(module: str) -> str:
    """The code without comments, spelled one way."""
    return ast.unparse(modules()[module])


def source_lines(module: str) -> int:
    path = ROOT / Path(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return len(path.read_text(encoding="utf-8").splitlines())


def test_every_module_has_a_floor() -> None:
    homeless = [module for module in modules() if floor_of(module) is None]
    assert not homeless, f"no floor for {homeless}: add a row to FLOORS in {__file__}"


def test_imports_go_down_the_floors() -> None:
    climbs = [
        f"{module} (L{floor_of(module)}) imports {name} (L{floor_of(name)}): floors import downwards only"
        for module, tree in modules().items()
        for name in own_imports(tree)
        if (floor_of(name) or 0) > (floor_of(module) or 0)
    ]
    assert not climbs, "\n".join(climbs)


def test_packages_meet_on_the_bus_only() -> None:
    crossings = [
        f"{module} imports {name}: packages never import each other, except bridge"
        for module, tree in modules().items()
        for name in own_imports(tree)
        if name.split(".")[0] not in (module.split(".")[0], "bridge")
    ]
    assert not crossings, "\n".join(crossings)


def test_heavy_libraries_are_imported_by_their_owners_only() -> None:
    strays = [
        f"{module} (L{floor_of(module)}) imports {library}: owned by {sorted(OWNERS.get(library, {'nobody yet'}))}"
        for module, tree in modules().items()
        for library in library_imports(tree) - FLOOR_LIBRARIES[floor_of(module) or 0]
        if module not in OWNERS.get(library, set())
    ]
    assert not strays, "\n".join(strays)


def test_thought_is_pure() -> None:
    touches = [
        f"{module} (L{floor_of(module)}) imports {name}: pure code gets clocks and bytes passed in"
        for module, tree in modules().items()
        if (floor_of(module) or 0) <= 1
        for name in {found.split(".")[0] for found in imports_of(tree)} & IMPURE - IMPURE_ALLOWED.get(module, set())
    ]
    assert not touches, "\n".join(touches)


def test_print_exit_and_argv_stay_in_the_doors() -> None:
    pattern = re.compile(r"\bprint\(|\bsys\.argv\b|\bsys\.exit\(|\bos\.environ\b")
    strays = [
        f"{module}: {match.group()} belongs in a door (L4)"
        for module in modules()
        if (floor_of(module) or 0) < 4
        for match in pattern.finditer(plain(module))
        if module
        not in {"bridge.supervise", "bridge.console.jobs"}  # they hand their environment on to the processes they start
    ]
    assert not strays, "\n".join(strays)


def test_modules_keep_their_budget() -> None:
    sizes = {module: source_lines(module) for module in modules()}
    over = [f"{module}: {size} lines, stop is {MODULE_STOP}" for module, size in sizes.items() if size > MODULE_STOP]
    assert not over, "\n".join(over)
    assert statistics.median(sizes.values()) <= MODULE_MEDIAN


def test_functions_keep_their_budget() -> None:
    sizes = {f"{m}.{f.name}": lines_of(f) for m, tree in modules().items() for f in functions(tree)}
    over = [f"{name}: {size} lines, stop is {FUNCTION_STOP}" for name, size in sizes.items() if size > FUNCTION_STOP]
    assert not over, "\n".join(over)
    assert statistics.median(sizes.values()) <= FUNCTION_MEDIAN
    assert statistics.quantiles(sizes.values(), n=10)[-1] <= FUNCTION_P90


def test_functions_take_few_parameters() -> None:
    many = [
        f"{module}.{function.name}: {count} parameters, at most {PARAMETERS}"
        for module, tree in modules().items()
        for function in functions(tree)
        if (count := len([*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs])) > PARAMETERS
    ]
    assert not many, "\n".join(many)


def test_names_say_something() -> None:
    names = [part for module in modules() for part in module.split(".")]
    names += [node.name for tree in modules().values() for node in nodes(tree) if isinstance(node, ast.ClassDef)]
    assert not [name for name in names if BANNED.search(name)]


def test_every_module_says_its_job() -> None:
    silent = [module for module, tree in modules().items() if not ast.get_docstring(tree)]
    assert not silent, f"no docstring that says the file's one job: {silent}"


def struct_fields() -> list[tuple[str, str]]:
    """(where, field) of every float field of a struct of ours."""
    found: list[tuple[str, str]] = []
    for module, tree in modules().items():
        for cls in (node for node in tree.body if isinstance(node, ast.ClassDef)):
            for field in (node for node in cls.body if isinstance(node, ast.AnnAssign)):
                kind = ast.unparse(field.annotation)
                if re.search(r"\b(float|Positive|NotNegative|Vector|Quaternion|Angles)\b", kind):
                    found.append((f"{module}.{cls.name}", ast.unparse(field.target)))
    return found


def test_float_fields_carry_their_unit() -> None:
    ends = (*UNITS, "_wxyz", "_xyzw")
    exempt = {
        "bridge.benches.row.Row",
        "bridge.plot.Curve",
        "bridge.calibrate.stage.result.Line",
    }  # their unit is a field
    exempt |= {
        "bridge.incamera.faults.Fault",
        "bridge.incamera.faults.Cause",
    }  # their `say` knows the unit of each amount
    bare = [
        f"{where}.{field}: end it in one of {' '.join(ends)}"
        for where, field in struct_fields()
        if where not in exempt and "_from_" not in field and not field.endswith(ends)
    ]
    assert not bare, "\n".join(bare)


def test_conversions_live_in_frames() -> None:
    pattern = re.compile(r"np\.(deg2rad|rad2deg)\b|\* ?-1\b|\[\.\.\., ?::-1\]|\* 100\.0\b|\* 0\.01\b|/ 100\.0\b")
    allowed = {"bridge.frames"}
    strays = [
        f"{module}: `{match.group()}` looks like a frame or unit conversion; it belongs in bridge/frames.py"
        for module in modules()
        if module not in allowed and (floor_of(module) or 0) <= 3
        for match in pattern.finditer(plain(module))
    ]
    assert not strays, "\n".join(strays)


WORDS = ("commands", "envelope", "health", "messages", "pictured", "stage", "stage_walls", "timecode")


def test_words_are_frozen() -> None:
    for name in (
        "bridge.commands",
        "bridge.envelope",
        "bridge.health",
        "bridge.messages",
        "bridge.pictured",
        "bridge.stage",
        "bridge.stage_walls",
        "bridge.timecode",
    ):
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, type) and issubclass(value, msgspec.Struct) and value.__module__ == name:
                assert value.__struct_config__.frozen, f"{name}.{value.__name__} must be frozen"


HEAVY = ("torch", "cv2", "mediapipe", "open3d", "numba", "scipy", "viser", "mcap", "pxr", "OpenEXR", "rich")


@pytest.mark.parametrize("what", ["bridge", "bridge.service, bridge.tracking", "bridge.spine", "bridge.__main__"])
def test_the_live_path_stays_light(what: str) -> None:
    code = f"import sys, {what}; print([name for name in {HEAVY!r} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert shown.stdout.strip() == "[]", shown.stdout + shown.stderr
