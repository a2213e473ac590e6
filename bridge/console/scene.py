"""The stage in 3D on the page: walls with their live pictures, floor, cameras as they are, where they have been.

Nodes are made once; afterwards only what changed is sent. Nothing here waits for a browser.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import viser
from numpy.typing import NDArray

from bridge.console.facets import Facet, pixels
from bridge.console.people_scene import PeopleScene
from bridge.console.room import (
    ROOM_FOV_RAD,
    TRAIL_STEPS,
    Dots,
    WallShape,
    frustum_scale,
    half_tangents,
    normals,
    open_side,
    reach,
    room,
    steps,
)
from bridge.console.view import CameraView, View
from bridge.console.words import camera_word, trail
from bridge.frames import Quaternion, axes_matrix, quat_from_matrix, quat_multiply
from bridge.messages import CameraPose

TRAIL_S = 6.0
JPEG_QUALITY = 75
_BACKGROUND = (17, 19, 22)
_TONES = {"live": (116, 190, 255), "concealed": (116, 190, 255), "waiting": (110, 118, 128), "stale": (255, 196, 92)}
_LEVEL = 0.7
_BAD = (255, 107, 102)
_FROM_OPENCV: Quaternion = quat_from_matrix(axes_matrix("stage", "opencv"))


class _CameraNodes(NamedTuple):
    frustum: Any
    body: Any
    label: Any
    trail: Any


class Scene:
    """Owns the page's 3D nodes and the cameras of those who look."""

    def __init__(self, server: viser.ViserServer, walls: Sequence[WallShape], cameras: Sequence[str]) -> None:
        self._server = server
        self._facets = {wall.name: _wall_nodes(server, wall) for wall in walls}
        self._dots = {wall.name: (wall.dots, _dots_node(server, wall.name, wall.dots)) for wall in walls if wall.dots}
        self._cameras = {name: _camera_nodes(server, name) for name in cameras}
        self._people = PeopleScene(server)
        self._words: dict[str, str] = {}
        self._looking: dict[int, str] = {}
        self._walls = walls
        self._placed = 0
        _floor(server, np.concatenate([reach(wall) for wall in walls]))
        self._step_back(np.concatenate([reach(wall) for wall in walls]))
        server.scene.set_background_image(np.full((2, 2, 3), _BACKGROUND, np.uint8), format="png")

    def look(self, client_id: int, camera: str) -> None:
        """From now on this browser sees through that camera; an unknown name is the room."""
        if camera in self._cameras:
            self._looking[client_id] = camera
            return
        self._looking.pop(client_id, None)
        client = self._server.get_clients().get(client_id)
        if client is not None:
            with client.atomic():
                client.camera.up_direction = (0.0, 0.0, 1.0)
                client.camera.position, client.camera.look_at = self._room
                client.camera.fov = ROOM_FOV_RAD

    def show_poses(self, state: View, now_ns: int) -> None:
        """Put every camera where it is, and every browser that looks through one."""
        with self._server.atomic():
            for name, camera in state.cameras.items():
                nodes = self._cameras.get(name)
                if nodes is not None and camera.pose is not None:
                    self._show_camera(nodes, name, camera, now_ns)
            self._people.show(state, now_ns)
        places = [camera.pose.position_m for camera in state.cameras.values() if camera.pose is not None]
        if len(places) != self._placed:
            self._placed = len(places)
            self._step_back(np.concatenate([*(wall.vertices_m for wall in self._walls), np.array(places)]))
        clients = self._server.get_clients()
        for client_id, name in list(self._looking.items()):
            if client_id not in clients:
                del self._looking[client_id]
                continue
            pose = state.cameras[name].pose if name in state.cameras else None
            if pose is not None:
                _look_through(clients[client_id], pose)

    def show_trails(self, state: View, now_ns: int) -> None:
        """Where the cameras were in the last seconds."""
        for name, nodes in self._cameras.items():
            points = trail(state.cameras[name], now_ns, TRAIL_S) if name in state.cameras else ()
            nodes.trail.visible = len(points) > 1
            if len(points) > 1:
                nodes.trail.points = steps(points)

    def show_picture(self, wall: str, picture: NDArray[np.uint8]) -> None:
        """A wall's picture, [H, W, 3] as a screen shows it."""
        height, width = picture.shape[:2]
        for rect_unit, node in self._facets.get(wall, ()):
            rows, columns = pixels(rect_unit, width, height)
            node.image = picture[rows, columns, :3]
        if wall in self._dots:
            dots, node = self._dots[wall]
            spots = np.minimum(dots.spots_unit * (width, height), (width - 1, height - 1)).astype(int)
            node.colors = picture[spots[:, 1], spots[:, 0], :3]

    def _step_back(self, points_m: NDArray[np.float64]) -> None:
        """From where a new browser first sees all of this."""
        lights_down = [wall.vertices_m[:, 2].min() for wall in self._walls if normals(wall)[:, 2].mean() < -_LEVEL]
        self._room = room(points_m, float(min(lights_down, default=math.inf)), open_side(self._walls))
        camera = self._server.initial_camera
        camera.position, camera.look_at = self._room
        camera.fov = ROOM_FOV_RAD

    def _show_camera(self, nodes: _CameraNodes, name: str, camera: CameraView, now_ns: int) -> None:
        assert camera.pose is not None
        pose, frustum = camera.pose, nodes.frustum
        tan_x, tan_y = half_tangents(pose)
        fov_rad, aspect = 2.0 * math.atan(tan_y), tan_x / tan_y
        if abs(frustum.fov - fov_rad) > 1e-4 or abs(frustum.aspect - aspect) > 1e-4:
            frustum.fov, frustum.aspect, frustum.scale = fov_rad, aspect, frustum_scale(tan_x, tan_y)
        frustum.position, frustum.wxyz = pose.position_m, quat_multiply(pose.rotation_wxyz, _FROM_OPENCV)
        frustum.visible = nodes.body.visible = nodes.label.visible = True
        word = camera_word(camera, now_ns)
        if self._words.get(name) != word:
            self._words[name] = word
            frustum.color = _TONES.get(word, _BAD)
            nodes.label.text = name if word in ("live", "concealed") else f"{name}: {word}"


def _look_through(client: viser.ClientHandle, pose: CameraPose) -> None:
    """The whole sensor, whatever the shape of the browser's window."""
    tan_x, tan_y = half_tangents(pose)
    with client.atomic():
        client.camera.wxyz = quat_multiply(pose.rotation_wxyz, _FROM_OPENCV)
        client.camera.position = pose.position_m
        client.camera.fov = 2.0 * math.atan(1.06 * max(tan_y, tan_x / max(client.camera.aspect, 0.1)))


def _wall_nodes(server: viser.ViserServer, wall: WallShape) -> list[tuple[tuple[float, float, float, float], Any]]:
    vertices, triangles = wall.vertices_m.astype(np.float32), wall.triangles.astype(np.uint32)
    behind = vertices - 0.03 * normals(wall).astype(np.float32)
    server.scene.add_mesh_simple(
        f"/walls/{wall.name}/back", behind, triangles, color=(34, 38, 44), side="double", cast_shadow=False
    )
    if wall.facets is None:
        return []
    dark = np.full((2, 2, 3), 26, np.uint8)
    named = {f"/walls/{wall.name}/{index}": facet for index, facet in enumerate(wall.facets)}
    return [(facet.rect_unit, _facet_node(server, name, facet, dark)) for name, facet in named.items()]


def _facet_node(server: viser.ViserServer, name: str, facet: Facet, picture: NDArray[np.uint8]) -> Any:
    return server.scene.add_image(
        name,
        picture,
        facet.width_m,
        facet.height_m,
        format="jpeg",
        jpeg_quality=JPEG_QUALITY,
        cast_shadow=False,
        receive_shadow=False,
        wxyz=facet.rotation_wxyz,
        position=facet.centre_m,
    )


def _dots_node(server: viser.ViserServer, wall: str, dots: Dots) -> Any:
    return server.scene.add_point_cloud(
        f"/walls/{wall}/dots",
        dots.points_m.astype(np.float32),
        np.full((len(dots.points_m), 3), 26, np.uint8),
        point_size=dots.size_m,
        point_shape="square",
        point_shading="flat",
    )


def _camera_nodes(server: viser.ViserServer, name: str) -> _CameraNodes:
    scene, place = server.scene, f"/cameras/{name}"
    frustum = scene.add_camera_frustum(
        place, 0.5, 16 / 9, thickness=2.5, thickness_units="screen", color=_TONES["waiting"], visible=False
    )
    body = scene.add_box(
        f"{place}/body", dimensions=(0.16, 0.2, 0.34), color=(58, 64, 72), position=(0, 0, -0.2), visible=False
    )
    label = scene.add_label(
        f"{place}/name", name, position=(0, -0.3, -0.2), font_screen_scale=1.35, anchor="bottom-center", visible=False
    )
    still = np.zeros((TRAIL_STEPS, 2, 3), np.float32)
    fading = np.linspace(0.0, 1.0, TRAIL_STEPS + 1)
    shades = np.array(_BACKGROUND) + fading[:, None] * (np.array((150, 170, 190)) - np.array(_BACKGROUND))
    colors = np.stack((shades[:-1], shades[1:]), axis=1).astype(np.uint8)
    line = scene.add_line_segments(
        f"/trails/{name}", still, colors, thickness=2.0, thickness_units="screen", visible=False
    )
    return _CameraNodes(frustum, body, label, line)


def _floor(server: viser.ViserServer, points_m: NDArray[np.float64]) -> None:
    low, high = points_m.min(axis=0), points_m.max(axis=0)
    size = float(np.ceil(max(high[0] - low[0], high[1] - low[1], 6.0) * 1.6 / 2.0) * 2.0)
    centre = (low + high) / 2.0
    server.scene.add_grid(
        "/floor",
        size,
        size,
        plane="xy",
        position=(round(float(centre[0])), round(float(centre[1])), -0.02),
        cell_size=1.0,
        section_size=5.0,
        cell_color=(44, 49, 56),
        section_color=(66, 73, 82),
        shadow_opacity=0.0,
    )
