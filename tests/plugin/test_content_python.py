"""Content/Python inside a stand-in for Unreal: what it asks of the editor, and its types under `mypy --strict`."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bridge.frames import unreal_pose_from_stage

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "ue_plugin" / "Cyclorama" / "Content" / "Python"


ABSENT = {"add_component_by_class"}  # what Unreal's Python has not, though Blueprints have it


class Thing:
    """Any object of Unreal's: remembers what was asked of it."""

    def __init__(self, *words: Any, kind: str = "Thing", **named: Any) -> None:
        self.words, self.kind, self.asked = words or tuple(named.values()), kind, list[tuple[str, Any]]()
        self.properties: dict[str, Any] = {"tags": [], "external_camera_actor": None}
        self.components = list["Thing"]()

    def get_editor_property(self, name: str) -> Any:
        return self.properties.get(name, [])

    def set_editor_property(self, name: str, value: Any) -> None:
        self.properties[name] = value

    def get_class(self) -> "Thing":
        return Thing(kind=self.kind)

    def get_name(self) -> str:
        return self.kind

    def get_actor_label(self) -> str:
        return next((words[0] for verb, words in self.asked if verb == "set_actor_label"), "")

    def rotator(self) -> Any:
        return self.words

    def get_components_by_class(self, kind: type) -> list["Thing"]:
        return [one for one in self.components if isinstance(one, kind)]

    def __getattr__(self, verb: str) -> Any:
        if verb.startswith("__") or verb in ABSENT:
            raise AttributeError(verb)

        def ask(*words: Any, **named: Any) -> "Thing":
            self.asked.append((verb, words or tuple(named.values())))
            return self.__dict__.setdefault(f"_{verb}", Thing(kind=verb))

        return ask


class Editor(ModuleType):
    """The `unreal` module: a level, a project with the importers it is given, and a log."""

    def __init__(self, importers: dict[str, str]) -> None:
        super().__init__("unreal")
        self.importers, self.level, self.said = importers, list[Thing](), list[str]()
        self.assets: dict[str, Thing] = {}
        for name in ("Name", "Vector", "Rotator", "Quat", "Transform", "LinearColor", "CustomInput", "AssetImportTask"):
            setattr(self, name, type(name, (Thing,), {}) if name != "Name" else str)
        for level in ("log", "log_warning", "log_error"):
            setattr(self, level, lambda text, level=level: self.said.append(f"{level}: {text}"))

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("__", "DisplayCluster", self.__dict__.get("without", "__"))):
            raise AttributeError(name)
        made = type(name, (Thing,), {"get_asset_tools": staticmethod(lambda: self)})
        setattr(self, name, made)
        return made

    def get_editor_subsystem(self, _: Any) -> "Editor":
        return self

    get_engine_subsystem = get_editor_subsystem

    def k2_gather_subobject_data_for_instance(self, actor: Thing) -> list[Thing]:
        return [actor]

    def add_new_subobject(self, wanted: Thing) -> tuple[Thing, str]:
        made = wanted.properties["new_class"]()
        wanted.properties["parent_handle"].components.append(made)
        return made, ""

    def create_asset(self, name: str, folder: str, kind: Any, _: Any) -> Thing:
        self.assets[f"{folder}/{name}"] = kind(kind="Material")
        return self.assets[f"{folder}/{name}"]

    def does_asset_exist(self, path: str) -> bool:
        return path in self.assets

    def save_asset(self, path: str) -> bool:
        return path in self.assets

    def import_asset_tasks(self, tasks: list[Thing]) -> None:
        for task in tasks:
            suffix = Path(task.properties["filename"]).suffix
            if suffix in self.importers:
                path = f"{task.properties['destination_path']}/{Path(task.properties['filename']).stem}"
                self.assets[path] = Thing(kind=self.importers[suffix])
                task.properties["imported_object_paths"] = [path]

    def load_asset(self, path: str) -> Thing | None:
        return self.assets.get(path)

    def spawn_actor_from_object(self, asset: Thing, _: Any) -> Thing:
        self.level.append(Thing(asset, kind=asset.kind))
        return self.level[-1]

    def spawn_actor_from_class(self, kind: Any, *_: Any) -> Thing:
        self.level.append(Thing(*_, kind=kind.__name__))
        return self.level[-1]

    def get_all_level_actors(self) -> list[Thing]:
        return list(self.level)

    def destroy_actor(self, actor: Thing) -> None:
        self.level.remove(actor)

    def ScopedEditorTransaction(self, _: str) -> Any:  # noqa: N802
        return __import__("contextlib").nullcontext()


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """`scripts(importers)` -> the editor and its `stage` module, freshly imported."""
    monkeypatch.syspath_prepend(str(SCRIPTS))

    def start(importers: dict[str, str]) -> tuple[Editor, Any]:
        editor = Editor(importers)
        monkeypatch.setitem(sys.modules, "unreal", editor)
        forget()
        return editor, __import__("cyclorama_stage.stage", fromlist=["stage"])

    yield start
    forget()


def forget() -> None:
    for name in [name for name in sys.modules if name.startswith("cyclorama_stage")]:
        del sys.modules[name]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    sun = {"towards_unit": [0.6, 0.0, 0.8], "light_unit": [4.0, 3.0, 2.0]}
    described = {"schema": 1, "title": "A street", "content": "ab" * 32, "sun": sun}
    (tmp_path / "manifest.json").write_text(json.dumps(described))
    for name in ("splats.ply", "splats.spz", "proxy.glb", "panorama.exr"):
        (tmp_path / name).touch()
    return tmp_path


def test_an_environment_comes_through_the_importer_that_is_there(scripts: Any, place: Path) -> None:
    editor, stage = scripts({".spz": "GaussianSplatAsset", ".exr": "Texture"})
    assert stage.bring(str(place))
    (splats, sun) = editor.level
    assert splats.kind == "GaussianSplatAsset" and splats.get_actor_label() == "A street"
    assert sun.kind == "DirectionalLight" and not [line for line in editor.said if line.startswith("log_error")]
    assert stage.bring(str(place)) and len(editor.level) == 2  # in place of the one before


def test_without_an_importer_the_proxy_takes_its_place_and_it_is_said(scripts: Any, place: Path) -> None:
    editor, stage = scripts({".glb": "StaticMesh", ".exr": "Texture"})
    assert stage.bring(str(place))
    assert editor.level[0].kind == "StaticMesh"
    assert any("the proxy mesh and the panorama take their place" in line for line in editor.said)


def test_what_is_no_environment_is_one_sentence_and_the_level_stays(scripts: Any, place: Path) -> None:
    editor, stage = scripts({".ply": "GaussianSplatAsset"})
    assert not stage.bring(str(place / "nowhere"))
    (place / "proxy.glb").unlink()
    assert not stage.bring(str(place))
    assert [line.split(": ")[0] for line in editor.said] == ["log_error"] * 2
    assert "cyc library list" in editor.said[0] and "cyc library verify" in editor.said[1] and not editor.level


def test_a_camera_follows_its_subject_once(scripts: Any) -> None:
    editor, stage = scripts({})
    assert stage.camera("A-cam") and stage.camera("A-cam")
    (camera,) = editor.level
    assert camera.kind == "CineCameraActor" and camera.get_actor_label() == "Cyclorama A-cam"
    (controller,) = camera.components
    assert type(controller).__name__ == "LiveLinkComponentController"
    assert controller.subject_representation.properties["role"] is editor.LiveLinkCameraRole


class Wiring:
    """Unreal's MaterialEditingLibrary: what is made, and which pin goes where."""

    def __init__(self) -> None:
        self.made, self.wires, self.masks = list[Thing](), set[tuple[str, str, str, str]](), list[Thing]()

    def name(self, one: Thing) -> str:
        return str(one.properties.get("parameter_name", type(one).__name__.removeprefix("MaterialExpression")))

    def create_material_expression(self, _: Thing, kind: Any, *__: int) -> Thing:
        self.made.append(kind())
        return self.made[-1]

    def connect_material_expressions(self, source: Thing, output: str, into: Thing, pin: str) -> bool:
        self.wires.add((self.name(source), output, self.name(into), pin))
        return True

    def connect_material_property(self, source: Thing, _: str, __: Any) -> bool:
        self.masks.append(source)
        return True

    def delete_all_material_expressions(self, _: Thing) -> None:
        self.__init__()

    def recompile_material(self, _: Thing) -> None:
        assert "SceneDepth" not in map(self.name, self.made), (
            "Unreal lets only transparent materials read the scene's depth"
        )


def test_the_occlusion_material_is_laid_over_the_picture_and_hides_nothing_by_itself(scripts: Any) -> None:
    editor, stage = scripts({})
    editor.MaterialEditingLibrary = wiring = Wiring()
    editor.BlendMode = editor.MaterialProperty = SimpleNamespace(BLEND_MASKED=1, MP_OPACITY_MASK=2)
    editor.assets["/Engine/EngineResources/Black"] = black = Thing(kind="Texture2D")
    assert stage.occlude()
    assert wiring.wires == {
        *(("ScreenPosition", "", "Matte", ""), ("ScreenPosition", "", "DepthM", "")),
        *(
            ("Matte", "R", "Custom", "Matte"),
            ("DepthM", "R", "Custom", "DepthM"),
            ("PixelDepth", "", "Custom", "SurfaceCm"),
        ),
    }
    assert [wiring.name(one) for one in wiring.masks] == ["Custom"]
    assert [one.properties["texture"] for one in wiring.made if "texture" in one.properties] == [black, black]
    before = editor.assets["/Game/Cyclorama/M_CycloramaOcclusion"]
    assert stage.occlude() and editor.assets["/Game/Cyclorama/M_CycloramaOcclusion"] is before  # what wears it keeps it
    assert len(wiring.wires) == 5
    wiring.connect_material_expressions = lambda *_: False  # type: ignore[method-assign]
    assert not stage.occlude() and "could not be wired" in editor.said[-1]


@pytest.mark.parametrize(
    ("matte", "depth_m", "surface_cm", "shown"),
    [(1, 3, 400, 0), (1, 5, 400, 1), (0, 3, 400, 1), (1, 0, 400, 1), (0, 0, 400, 1)],
)
def test_only_what_stands_behind_a_performer_is_hidden(
    scripts: Any, matte: float, depth_m: float, surface_cm: float, shown: float
) -> None:
    scripts({})
    __import__("cyclorama_stage.occlusion")
    said = sys.modules["cyclorama_stage.occlusion"]._HIDES.removeprefix("return ").removesuffix(";")
    condition, values = said.split(" ? ")
    hidden, visible = map(float, values.split(" : "))
    names = {"Matte": matte, "DepthM": depth_m, "SurfaceCm": surface_cm}
    assert (hidden if eval(condition.replace("&&", "and"), names) else visible) == shown


def test_what_cannot_be_placed_is_no_success(scripts: Any, place: Path) -> None:
    editor, stage = scripts({".ply": "GaussianSplatAsset"})
    editor.spawn_actor_from_object = lambda *_: None
    assert not stage.bring(str(place))
    assert any("cannot be placed in a level by a script" in line for line in editor.said)


def test_a_panorama_that_was_not_imported_is_not_promised(scripts: Any, place: Path) -> None:
    editor, stage = scripts({".ply": "GaussianSplatAsset"})
    assert stage.bring(str(place)) and "panorama.exr was not imported" in editor.said[-1]


def test_without_live_link_no_camera_is_left_behind(scripts: Any) -> None:
    editor, stage = scripts({})
    editor.without = "LiveLink"
    assert not stage.camera("A-cam") and not editor.level and "Live Link is not enabled" in editor.said[-1]


def test_without_ndisplay_the_frustum_says_so(scripts: Any) -> None:
    editor, stage = scripts({})
    assert not stage.inner_frustum("A-cam")
    assert "no ICVFX camera in this level" in editor.said[-1]


def test_the_sun_shines_from_where_the_stage_says(scripts: Any) -> None:
    scripts({})
    placing = sys.modules["cyclorama_stage.placing"]
    for towards in ((0.6, 0.0, 0.8), (0.0, 1.0, 0.0), (-0.5, 0.5, 0.7071)):
        pitch, yaw, _ = np.radians(placing.sun_rotator(towards))
        shines = np.array((np.cos(pitch) * np.cos(yaw), np.cos(pitch) * np.sin(yaw), np.sin(pitch)))
        expected = -np.array(unreal_pose_from_stage(towards, (1.0, 0.0, 0.0, 0.0))[0]) / 100
        assert shines == pytest.approx(expected / np.linalg.norm(expected), abs=1e-6)


def test_a_raw_ply_stands_upright_in_its_true_size(scripts: Any) -> None:
    """Right, down, forward in metres, taken for Unreal's numbers by an importer, against the bridge's conversion."""
    scripts({})
    placing = sys.modules["cyclorama_stage.placing"]
    for right, forward, up in ((1.0, 2.0, 3.0), (-4.0, 0.5, 0.0)):
        shown = placing.shown(placing.RAW_RDF, (right, -up, forward))
        expected = unreal_pose_from_stage((right, forward, up), (1.0, 0.0, 0.0, 0.0))[0]
        assert shown == pytest.approx(expected)
        assert placing.centimetres((right, forward, up)) == pytest.approx(expected)


@pytest.mark.slow
def test_types_hold() -> None:
    pytest.importorskip("mypy", reason="needs mypy: pip install 'cyclorama[dev]'")
    where = {"MYPYPATH": f"{SCRIPTS}:{ROOT / 'ue_plugin' / 'typings'}", "PATH": ""}
    call = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", str(SCRIPTS)]
    ran = subprocess.run(call, capture_output=True, text=True, check=False, env=where, cwd=SCRIPTS)
    assert ran.returncode == 0, ran.stdout
