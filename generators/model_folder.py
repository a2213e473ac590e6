"""A folder of weights looked at before any heavy library is: is it what it should be, and is it whole?"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from bridge.models import ModelFault

_WEIGHTS = (".safetensors", ".bin", ".msgpack")
_NO_WEIGHTS = (
    "scheduler",
    "tokenizer",
    "tokenizer_2",
    "tokenizer_3",
    "feature_extractor",
    "processor",
    "image_processor",
)


def pipeline_class(folder: Path) -> str:
    """The class of a diffusers pipeline whose files are all here. ModelFault in one sentence."""
    if not folder.is_dir():
        raise ModelFault(f"{folder}: expected the folder of a diffusers pipeline, there is none")
    index = _json(folder / "model_index.json", "a diffusers pipeline has one; save_pretrained writes it")
    name = index.get("_class_name")
    if not isinstance(name, str):
        raise ModelFault(f"{folder / 'model_index.json'}: expected _class_name, the pipeline's class; it has none")
    for part, said in sorted(index.items()):
        if not part.startswith("_") and _names_a_class(said):
            _part(folder / part, part)
    return name


def depth_config(folder: Path) -> dict[str, Any]:
    """config.json of a transformers depth model whose files are all here. ModelFault in one sentence."""
    if not folder.is_dir():
        raise ModelFault(f"{folder}: expected the folder of a transformers depth model, there is none")
    config = _json(folder / "config.json", "a transformers model has one")
    kinds = config.get("architectures") or ["nothing"]
    if not any("Depth" in str(kind) or str(kind).startswith("DPT") for kind in kinds):
        raise ModelFault(f"{folder}: expected a depth model (its class ends in ForDepthEstimation), got {kinds[0]}")
    _weights(folder)
    return config


def _names_a_class(said: Any) -> bool:
    return isinstance(said, list) and all(isinstance(word, str) for word in cast(list[Any], said))


def _part(folder: Path, part: str) -> None:
    if not folder.is_dir() or not any(folder.iterdir()):
        raise ModelFault(f"{folder}: the pipeline's {part} is missing: cyc models check, or fetch it again")
    if part not in _NO_WEIGHTS:
        _json(folder / "config.json", f"the pipeline's {part} needs it")
        _weights(folder)


def _weights(folder: Path) -> None:
    """Some, and every shard that an index names."""
    for index in sorted(folder.glob("*.safetensors.index.json")):
        for shard in sorted(set(_json(index, "").get("weight_map", {}).values())):
            if not (folder / str(shard)).is_file():
                raise ModelFault(f"{folder / str(shard)}: missing, {index.name} needs it: fetch it again")
    found = list(_found(folder))
    if not found:
        raise ModelFault(f"{folder}: expected weights (*.safetensors), there are none")
    for path in found:
        if path.stat().st_size < 512 and (not (text := path.read_bytes()) or text.startswith(b"version ")):
            raise ModelFault(f"{path}: is not the weights but a placeholder (git lfs was not run): fetch it again")


def _found(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.iterdir()) if path.suffix in _WEIGHTS)


def _json(path: Path, why: str) -> dict[str, Any]:
    if not path.is_file():
        raise ModelFault(f"{path} is missing: {why}")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ModelFault(f"{path}: is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise ModelFault(f"{path}: expected a JSON object, got {type(found).__name__}")
    return cast(dict[str, Any], found)
