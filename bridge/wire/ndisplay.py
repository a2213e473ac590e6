"""Unreal's `.ndisplay` cluster files, 4.27 and 5.x: bytes <-> values, with every key we do not read carried along.

Lengths are centimetres and axes Unreal's here (`ndisplay_walls` and `ndisplay_cluster` turn them into a stage's); a
screen lies in its own YZ plane about its middle and is looked at along its +X. The inner frustum is not in these files:
it lives in the nDisplay asset. Nor need the scene be: 4.27 leaves it out where the asset has it.
"""

import json
import re
from collections.abc import Iterator
from typing import cast

import msgspec

from bridge.frames import Vector
from bridge.wire.json_path import At, Json, json_of, text_of
from bridge.wire.refusal import Refused

Rect = tuple[int, int, int, int]
"""Left, top, width, height, in pixels."""

_VERSION = re.compile(r"4\.27|5(\.\d+)+")
_OLD = re.compile(r"^\[info\] ", re.MULTILINE)
_LARGEST_PX = 65536


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Something with a name; `rest` is what the file said of it, for the keys that are no field here."""

    name: str
    rest: Json = {}


class Component(Entry, frozen=True, kw_only=True):
    """An xform or a camera (a viewpoint), placed in its parent."""

    parent: str = ""
    """An xform or a camera; empty is the cluster's origin."""
    location_cm: Vector = (0.0, 0.0, 0.0)
    pitch_yaw_roll_deg: Vector = (0.0, 0.0, 0.0)


class Screen(Component, frozen=True, kw_only=True):
    """A flat rectangle about its location: width along its Y, height along its Z."""

    size_cm: tuple[float, float]


class Viewport(Entry, frozen=True, kw_only=True):
    """Part of a node's window, and the projection that fills it."""

    camera: str
    """Empty is the cluster's default viewpoint."""
    region_px: Rect
    policy: str
    """`simple`, `mesh`, or any other Unreal has; case does not matter to it."""
    parameters: Json = {}
    """`screen` for simple, `mesh_component` for mesh."""


class Node(Entry, frozen=True, kw_only=True):
    """One instance of Unreal on a host, with one window."""

    host: str
    window_px: Rect
    viewports: tuple[Viewport, ...] = ()


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """A whole file."""

    version: str = "5.00"
    asset: str = ""
    primary: str
    xforms: tuple[Component, ...] = ()
    cameras: tuple[Component, ...] = ()
    screens: tuple[Screen, ...] = ()
    nodes: tuple[Node, ...] = ()
    rest: Json = {}


def decode(data: bytes) -> Cluster:
    """Refused: encoding (no text, no JSON), version, field (missing, wrong, dangling or circular, with its path)."""
    text = text_of(data)
    if _OLD.search(text):
        raise Refused("version", "a text .cfg from before 4.26: import it into Unreal 4.27, and export it from there")
    document = At(json_of(text), "")
    top = document.key("nDisplay")
    version = top.key("version").text()
    if not _VERSION.fullmatch(version):
        raise Refused("version", f"nDisplay.version: expected 4.27 or 5.x, got {version!r}")
    scene = top.key("scene") if top.has("scene") else At({}, "nDisplay.scene")
    cluster = top.key("cluster")
    read = Cluster(
        version=version,
        asset=top.key("assetPath").text() if top.has("assetPath") else "",
        primary=cluster.key(_primary_key(version)).key("id").text(),
        xforms=tuple(_component(name, value) for name, value in _group(scene, "xforms")),
        cameras=tuple(_component(name, value) for name, value in _group(scene, "cameras")),
        screens=tuple(_screen(name, value) for name, value in _group(scene, "screens")),
        nodes=tuple(_node(name, value) for name, value in cluster.key("nodes").items()),
        rest=_unread(document.object()),
    )
    _check(read)
    return read


def encode(cluster: Cluster) -> bytes:
    """The file, in ASCII (Unreal itself changes to UTF-16 as soon as a name is not)."""
    groups = {"xforms": cluster.xforms, "cameras": cluster.cameras, "screens": cluster.screens}
    scene = {key: {part.name: _said(part) for part in group} for key, group in groups.items()}
    known: Json = {
        "version": cluster.version,
        "assetPath": cluster.asset,
        **({"scene": scene} if any(scene.values()) or "scene" in cluster.rest.get("nDisplay", {}) else {}),
        "cluster": {
            _primary_key(cluster.version): {"id": cluster.primary},
            "nodes": {node.name: _said_of_node(node) for node in cluster.nodes},
        },
    }
    return json.dumps(_over(cluster.rest, {"nDisplay": known}), indent="\t", allow_nan=False).encode("ascii") + b"\n"


def _primary_key(version: str) -> str:
    return "masterNode" if version.startswith("4.") else "primaryNode"


# --- reading --------------------------------------------------------------------------------------------------------


def _group(scene: At, key: str) -> Iterator[tuple[str, At]]:
    return scene.key(key).items() if scene.has(key) else iter(())


def _component(name: str, value: At) -> Component:
    return Component(
        name=name,
        parent=value.key("parentId").text(),
        location_cm=value.key("location").three("x", "y", "z"),
        pitch_yaw_roll_deg=value.key("rotation").three("pitch", "yaw", "roll"),
        rest=value.object(),
    )


def _screen(name: str, value: At) -> Screen:
    size = value.key("size")
    placed = msgspec.structs.asdict(_component(name, value))
    return Screen(**placed, size_cm=(size.key("width").above_zero(), size.key("height").above_zero()))


def _node(name: str, value: At) -> Node:
    return Node(
        name=name,
        host=value.key("host").text(),
        window_px=_rect(value.key("window"), 0),
        viewports=tuple(_viewport(name, viewport) for name, viewport in value.key("viewports").items()),
        rest={key: said for key, said in value.object().items() if key != "viewports"},
    )


def _viewport(name: str, value: At) -> Viewport:
    policy = value.key("projectionPolicy")
    kind = policy.key("type").text()
    parameters = policy.key("parameters") if policy.has("parameters") else At({}, "")
    for needed in {"simple": ("screen",), "mesh": ("mesh_component",)}.get(kind.lower(), ()):
        parameters.key(needed).text()
    return Viewport(
        name=name,
        camera=value.key("camera").text() if value.has("camera") else "",
        region_px=_rect(value.key("region"), 1),
        policy=kind,
        parameters=parameters.object(),
        rest={key: said for key, said in value.object().items() if key != "projectionPolicy"},
    )


def _rect(value: At, smallest: int) -> Rect:
    """A window may be off to the left of the first display, and of no size; a viewport may not."""
    x, y = (value.key(name).whole(-_LARGEST_PX, _LARGEST_PX) for name in "xy")
    width, height = (value.key(name).whole(smallest, _LARGEST_PX) for name in "wh")
    return x, y, width, height


def _unread(document: Json) -> Json:
    """The document without what has become entries, so that an entry taken out does not come back."""
    top = dict(document["nDisplay"])
    top["cluster"] = {key: value for key, value in top["cluster"].items() if key != "nodes"}
    if "scene" in top:
        groups = ("xforms", "cameras", "screens")
        top["scene"] = {key: value for key, value in top["scene"].items() if key not in groups}
    return {**document, "nDisplay": top}


def _check(cluster: Cluster) -> None:
    """Parents are there, do not go round in circles, and are no screens; the primary node is one of the nodes."""
    names = [node.name for node in cluster.nodes]
    if cluster.primary not in names:
        where = f"nDisplay.cluster.{_primary_key(cluster.version)}.id"
        raise Refused("field", f"{where}: expected one of the nodes ({', '.join(names)}), got {cluster.primary!r}")
    parents = {part.name: part.parent for part in (*cluster.xforms, *cluster.cameras)}
    screens = {screen.name for screen in cluster.screens}
    for group in ("xforms", "cameras", "screens"):
        for part in getattr(cluster, group):
            _check_parents(part, f"nDisplay.scene.{group}.{part.name}.parentId", parents, screens)


def _check_parents(part: Component, path: str, parents: dict[str, str], screens: set[str]) -> None:
    passed, name = [part.name], part.parent
    while name:
        if name in screens:
            raise Refused("field", f"{path}: expected an xform or a camera, got the screen {name!r}, whose size scales")
        if name not in parents:
            raise Refused("field", f"{path}: expected an xform or a camera of this file, got {name!r}")
        if name in passed:
            raise Refused("field", f"{path}: goes round in a circle: {' in '.join([*passed, name])}")
        passed.append(name)
        name = parents[name]


# --- writing --------------------------------------------------------------------------------------------------------


def _over(old: Json, new: Json) -> Json:
    """`new` laid over `old`, object by object."""
    merged = dict(old)
    for key, value in new.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _over(merged[key], cast("Json", value)) if both else value
    return merged


def _said(part: Component) -> Json:
    known: Json = {
        "parentId": part.parent,
        "location": dict(zip("xyz", part.location_cm, strict=True)),
        "rotation": dict(zip(("pitch", "yaw", "roll"), part.pitch_yaw_roll_deg, strict=True)),
    }
    if isinstance(part, Screen):
        known["size"] = {"width": part.size_cm[0], "height": part.size_cm[1]}
    return _over(part.rest, known)


def _said_of_node(node: Node) -> Json:
    window = dict(zip("xywh", node.window_px, strict=True))
    viewports = {viewport.name: _said_of_viewport(viewport) for viewport in node.viewports}
    return _over(node.rest, {"host": node.host, "window": window, "viewports": viewports})


def _said_of_viewport(viewport: Viewport) -> Json:
    known: Json = {
        "camera": viewport.camera,
        "region": dict(zip("xywh", viewport.region_px, strict=True)),
        "projectionPolicy": {"type": viewport.policy, "parameters": viewport.parameters},
    }
    return _over(viewport.rest, known)
