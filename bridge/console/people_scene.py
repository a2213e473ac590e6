"""Performers and the cameras that film them, in the page's 3D view.

A performer is two batches, rods and balls: a few kilobytes a drawing, however many fingers move. The head is one of
the balls, for a slow browser moves what is a node of its own and what is in a batch at different times.
"""

import math
from typing import Any, NamedTuple

import numpy as np
import viser
from numpy.typing import NDArray

from bridge.console.people import camera_tone, performer_word
from bridge.console.room import frustum_scale
from bridge.console.skeleton import Drawn, drawn
from bridge.console.view import PerformerView, View
from bridge.frames import Quaternion, axes_matrix, quat_from_matrix, quat_multiply
from bridge.messages import CaptureCamera

_FROM_OPENCV: Quaternion = quat_from_matrix(axes_matrix("stage", "opencv"))
_JOINT_UNIT, _LEAST_JOINT_M = 0.9, 0.009
_HEAD_RADII_M, _NOSE_M, _LOOKS_M = (0.075, 0.095, 0.12), 0.02, 0.3
_SKIN, _FADED = (196, 204, 214), 0.25
_SMALL_UNIT = 0.3
_TONES = {"good": (168, 140, 255), "warn": (255, 196, 92), "bad": (255, 107, 102), "idle": (110, 118, 128)}
_SIDES = 8


class _Nodes(NamedTuple):
    rods: Any
    balls: Any
    looks: Any
    label: Any


class PeopleScene:
    """Made as performers and cameras are heard of; nothing of them is known before."""

    def __init__(self, server: viser.ViserServer) -> None:
        self._server = server
        self._people: dict[str, _Nodes] = {}
        self._cameras: dict[str, tuple[Any, Any]] = {}
        self._drawn: dict[str, int] = {}
        self._said: dict[str, tuple[object, ...]] = {}

    def show(self, state: View, now_ns: int) -> None:
        """Whoever moved since the last time."""
        for name, performer in state.performers.items():
            self._show_performer(name, performer, now_ns)
        for name, said in state.capture.items():
            self._show_camera(name, said, now_ns)

    def _show_performer(self, name: str, performer: PerformerView, now_ns: int) -> None:
        pose, definition = performer.pose, performer.definition
        if pose is None or definition is None:
            return
        word = performer_word(performer, now_ns)
        if self._drawn.get(name) != pose.sequence:
            made = drawn(definition, pose, performer.face)
            if made is None:
                return
            self._drawn[name] = pose.sequence
            nodes = self._people.get(name)
            if nodes is None or len(nodes.rods.batched_positions) != len(made.bones_m):
                nodes = self._people[name] = _performer_nodes(self._server, name, made)
                self._said.pop(name, None)
            _put(nodes, made)
        if self._said.get(name) != (word,) and name in self._people:
            self._said[name] = (word,)
            there = word in ("live", "stale")
            _say(self._people[name], name if word == "live" else f"{name}: {word}", there)

    def _show_camera(self, name: str, said: CaptureCamera, now_ns: int) -> None:
        tan_x, tan_y = said.half_view_unit
        if min(tan_x, tan_y) <= 0.0:
            return
        if name not in self._cameras:
            self._cameras[name] = _camera_nodes(self._server, name)
        tone = camera_tone(said, now_ns)
        key = (said.position_m, said.rotation_wxyz, said.half_view_unit, tone)
        if self._said.get(f"camera {name}") == key:
            return
        self._said[f"camera {name}"] = key
        frustum, label = self._cameras[name]
        frustum.fov, frustum.aspect = 2.0 * math.atan(tan_y), tan_x / tan_y
        frustum.scale = _SMALL_UNIT * frustum_scale(tan_x, tan_y)
        frustum.position, frustum.wxyz = said.position_m, quat_multiply(said.rotation_wxyz, _FROM_OPENCV)
        frustum.color = _TONES[tone]
        label.text = name if tone == "good" else f"{name}: {said.state}"
        frustum.visible = label.visible = True


def _put(nodes: _Nodes, made: Drawn) -> None:
    nodes.rods.batched_positions, nodes.rods.batched_wxyzs = _f32(made.bones_m), _f32(made.turns_wxyz)
    nodes.rods.batched_scales, nodes.rods.batched_colors = _f32(made.sizes_m), made.bone_colours
    nodes.balls.batched_wxyzs, nodes.balls.batched_positions, nodes.balls.batched_colors = _balls(made)
    nodes.looks.position, nodes.looks.wxyz = made.nose_m, made.head_wxyz
    nodes.label.position = made.top_m


def _say(nodes: _Nodes, text: str, there: bool) -> None:
    """Who is not seen fades, with the word for it."""
    nodes.label.text = text
    for part in (nodes.rods, nodes.balls):
        part.opacity = None if there else _FADED
    nodes.looks.visible = there


def _performer_nodes(server: viser.ViserServer, name: str, made: Drawn) -> _Nodes:
    scene, place = server.scene, f"/performers/{name}"
    rods = scene.add_batched_meshes_simple(
        f"{place}/bones", *_rod(), _f32(made.turns_wxyz), _f32(made.bones_m), batched_scales=_f32(made.sizes_m),
        batched_colors=made.bone_colours, lod="off", cast_shadow=False, receive_shadow=False,
    )  # fmt: skip
    turns, places, colours = _balls(made)
    balls = scene.add_batched_meshes_simple(
        f"{place}/joints", *_ball(), turns, places, batched_scales=_sizes(made),
        batched_colors=colours, lod="off", cast_shadow=False, receive_shadow=False, side="double",
    )  # fmt: skip
    ahead = np.array([[[0.0, 0.0, 0.0], [0.0, -_LOOKS_M, 0.0]]], np.float32)
    looks = scene.add_line_segments(f"{place}/looks", ahead, _SKIN, thickness=2.0, thickness_units="screen")
    label = scene.add_label(f"{place}/name", name, font_screen_scale=1.35, anchor="bottom-center")
    return _Nodes(rods, balls, looks, label)


def _balls(made: Drawn) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.uint8]]:
    """Turns, places and colours of the joints, then of the head and its nose."""
    upright = np.tile((1.0, 0.0, 0.0, 0.0), (len(made.joints_m), 1))
    places = np.vstack((made.joints_m, made.head_m, made.nose_m))
    colours = np.vstack((made.joint_colours, _SKIN, _SKIN)).astype(np.uint8)
    return _f32(np.vstack((upright, made.head_wxyz, made.head_wxyz))), _f32(places), colours


def _sizes(made: Drawn) -> NDArray[np.float32]:
    """Of all balls. A joint is as thick as the thickest bone that begins or ends in it, nearly."""
    ends = np.concatenate((made.bones_m, made.bones_m + _ends(made)))
    thick = np.concatenate((made.sizes_m[:, 0], 0.6 * made.sizes_m[:, 0]))
    near = np.linalg.norm(made.joints_m[:, None] - ends[None], axis=2) < 1e-4
    radii = np.maximum(np.where(near, thick[None], 0.0).max(axis=1) * _JOINT_UNIT, _LEAST_JOINT_M)
    return _f32(np.vstack((np.tile(radii[:, None], (1, 3)), _HEAD_RADII_M, (_NOSE_M, _NOSE_M, _NOSE_M))))


def _ends(made: Drawn) -> NDArray[np.float64]:
    w, x, y, z = made.turns_wxyz.T
    z_axis = np.stack((2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)), axis=1)
    return z_axis * made.sizes_m[:, 2:]


def _camera_nodes(server: viser.ViserServer, name: str) -> tuple[Any, Any]:
    place = f"/capture/{name}"
    frustum = server.scene.add_camera_frustum(
        place, 0.5, 16 / 9, thickness=2.0, thickness_units="screen", color=_TONES["idle"], visible=False
    )
    label = server.scene.add_label(
        f"{place}/name", name, position=(0, -0.14, 0), font_screen_scale=1.1, anchor="bottom-center", visible=False
    )
    return frustum, label


_Mesh = tuple[NDArray[np.float32], NDArray[np.uint32]]


def _rod() -> _Mesh:
    """Along +Z from 0 to 1, of radius 1 at its thickest: the eye sees from its taper where a bone begins."""
    rings = ((0.0, 0.55), (0.12, 1.0), (0.9, 0.62), (1.0, 0.35))
    return _turned(rings, 0.0, 1.0)


def _ball() -> _Mesh:
    """Of radius 1."""
    angles = np.linspace(0.0, math.pi, 8)[1:-1]
    return _turned([(-math.cos(a), math.sin(a)) for a in angles], -1.0, 1.0)


def _turned(rings: "list[tuple[float, float]] | tuple[tuple[float, float], ...]", low: float, high: float) -> _Mesh:
    """A surface of revolution round Z, closed by its two tips."""
    round_rad = np.arange(_SIDES) * (2.0 * math.pi / _SIDES)
    circle = np.stack((np.cos(round_rad), np.sin(round_rad), np.zeros(_SIDES)), axis=1)
    vertices = [np.array([[0.0, 0.0, low]]), *(circle * radius + [0.0, 0.0, z] for z, radius in rings)]
    vertices.append(np.array([[0.0, 0.0, high]]))
    triangles: list[tuple[int, int, int]] = []
    for side in range(_SIDES):
        after = (side + 1) % _SIDES
        triangles.append((0, 1 + after, 1 + side))
        for ring in range(len(rings) - 1):
            a, b = 1 + ring * _SIDES, 1 + (ring + 1) * _SIDES
            triangles += [(a + side, a + after, b + after), (a + side, b + after, b + side)]
        last = 1 + (len(rings) - 1) * _SIDES
        triangles.append((last + side, last + after, 1 + len(rings) * _SIDES))
    return np.concatenate(vertices).astype(np.float32), np.array(triangles, np.uint32)


def _f32(values: NDArray[np.float64]) -> NDArray[np.float32]:
    return values.astype(np.float32)
