"""A stage out of a `.ndisplay` cluster: each screen becomes a flat wall, and what has no place in a stage is said."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from bridge import frames
from bridge.frames import Quaternion, Vector
from bridge.stage import Camera, Host, Lens, LensPoint, Output, Stage, Tracker, World
from bridge.stage_walls import FlatWall
from bridge.wire.ndisplay import Cluster, Component, Node, Screen, Viewport
from bridge.wire.refusal import Refused

_LONGEST_NAME = 23
_GUESSED_PITCH_M = 0.0026

_UHD = (3840, 2160)

STAND_INS = "the camera, lens and tracker are stand-ins: .ndisplay does not describe them, so fill them in"

Shown = list[tuple[Node, Viewport]]


def stage_of(cluster: Cluster, name: str) -> tuple[Stage, tuple[str, ...]]:
    """The stage, and a sentence each for what was left out, renamed or guessed. Refused where there is no screen."""
    if not cluster.screens:
        where = f"; they are in the asset {cluster.asset}" if cluster.asset else ""
        raise Refused("field", f"nDisplay.scene.screens: expected at least one screen, this file has none{where}")
    notes = [STAND_INS]
    shown = [(node, viewport) for node in cluster.nodes for viewport in node.viewports]
    walls = _names(cluster.screens, "screen", notes)
    hosts = _names(cluster.nodes, "node", notes)
    outputs, addresses = tuple(_outputs(shown, walls, hosts, notes)), {n.name: n.host for n in cluster.nodes}
    stage = Stage(
        name=fitting(name, set()),
        note="From an .ndisplay file.",
        walls=tuple(_wall(cluster, screen, walls[screen.name], shown, notes) for screen in cluster.screens),
        cameras=(Camera(name="cam1", tracker="tracker1", lens="lens1", sensor_mm=(36.0, 20.25), resolution_px=_UHD),),
        lenses=(Lens(name="lens1", points=(LensPoint(focal_length_mm=35.0),)),),
        trackers=(Tracker(name="tracker1", protocol="freed", port=40000),),
        outputs=outputs,
        hosts=tuple(Host(name=ours, address=addresses[theirs]) for theirs, ours in hosts.items()),
        world=_world(cluster, shown, notes),
    )
    return stage, tuple(notes)


def pose_in_stage(cluster: Cluster, part: Component) -> tuple[Vector, Quaternion]:
    """stage_from_part, through all its parents."""
    placed = {other.name: other for other in (*cluster.xforms, *cluster.cameras)}
    pose = frames.stage_pose_from_unreal_rotator(part.location_cm, part.pitch_yaw_roll_deg)
    while part.parent:
        part = placed[part.parent]
        pose = frames.compose(frames.stage_pose_from_unreal_rotator(part.location_cm, part.pitch_yaw_roll_deg), pose)
    return pose


def fitting(name: str, taken: set[str]) -> str:
    """A name that a stage may have and nobody has yet."""
    cleaned = re.sub(r"[^A-Za-z0-9_.-]", "_", name)[:_LONGEST_NAME] or "unnamed"
    candidate, number = cleaned, 2
    while candidate in taken:
        candidate = f"{cleaned[: _LONGEST_NAME - 1 - len(str(number))]}_{number}"
        number += 1
    taken.add(candidate)
    return candidate


def _names(parts: Sequence[Screen] | Sequence[Node], what: str, notes: list[str]) -> dict[str, str]:
    taken: set[str] = set()
    names = {part.name: fitting(part.name, taken) for part in parts}
    notes += [f"{what} {theirs!r} is called {ours!r} here" for theirs, ours in names.items() if theirs != ours]
    return names


def _wall(cluster: Cluster, screen: Screen, name: str, shown: Shown, notes: list[str]) -> FlatWall:
    position_m, rotation = pose_in_stage(cluster, screen)
    width_m, height_m = (float(f"{frames.metres_from_centimetres(length):.9g}") for length in screen.size_cm)
    return FlatWall(
        name=name,
        centre_m=_tidy(position_m),
        width_m=width_m,
        height_m=height_m,
        pan_tilt_roll_deg=_tidy(frames.pan_tilt_roll_from_quat(rotation)),
        pixels=_pixels(screen, (width_m, height_m), shown, notes),
    )


def _tidy(values: Vector) -> Vector:
    """A tenth of a micrometre and as much of a degree: below what a wall is built to, and 45 reads as 45."""
    x, y, z = (round(value, 7) + 0.0 for value in values)
    return x, y, z


def _pixels(screen: Screen, size_m: tuple[float, float], shown: Shown, notes: list[str]) -> tuple[int, int]:
    sizes = {viewport.region_px[2:] for _, viewport in shown if _screen_of(viewport) == screen.name}
    if not sizes:
        width, height = (min(65536, max(1, round(length_m / _GUESSED_PITCH_M))) for length_m in size_m)
        notes.append(f"screen {screen.name!r}: no viewport shows it, so its {width} x {height} pixels are a guess")
        return width, height
    if len(sizes) > 1:
        listed = ", ".join(f"{width} x {height}" for width, height in sorted(sizes))
        notes.append(f"screen {screen.name!r}: viewports show it with {listed} pixels; the most are taken")
    return max(sizes, key=lambda size: (size[0] * size[1], size))


def _screen_of(viewport: Viewport) -> str | None:
    return viewport.parameters["screen"] if viewport.policy.lower() == "simple" else None


def _outputs(shown: Shown, walls: dict[str, str], hosts: dict[str, str], notes: list[str]) -> Iterator[Output]:
    taken: set[str] = set()
    for node, viewport in shown:
        screen, where = _screen_of(viewport), f"viewport {node.name}/{viewport.name}"
        if screen in walls:
            yield Output(name=fitting(viewport.name, taken), wall=walls[screen], host=hosts[node.name])
        elif screen is not None:
            notes.append(f"{where}: shows screen {screen!r}, which is in the asset and not in this file")
        elif viewport.policy.lower() == "mesh":
            mesh = viewport.parameters["mesh_component"]
            notes.append(f"{where}: shows mesh {mesh!r}, which is in the asset: export it and add a mesh wall")
        else:
            notes.append(f"{where}: projection policy {viewport.policy!r} makes no wall here: {viewport.parameters}")


def _world(cluster: Cluster, shown: Shown, notes: list[str]) -> World:
    """The viewpoint that most viewports use is where the outer content is drawn for."""
    by_name = {camera.name: camera for camera in cluster.cameras}
    used = Counter(viewport.camera for _, viewport in shown if viewport.camera in by_name)
    name = used.most_common(1)[0][0] if used else next(iter(by_name), None)
    if name is None:
        return World()
    if len(by_name) > 1:
        notes.append(f"viewpoint {name!r} of {', '.join(by_name)} is taken for the whole stage")
    return World(viewpoint_m=_tidy(pose_in_stage(cluster, by_name[name])[0]))
