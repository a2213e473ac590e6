"""A `.ndisplay` cluster out of a stage: flat pieces become screens, each host a node with its outputs side by side.

Unreal's `simple` projection fills a viewport with one whole screen, so where an output shows part of a wall, a screen
is cut to that part; an arc becomes a screen a column.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

from bridge import frames
from bridge.stage import Host, Output, Stage
from bridge.stage_walls import AnyWall, ArcWall, CeilingWall, FlatWall, MeshWall
from bridge.wire.ndisplay import Cluster, Component, Json, Node, Rect, Screen, Viewport

VIEWPOINT = "DefaultViewPoint"
NO_CAMERAS = "cameras, lenses and trackers are not in .ndisplay files: set up the inner frustum in the nDisplay asset"
_SMOOTH_STEP_DEG = 2.0


class Piece(NamedTuple):
    """A flat part of a wall, and which part of the wall's picture it shows."""

    flat: FlatWall
    rect_px: Rect


def cluster_of(stage: Stage, version: str = "5.00") -> tuple[Cluster, tuple[str, ...]]:
    """The cluster, and a sentence each for what it cannot say as the stage does."""
    made, walls = _Components(stage), {wall.name: wall for wall in stage.walls}
    made.notes += [NO_CAMERAS, *(note for wall in stage.walls for note in _said_of_wall(wall, made))]
    unshown = list(_outputs_of_unshown(stage))
    made.notes += [f"wall {o.wall!r}: no output shows it, so it is given to host {o.host!r}" for o in unshown]
    nodes: list[Node] = []
    for host in stage.hosts:
        mine = sorted((o for o in (*stage.outputs, *unshown) if o.host == host.name), key=lambda o: o.display)
        if len(mine) > 1:
            order = ", ".join(output.name for output in mine)
            made.notes.append(
                f"host {host.name!r}: its outputs are taken to stand side by side, left to right: {order}"
            )
        if mine:
            nodes.append(_node(walls, host, mine, made))
    cluster = Cluster(
        version=version,
        primary=nodes[0].name,
        cameras=(_viewpoint(stage),),
        screens=tuple(made.screens),
        nodes=tuple(nodes),
        rest=_settings(version),
    )
    return cluster, tuple(made.notes)


# --- walls as flat pieces -------------------------------------------------------------------------------------------


def pieces(wall: FlatWall | ArcWall | CeilingWall) -> list[Piece]:
    """The wall as flat rectangles, from left to right."""
    whole = (0, 0, *wall.pixels)
    if isinstance(wall, FlatWall):
        return [Piece(wall, whole)]
    if isinstance(wall, CeilingWall):
        turn = (wall.pan_deg, 90.0, 0.0)
        return [Piece(_flat(wall, wall.centre_m, (wall.width_m, wall.depth_m), turn), whole)]
    columns = _columns(wall)
    step_deg, (width_px, height_px) = wall.arc_deg / columns, wall.pixels
    half_rad = math.radians(step_deg) / 2
    size_m = (2 * wall.radius_m * math.sin(half_rad), wall.height_m)
    found: list[Piece] = []
    for column in range(columns):
        pan_deg = wall.middle_deg + wall.arc_deg / 2 - (column + 0.5) * step_deg
        out = frames.quat_rotate(frames.quat_from_pan_tilt_roll(pan_deg, 0, 0), (0, wall.radius_m, 0))
        x, y, z = (c + o * math.cos(half_rad) for c, o in zip(wall.centre_m, out, strict=True))
        left, right = (round((column + side) * width_px / columns) for side in (0, 1))
        flat = _flat(wall, (x, y, z + wall.height_m / 2), size_m, (pan_deg, 0.0, 0.0))
        found.append(Piece(flat, (left, 0, right - left, height_px)))
    return found


def _flat(wall: AnyWall, centre_m: frames.Vector, size_m: tuple[float, float], turn_deg: frames.Vector) -> FlatWall:
    width_m, height_m = size_m
    return FlatWall(
        name=wall.name,
        pixels=wall.pixels,
        centre_m=centre_m,
        width_m=width_m,
        height_m=height_m,
        pan_tilt_roll_deg=turn_deg,
    )


def _columns(wall: ArcWall) -> int:
    return min(wall.pixels[0], wall.columns or math.ceil(wall.arc_deg / _SMOOTH_STEP_DEG))


def cut(piece: Piece, rect_px: Rect) -> Piece | None:
    """What of a piece lies in part of the wall's picture; None where nothing does."""
    (left, top, width, height), (cut_left, cut_top, cut_width, cut_height) = piece.rect_px, rect_px
    x0, x1 = max(left, cut_left), min(left + width, cut_left + cut_width)
    y0, y1 = max(top, cut_top), min(top + height, cut_top + cut_height)
    if x1 <= x0 or y1 <= y0:
        return None
    flat, shown = piece.flat, (x0, y0, x1 - x0, y1 - y0)
    across_m = ((x0 + x1) / 2 - left - width / 2) / width * flat.width_m
    up_m = -((y0 + y1) / 2 - top - height / 2) / height * flat.height_m
    rotation = frames.quat_from_pan_tilt_roll(*flat.pan_tilt_roll_deg)
    centre_m, _ = frames.compose((flat.centre_m, rotation), ((across_m, 0.0, up_m), frames.IDENTITY))
    size_m = (flat.width_m * shown[2] / width, flat.height_m * shown[3] / height)
    return Piece(_flat(flat, centre_m, size_m, flat.pan_tilt_roll_deg), shown)


def _said_of_wall(wall: AnyWall, made: "_Components") -> Iterator[str]:
    if isinstance(wall, MeshWall):
        yield f"wall {wall.name!r}: a mesh; add {wall.obj} to the nDisplay asset as component {made.mesh(wall)!r}"
    if isinstance(wall, ArcWall):
        columns = _columns(wall)
        off_mm = wall.radius_m * (1 - math.cos(math.radians(wall.arc_deg / columns / 2))) * 1000
        why = "one for each column of panels" if wall.columns == columns else f"up to {off_mm:.1f} mm off the curve"
        yield f"wall {wall.name!r}: an arc, written as {columns} flat strips, {why}"


# --- hosts as nodes -------------------------------------------------------------------------------------------------


class _Components:
    """The screens made so far, and the names Unreal's components and viewports have by now."""

    def __init__(self, stage: Stage) -> None:
        self.screens: list[Screen] = []
        self.notes: list[str] = []
        self._taken = {VIEWPOINT}
        self._viewports: set[str] = set()
        self._walls = {wall.name: _free(wall.name, self._taken) for wall in stage.walls}
        self._made: dict[tuple[str, Rect], str] = {}

    def mesh(self, wall: MeshWall) -> str:
        return self._walls[wall.name]

    def screen(self, wall: AnyWall, part: Piece) -> str:
        """The name of a piece's screen, made when the piece is first shown."""
        key = (wall.name, part.rect_px)
        if key not in self._made:
            name = self._walls[wall.name]
            if part.rect_px != (0, 0, *wall.pixels):
                number = 1 + sum(other == wall.name for other, _ in self._made)
                name = _free(f"{name}_{number:02d}", self._taken)
            self._made[key] = name
            self.screens.append(screen_of(part.flat, name))
        return self._made[key]

    def viewport(self, name: str) -> str:
        return _free(name, self._viewports)


def _free(name: str, taken: set[str]) -> str:
    """A name that nobody has, without the dot that Unreal's object names may not have."""
    cleaned = candidate = name.replace(".", "_")
    number = 2
    while candidate in taken:
        candidate, number = f"{cleaned}_{number}", number + 1
    taken.add(candidate)
    return candidate


def _outputs_of_unshown(stage: Stage) -> Iterator[Output]:
    shown = {output.wall for output in stage.outputs}
    last = max((output.display for output in stage.outputs), default=0)
    unshown = (wall.name for wall in stage.walls if wall.name not in shown)
    return (Output(name=name, wall=name, host=stage.hosts[0].name, display=last + 1) for name in unshown)


def _node(walls: dict[str, AnyWall], host: Host, outputs: list[Output], made: _Components) -> Node:
    viewports: list[Viewport] = []
    wide_px, tall_px = 0, 0
    for output in outputs:
        wall = walls[output.wall]
        shown = list(_viewports(output, wall, wide_px, made))
        if not shown:
            made.notes.append(f"output {output.name!r}: shows nothing of wall {wall.name!r}, so it is left out")
            continue
        viewports += shown
        _, _, width, height = output.rect_px or (0, 0, *wall.pixels)
        wide_px, tall_px = wide_px + width, max(tall_px, height)
    return Node(
        name=host.name.replace(".", "_"),
        host=host.address,
        window_px=(0, 0, wide_px, tall_px),
        viewports=tuple(viewports),
        rest={"sound": False, "fullScreen": True, "postprocess": {}},
    )


def _viewports(output: Output, wall: AnyWall, at_px: int, made: _Components) -> Iterator[Viewport]:
    left, top, width, height = rect = output.rect_px or (0, 0, *wall.pixels)
    if isinstance(wall, MeshWall):
        if output.rect_px:
            made.notes.append(f"output {output.name!r}: shows part of a mesh, its viewport will show all of it")
        mesh = {"mesh_component": made.mesh(wall)}
        yield _viewport(made.viewport(output.name), (at_px, 0, width, height), "Mesh", mesh)
        return
    shown = [part for piece in pieces(wall) if (part := cut(piece, rect))]
    for number, part in enumerate(shown, 1):
        x, y, part_width, part_height = part.rect_px
        name = made.viewport(f"{output.name}_{number:02d}" if len(shown) > 1 else output.name)
        region = (at_px + x - left, y - top, part_width, part_height)
        yield _viewport(name, region, "simple", {"screen": made.screen(wall, part)})


def screen_of(flat: FlatWall, name: str) -> Screen:
    """A flat wall as Unreal has it."""
    location_cm, rotator = frames.unreal_rotator_pose_from_stage(flat.centre_m, flat.pan_tilt_roll_deg)
    size_cm = (frames.centimetres_from_metres(flat.width_m), frames.centimetres_from_metres(flat.height_m))
    return Screen(name=name, location_cm=location_cm, pitch_yaw_roll_deg=rotator, size_cm=size_cm)


# --- what Unreal wants beside that ----------------------------------------------------------------------------------


def _viewpoint(stage: Stage) -> Component:
    location_cm, rotator = frames.unreal_rotator_pose_from_stage(stage.world.viewpoint_m, (0.0, 0.0, 0.0))
    eyes: Json = {"interpupillaryDistance": 6.4, "swapEyes": False, "stereoOffset": "none"}
    return Component(name=VIEWPOINT, location_cm=location_cm, pitch_yaw_roll_deg=rotator, rest=eyes)


def _viewport(name: str, region_px: Rect, policy: str, parameters: Json) -> Viewport:
    settings: Json = {"bufferRatio": 1, "gPUIndex": -1, "allowCrossGPUTransfer": False, "isShared": False}
    return Viewport(
        name=name, camera=VIEWPOINT, region_px=region_px, policy=policy, parameters=parameters, rest=settings
    )


def _settings(version: str) -> Json:
    """The parts of a cluster that a stage has no opinion about, as Unreal's own templates have them."""
    old = version.startswith("4.")
    ports = {"ClusterSync": 41001, "ClusterEventsJson": 41003, "ClusterEventsBinary": 41004}
    waits_ms = {"ConnectRetriesAmount": "10", "ConnectRetryDelay": "1000", "GameStartBarrierTimeout": "30000"}
    waits_ms |= dict.fromkeys(
        ("FrameStartBarrierTimeout", "FrameEndBarrierTimeout", "RenderSyncBarrierTimeout"), "5000"
    )
    cluster: Json = {
        "masterNode" if old else "primaryNode": {"ports": ports | ({"RenderSync": 41002} if old else {})},
        "sync": {
            "renderSyncPolicy": {"type": "ethernet", "parameters": {}},
            "inputSyncPolicy": {"type": "ReplicateMaster" if old else "ReplicatePrimary", "parameters": {}},
        },
        "network": waits_ms,
    }
    misc = {"bFollowLocalPlayerCamera": False, "bExitOnEsc": True}
    if not old:
        cluster["failover"] = {"failoverPolicy": "Disabled"}
        misc |= {"bOverrideViewportsFromExternalConfig": False, "bOverrideTransformsFromExternalConfig": False}
    lag = {"simulateLag": False, "minLagTime": 0, "maxLagTime": 0.5}
    top: Json = {"description": "Written by Cyclorama", "misc": misc, "cluster": cluster}
    return {"nDisplay": top | {"customParameters": {}, "diagnostics": lag}}
