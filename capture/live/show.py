"""What was seen in, what is said of performers out. Pure: pictures' landmarks, one at a time, and time that passes."""

import functools

import msgspec
import numpy as np
from numpy.typing import NDArray

from bridge.clock import NS_PER_S
from bridge.frames import (
    IDENTITY,
    Quaternion,
    Vector,
    axes_matrix,
    compose,
    matrix_from_quat,
    quat_from_matrix,
    quat_normalise,
)
from bridge.messages import Alarm, FaceShapes, Message, SkeletonDefinition, SkeletonPose
from capture import faces
from capture.bones import BONES, PARENTS, ROW, forward
from capture.faces import FaceFit, FaceState, Steady
from capture.live.misfit import misfit, nobody_of
from capture.rig import Rig, RigCamera
from capture.seen import HEAD_FROM_MODEL, Seen
from capture.solve import matching, performers
from capture.solve.matching import Matching, MatchState, People
from capture.solve.performer import Performer
from capture.solve.performers import Company

Floats = NDArray[np.float64]

DEFINE_NS = NS_PER_S
STALE_NS, LOST_NS = NS_PER_S // 10, NS_PER_S


class Show(msgspec.Struct, frozen=True, kw_only=True):
    """Who is captured with what."""

    matching: Matching
    company: Company
    fit: FaceFit = FaceFit()
    """The first performer's; faces of others are not read."""
    fitted: bool = False
    steady: Steady = Steady()

    @property
    def rig(self) -> Rig:
        """The cameras."""
        return self.matching.rig


class ShowState(msgspec.Struct, frozen=True):
    """What is remembered from picture to picture."""

    match: MatchState = MatchState()
    people: tuple[Performer, ...] = ()
    definitions: dict[str, SkeletonDefinition] = {}
    defined_ns: int = 0
    poses: dict[str, SkeletonPose] = {}
    """The newest of each."""
    said_ns: dict[str, int] = {}
    """When each performer's pose was said; a silence of the cameras is told by it."""
    face: FaceState | None = None
    face_said: FaceShapes | None = None
    faces: int = 0
    misfits: frozenset[str] = frozenset()
    """Cameras whose pictures are not of the shape that they were calibrated with."""


def step(settings: Show, state: ShowState, people: People, now_ns: int) -> tuple[ShowState, list[Message]]:
    """One picture's people."""
    state, alarms = _fitting(settings.rig, state, people, now_ns)
    if people[0].camera in state.misfits:
        people = nobody_of(people)
    match, sets = matching.step(settings.matching, state.match, people)
    state, said = msgspec.structs.replace(state, match=match), list[Message](alarms)
    for seen in sets:
        after, messages = performers.step(settings.company, state.people, seen)
        state = _heard(msgspec.structs.replace(state, people=after), messages, now_ns)
        said += messages
    if people[0].face_shapes is not None:
        state, face = _face(settings, state, people[0])
        said.append(face)
    return state, said


def _fitting(rig: Rig, state: ShowState, people: People, now_ns: int) -> tuple[ShowState, list[Alarm]]:
    """A camera's pictures against its calibration; what is wrong is said once."""
    name, wrong = people[0].camera, misfit(rig, people)
    if bool(wrong) == (name in state.misfits):
        return state, []
    if not wrong:
        return msgspec.structs.replace(state, misfits=state.misfits - {name}), []
    said = Alarm(subject=name, t_ns=now_ns, severity="warning", text=wrong)
    return msgspec.structs.replace(state, misfits=state.misfits | {name}), [said]


def tick(state: ShowState, now_ns: int) -> tuple[ShowState, list[Message]]:
    """Time passes: definitions for those who come late, and what went silent is said to be stale, then lost."""
    said = list[Message]()
    if now_ns - state.defined_ns >= DEFINE_NS:
        state = msgspec.structs.replace(state, defined_ns=now_ns)
        said += [msgspec.structs.replace(one, t_ns=now_ns) for one in state.definitions.values()]
    silent = [pose for name, pose in state.poses.items() if _silent(pose, now_ns - state.said_ns[name])]
    aged = [_aged(pose, now_ns - state.said_ns[pose.subject]) for pose in silent]
    state = msgspec.structs.replace(state, poses={**state.poses, **{pose.subject: pose for pose in aged}})
    face = state.face_said
    if face is not None and _silent(face, now_ns - face.t_ns):
        lost = now_ns - face.t_ns > LOST_NS
        face = msgspec.structs.replace(face, sequence=state.faces, stale=True, lost=lost)
        state = msgspec.structs.replace(state, face_said=face, faces=state.faces + 1)
        said.append(face)
    return state, [*said, *aged]


def stopped(state: ShowState) -> list[Message]:
    """What to say when capture must stop: everybody is lost, at once."""
    said: list[Message] = [_aged(pose, LOST_NS + 1) for pose in state.poses.values()]
    if state.face_said is not None:
        said.append(msgspec.structs.replace(state.face_said, sequence=state.faces, stale=True, lost=True))
    return said


def _heard(state: ShowState, said: "list[SkeletonDefinition | SkeletonPose]", now_ns: int) -> ShowState:
    definitions = {one.subject: one for one in said if isinstance(one, SkeletonDefinition)}
    poses = {one.subject: one for one in said if isinstance(one, SkeletonPose)}
    return msgspec.structs.replace(
        state,
        definitions={**state.definitions, **definitions},
        poses={**state.poses, **poses},
        said_ns={**state.said_ns, **dict.fromkeys(poses, now_ns)},
    )


def _silent(said: "SkeletonPose | FaceShapes", since_ns: int) -> bool:
    """Whether there is news in its being silent for so long."""
    return (since_ns > STALE_NS and not said.stale) or (since_ns > LOST_NS and not said.lost)


def _aged(pose: SkeletonPose, since_ns: int) -> SkeletonPose:
    return msgspec.structs.replace(pose, sequence=pose.sequence + 1, stale=True, lost=since_ns > LOST_NS)


# --- the face ---------------------------------------------------------------------------------------------------------


def _face(settings: Show, state: ShowState, seen: Seen) -> tuple[ShowState, FaceShapes]:
    assert seen.face_shapes is not None
    now = faces.step(settings.steady, settings.fit, state.face, seen.t_ns, seen.face_shapes)
    subject = settings.company.performers[0].name
    position_m, rotation = _head(settings, state, seen, subject)
    said = FaceShapes(
        subject=subject,
        t_ns=seen.t_ns,
        sequence=state.faces,
        shapes_f32=now.shapes_unit.astype("<f4").tobytes(),
        head_position_m=position_m,
        head_rotation_wxyz=rotation,
        t_arrival_ns=seen.t_arrival_ns,
        timecode=seen.timecode,
        unsupported=faces.UNSUPPORTED,
        calibrated=settings.fitted,
    )
    return msgspec.structs.replace(state, face=now, face_said=said, faces=state.faces + 1), said


def _head(settings: Show, state: ShowState, seen: Seen, subject: str) -> tuple[Vector, Quaternion]:
    """Turned as the face's own model says; where the skeleton has the head, which knows depth."""
    camera = next((one for one in settings.rig.cameras if one.name == seen.camera), None)
    pose = state.poses.get(subject)
    joint_m, turn = _skeletons_head(state.definitions.get(subject), pose)
    if camera is None or seen.camera_from_head is None:
        return joint_m, turn
    told = seen.camera_from_head
    turned = stage_from_plane(camera)
    rotation = turned @ told[:3, :3] @ HEAD_FROM_MODEL.T
    if pose is None and np.isfinite(told[:3, 3]).all():
        x, y, z = turned @ told[:3, 3] + np.asarray(camera.position_m)
        joint_m = (float(x), float(y), float(z))
    return joint_m, quat_from_matrix(rotation)


@functools.lru_cache(maxsize=32)
def stage_from_plane(camera: RigCamera) -> Floats:
    """[3, 3]: a camera's image plane axes (x right, y down, z forward) in the stage. Do not write into it."""
    return matrix_from_quat(camera.rotation_wxyz) @ axes_matrix("stage", "opencv")


def _chain(bone: str) -> tuple[int, ...]:
    """Rows from the root to a bone."""
    row = ROW[bone]
    return (*(_chain(BONES[PARENTS[row]]) if PARENTS[row] >= 0 else ()), row)


_TO_HEAD = _chain("head")


def _skeletons_head(bones: SkeletonDefinition | None, pose: SkeletonPose | None) -> tuple[Vector, Quaternion]:
    """Joint and turn, of the head alone: every picture with a face asks."""
    if bones is None or pose is None:
        return (0.0, 0.0, 0.0), IDENTITY
    rows: list[list[float]] = np.frombuffer(pose.bones_f32, "<f4").reshape(len(BONES), 7)[list(_TO_HEAD)].tolist()
    x, y, z = rows[0][4:]
    head = ((x, y, z), IDENTITY)
    for row, (qw, qx, qy, qz, *_) in zip(_TO_HEAD, rows, strict=True):
        head = compose(head, (bones.rest_m[row] if row else (0.0, 0.0, 0.0), (qw, qx, qy, qz)))
    turn = quat_normalise(head[1])
    return head[0], turn if turn[0] >= 0.0 else (-turn[0], -turn[1], -turn[2], -turn[3])


def joints_of(bones: SkeletonDefinition, pose: SkeletonPose) -> tuple[Floats, Floats]:
    """Joints [53, 3] in the stage and stage_from_bone [53, 3, 3] of a pose on the bus."""
    rows = np.frombuffer(pose.bones_f32, "<f4").reshape(len(BONES), 7).astype(np.float64)
    rotations = np.array([matrix_from_quat((w, x, y, z)) for w, x, y, z in rows[:, :4].tolist()])
    return forward(np.asarray(bones.rest_m), rotations, rows[0, 4:])
