"""VMC V3.1 against python-osc as its receiver, and the axes against matrices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle import OscBundle as PeerBundle
from pythonosc.osc_message import OscMessage as PeerMessage

from bridge.frames import (
    axes_matrix,
    matrix_from_quat,
    quat_from_pan_tilt_roll,
    quat_normalise,
    unity_bone_from_stage,
    unity_root_from_stage,
)
from bridge.wire import osc
from bridge.wire.vmc import MOST_BYTES, VmcBone, VmcFrame, decode, encode

FRAME = VmcFrame(
    available=True,
    time_s=12.5,
    root_position_m=(0.5, 0.0, -1.25),
    root_rotation_xyzw=(0.0, 1.0, 0.0, 0.0),
    bones=tuple(VmcBone(f"Bone{n}", (0.125 * n, 0.25, -0.5), (0.5, -0.5, 0.5, 0.5)) for n in range(55)),
    shapes_unit=tuple((f"Shape{n}", n / 64) for n in range(52)),
)


def peer_messages(data: bytes) -> list[PeerMessage]:
    return [message for message in PeerBundle(data) if isinstance(message, PeerMessage)]


def test_a_receiver_made_with_python_osc_hears_every_bone_in_order() -> None:
    heard = [message for data in encode(FRAME) for message in peer_messages(data)]
    addresses = [message.address for message in heard]
    assert addresses[:3] == ["/VMC/Ext/OK", "/VMC/Ext/T", "/VMC/Ext/Root/Pos"]
    assert addresses[-1] == "/VMC/Ext/Blend/Apply"
    bones = [message.params for message in heard if message.address == "/VMC/Ext/Bone/Pos"]
    assert bones == [[bone.name, *bone.position_m, *bone.rotation_xyzw] for bone in FRAME.bones]
    shapes = [tuple(message.params) for message in heard if message.address == "/VMC/Ext/Blend/Val"]
    assert shapes == list(FRAME.shapes_unit)


def test_bundles_fit_the_protocols_size_and_read_back() -> None:
    datagrams = encode(FRAME)
    assert 1 < len(datagrams) < 10
    assert all(len(data) <= MOST_BYTES for data in datagrams)
    parts = [decode(data) for data in datagrams]
    assert sum((part.bones for part in parts), ()) == FRAME.bones
    assert sum((part.shapes_unit for part in parts), ()) == FRAME.shapes_unit
    assert (parts[0].available, parts[0].time_s) == (True, 12.5)
    assert parts[0].root_position_m == FRAME.root_position_m


def test_unknown_addresses_and_more_arguments_are_skipped_and_wrong_ones_counted() -> None:
    said = (
        osc.message("/VMC/Ext/Light", "sun", 1.0),
        osc.message("/VMC/Ext/Bone/Pos", "Hips", *(0.0,) * 6, 1.0, 7.0, "more"),
        osc.message("/VMC/Ext/Bone/Pos", "Head", *(0.0,) * 6),
        osc.message("/VMC/Ext/Blend/Val", 1, 0.5),
    )
    frame = decode(osc.encode(osc.OscBundle(osc.IMMEDIATELY, said)))
    assert [bone.name for bone in frame.bones] == ["Hips"]
    assert frame.left_out == 2


@given(st.tuples(*[st.floats(-3, 3)] * 3), st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: sum(map(abs, q)) > 0.1))
def test_bones_and_root_follow_the_matrices_of_the_axes(position: tuple, rotation: tuple) -> None:  # type: ignore[type-arg]
    q = quat_normalise(rotation)
    turn, model, unity = matrix_from_quat(q), axes_matrix("unity_model", "stage"), axes_matrix("unity", "stage")
    at, (x, y, z, w) = unity_bone_from_stage(position, q)
    assert at == pytest.approx(model @ np.array(position))
    assert matrix_from_quat((w, x, y, z)) == pytest.approx(model @ turn @ model.T)
    at, (x, y, z, w) = unity_root_from_stage(position, q)
    assert at == pytest.approx(unity @ np.array(position))
    assert matrix_from_quat((w, x, y, z)) == pytest.approx(unity @ turn @ axes_matrix("stage", "unity_model"))


def test_a_performer_who_turned_to_face_into_the_set_faces_unitys_z() -> None:
    """In rest a performer faces -Y; half a turn faces +Y, which is Unity's forward: a model's own rest."""
    _, (x, y, z, w) = unity_root_from_stage((0.0, 0.0, 0.0), quat_from_pan_tilt_roll(180.0, 0.0, 0.0))
    assert matrix_from_quat((w, x, y, z)) == pytest.approx(np.eye(3), abs=1e-12)
