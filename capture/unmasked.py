"""Pose models without their mask: a third and more of every look went into a mask that nobody asked for.

MediaPipe's pose networks answer landmarks, a heat map that refines them, and a mask as large as their input. TFLite
computes every operator of its list whether or not anybody wants the answer. So the operators that only the mask needs
are taken off the list, in memory, before the model is loaded: what remains does exactly the sums it did before, so
landmarks stay the same to the last bit, and the file on disk is Google's own.
"""

import io
import struct
import zipfile

from bridge.flatbuffer import FlatbufferFault, field_at, integers, root_at, tables_at
from bridge.model_bundle import LANDMARKS

_SUBGRAPHS, _TENSORS, _INPUTS, _OUTPUTS, _OPERATORS, _SHAPE = 2, 0, 1, 2, 3, 0
"""Rows of the schema's `Model`, `SubGraph` and `Tensor`; an operator has inputs and outputs where a graph has."""


def without_mask(bundle: bytes) -> bytes:
    """A pose bundle that makes no mask. One that is built otherwise comes back as it was."""
    try:
        with zipfile.ZipFile(io.BytesIO(bundle)) as packed:
            files = {name: packed.read(name) for name in packed.namelist()}
        network = network_without_mask(files[LANDMARKS])
    except (zipfile.BadZipFile, KeyError, FlatbufferFault, struct.error, IndexError):
        return bundle  # MediaPipe says what is wrong with it
    if network == files[LANDMARKS]:
        return bundle
    made, files[LANDMARKS] = io.BytesIO(), network
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name), content)  # its own date: the same bytes every time
    return made.getvalue()


def network_without_mask(model: bytes) -> bytes:
    """A TFLite network whose answers of its input's size are replaced by another of its answers, and not computed.

    The number of answers stays, since MediaPipe tells them by their order; whoever reads the mask's reads nonsense.
    """
    graph = tables_at(model, field_at(model, root_at(model, b"TFL3"), _SUBGRAPHS))[0]
    shapes = [
        integers(model, field_at(model, tensor, _SHAPE))
        for tensor in tables_at(model, field_at(model, graph, _TENSORS))
    ]
    outputs = integers(model, field_at(model, graph, _OUTPUTS))
    size = shapes[integers(model, field_at(model, graph, _INPUTS))[0]][1:3]
    kept = [tensor for tensor in outputs if shapes[tensor][1:3] != size]
    stand_ins = [tensor for tensor in kept if len(shapes[tensor]) == 4]
    if not stand_ins or len(kept) == len(outputs):
        return model
    answers = [tensor if tensor in kept else stand_ins[0] for tensor in outputs]
    pruned = bytearray(model)
    struct.pack_into(f"<{len(answers)}i", pruned, field_at(model, graph, _OUTPUTS) + 4, *answers)
    _keep_operators(pruned, field_at(model, graph, _OPERATORS), set(kept))
    return bytes(pruned)


def _keep_operators(model: bytearray, at: int, wanted: set[int]) -> None:
    """Shorten a graph's list of operators, which is in the order of execution, to those that `wanted` tensors need."""
    kept: list[int] = []
    for operator in reversed(tables_at(model, at)):
        if wanted.intersection(integers(model, field_at(model, operator, _OUTPUTS))):
            wanted.update(integers(model, field_at(model, operator, _INPUTS)))
            kept.append(operator)
    places = range(at + 4, at + 4 + 4 * len(kept), 4)
    offsets = [operator - place for operator, place in zip(reversed(kept), places, strict=True)]
    struct.pack_into(f"<{1 + len(kept)}I", model, at, len(kept), *offsets)
