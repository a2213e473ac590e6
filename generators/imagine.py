"""Words, or a picture, to a 360 panorama by any local folder of a diffusers pipeline. Never a byte over the network.

A pipeline knows no turn. Three things close it: convolutions read across the ends, the latent picture is rolled on
between steps so that no column is an end for long, and `seams.closed` evens out what is left.
"""

import functools
import inspect
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

import diffusers
import numpy as np
import torch
import transformers
from numpy.typing import NDArray
from PIL import Image

from bridge.models import ModelFault
from generators.model_folder import pipeline_class
from generators.seams import closed

Floats32 = NDArray[np.float32]
Progress = Callable[[str, float], None]
LowMemory = Literal["", "tiles", "offload", "sequential"]

SAMPLERS: dict[str, str] = {
    "euler": "EulerDiscreteScheduler",
    "euler-a": "EulerAncestralDiscreteScheduler",
    "heun": "HeunDiscreteScheduler",
    "ddim": "DDIMScheduler",
    "dpm++": "DPMSolverMultistepScheduler",
    "unipc": "UniPCMultistepScheduler",
    "lcm": "LCMScheduler",
    "flow-euler": "FlowMatchEulerDiscreteScheduler",
    "flow-lcm": "FlowMatchLCMScheduler",
}
_FLOW = "FlowMatch"
_library: Any = diffusers
_torch: Any = torch


class Lora(NamedTuple):
    """A file, and how much of it."""

    path: Path
    weight_unit: float = 1.0


class Wish(NamedTuple):
    """How to draw."""

    words: str
    negative: str = ""
    seed: int = 0
    steps: int = 0
    """0: the pipeline's own."""
    guidance_unit: float = -1.0
    """How closely it follows the words; below 0: the pipeline's own."""
    sampler: str = ""
    """A key of SAMPLERS; empty: the pipeline's own."""
    loras: tuple[Lora, ...] = ()
    low_memory: LowMemory = ""
    """tiles: the decoder works in parts; offload: parts of the model wait in memory; sequential: layer by layer."""
    height_px: int = 1024
    strength_unit: float = 0.9
    """Of a pipeline that can only redraw: how much it may."""


class Painted(NamedTuple):
    """A panorama and what should be said about it."""

    colours: Floats32
    """[H, 2H, 3], sRGB-encoded."""
    warnings: tuple[str, ...]


def panorama(folder: Path, wish: Wish, progress: Progress) -> Painted:
    """From words."""
    pipe, said = _opened(folder, wish, progress)
    with _around_the_turn(pipe):
        drawn = _drawn(pipe, wish, progress, {})
    return Painted(closed(drawn), said)


def outpainted(folder: Path, wish: Wish, canvas: Floats32, known: NDArray[np.bool_], progress: Progress) -> Painted:
    """A panorama [H, 2H, 3] of which a part is `known`, the rest filled somehow: drawn on around that part.

    An inpainting pipeline is taken where the folder's family has one; else one that redraws the whole, over which the
    known part is laid again.
    """
    pipe, inpaints, said = _going_on(folder, wish, progress)
    if not inpaints:
        said = (*said, f"{type(pipe).__name__} cannot inpaint: it redrew the whole, and the picture was laid over")
    return Painted(_drawn_on(pipe, wish, canvas, known, progress), said)


class Inpainter(NamedTuple):
    """A pipeline that fills what is not known of a panorama; loaded when it is first asked."""

    name: str
    drawn_on: Callable[[Floats32, NDArray[np.bool_]], Floats32]
    """A panorama [H, 2H, 3], filled somehow, and what of it is known -> the same with the rest drawn."""


def inpainter(folder: Path, wish: Wish, progress: Progress) -> Inpainter | None:
    """Of the folder's own family; None where that has none."""
    own, parts = pipeline_class(folder), set(_library.DiffusionPipeline.load_config(folder, local_files_only=True))
    name, inpaints = _sibling(own, parts)
    if not inpaints:
        return None
    load = functools.cache(functools.partial(_going_on, folder, wish, progress))

    def drawn_on(canvas: Floats32, known: NDArray[np.bool_]) -> Floats32:
        return _drawn_on(load()[0], wish._replace(height_px=len(canvas)), canvas, known, progress)

    return Inpainter(name, drawn_on)


def _going_on(folder: Path, wish: Wish, progress: Progress) -> tuple[Any, bool, tuple[str, ...]]:
    """The pipeline that starts from a picture; whether it inpaints; what should be said."""
    pipe, said = _opened(folder, wish, progress)
    name, inpaints = _sibling(type(pipe).__name__, set(pipe.components))
    if not name:
        own = type(pipe).__name__
        raise ModelFault(f"{folder}: expected a pipeline that can go on from a picture, {own} draws from words only")
    pipe = getattr(_library, name)(**{key: value for key, value in pipe.components.items() if key in _parts(name)})
    pipe.set_progress_bar_config(disable=True)
    _spared(pipe, wish)
    return pipe, inpaints, said


def _drawn_on(pipe: Any, wish: Wish, canvas: Floats32, known: NDArray[np.bool_], progress: Progress) -> Floats32:
    given: dict[str, Any] = {"image": Image.fromarray(np.round(255 * np.clip(canvas, 0, 1)).astype(np.uint8))}
    if "mask_image" in inspect.signature(type(pipe).__call__).parameters:
        given["mask_image"] = Image.fromarray(np.where(known, 0, 255).astype(np.uint8))
    with _around_the_turn(pipe):
        drawn = _drawn(pipe, wish, progress, given)
    return _laid_over(closed(drawn), canvas, known)


def _opened(folder: Path, wish: Wish, progress: Progress) -> tuple[Any, tuple[str, ...]]:
    """The pipeline, with sampler, LoRAs and memory as wished. ModelFault in one sentence."""
    name = pipeline_class(folder)
    if not hasattr(_library, name):
        raise ModelFault(f"{folder}: expected a pipeline that diffusers {diffusers.__version__} knows, got {name}")
    if "prompt" not in inspect.signature(getattr(_library, name).__call__).parameters:
        raise ModelFault(f"{folder}: expected a pipeline that draws from words, got {name}")
    progress(f"loading {folder.name}", 0.0)
    _library.logging.disable_progress_bar()
    transformers.logging.disable_progress_bar()
    dtype = _torch.bfloat16 if _torch.cuda.is_available() else _torch.float32
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # newer ones say dtype, older ones know torch_dtype only
            pipe: Any = getattr(_library, name).from_pretrained(folder, local_files_only=True, torch_dtype=dtype)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelFault(f"{folder}: {name} cannot be loaded: {' '.join(str(error).split())[:300]}") from None
    pipe.set_progress_bar_config(disable=True)
    _sampled(pipe, wish.sampler)
    _adapted(pipe, wish)
    _spared(pipe, wish)
    takes = inspect.signature(type(pipe).__call__).parameters
    deaf = wish.negative and "negative_prompt" not in takes
    return pipe, (f"{name} takes no negative prompt: it was left out",) if deaf else ()


def _sampled(pipe: Any, sampler: str) -> None:
    if not sampler:
        return
    own = type(pipe.scheduler).__name__
    fitting = [key for key, name in SAMPLERS.items() if name.startswith(_FLOW) == own.startswith(_FLOW)]
    if sampler not in fitting:
        raise ModelFault(f"sampler {sampler!r}: {type(pipe).__name__} works with {own}; one of {', '.join(fitting)}")
    pipe.scheduler = getattr(_library, SAMPLERS[sampler]).from_config(pipe.scheduler.config)


def _adapted(pipe: Any, wish: Wish) -> None:
    names: list[str] = []
    for index, (path, _) in enumerate(wish.loras):
        if not path.is_file():
            raise ModelFault(f"{path}: expected a LoRA file (.safetensors), there is none")
        if not hasattr(pipe, "load_lora_weights"):
            raise ModelFault(f"{path}: {type(pipe).__name__} takes no LoRA")
        try:
            pipe.load_lora_weights(
                path.parent, weight_name=path.name, adapter_name=f"lora{index}", local_files_only=True
            )
        except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
            words = " ".join(str(error).split())[:200]
            raise ModelFault(f"{path}: is no LoRA for {type(pipe).__name__}: {words}") from None
        names.append(f"lora{index}")
    if names:
        pipe.set_adapters(names, adapter_weights=[weight for _, weight in wish.loras])


def _spared(pipe: Any, wish: Wish) -> None:
    """Where the parts lie while they wait."""
    coder = getattr(pipe, "vae", None)
    if wish.low_memory:
        for spare in ("enable_tiling", "enable_slicing"):
            if hasattr(coder, spare):
                getattr(coder, spare)()
    if not _torch.cuda.is_available():
        return
    if wish.low_memory == "offload":
        pipe.enable_model_cpu_offload()
    elif wish.low_memory == "sequential":
        pipe.enable_sequential_cpu_offload()
    else:
        pipe.to("cuda")


def _drawn(pipe: Any, wish: Wish, progress: Progress, given: dict[str, Any]) -> Floats32:
    takes = inspect.signature(type(pipe).__call__).parameters
    height, width = wish.height_px, 2 * wish.height_px
    asked: dict[str, Any] = {"prompt": wish.words, "height": height, "width": width, **given}
    asked["generator"] = _torch.Generator("cpu").manual_seed(wish.seed)
    if wish.steps:
        asked["num_inference_steps"] = wish.steps
    if wish.negative and "negative_prompt" in takes:
        asked["negative_prompt"] = wish.negative
    if wish.guidance_unit >= 0:
        asked["true_cfg_scale" if "true_cfg_scale" in takes and wish.negative else "guidance_scale"] = (
            wish.guidance_unit
        )
    if "strength" in takes:
        asked["strength"] = 1.0 if "mask_image" in given else wish.strength_unit
    if "callback_on_step_end" in takes:
        asked["callback_on_step_end"] = _Rolling((height, width), roll=not given, progress=progress)
    asked = {key: value for key, value in asked.items() if key in takes}
    try:
        with _torch.inference_mode(), _torch.random.fork_rng():
            _torch.manual_seed(wish.seed)  # some samplers draw from the one that everybody shares
            image = pipe(**asked, output_type="np").images[0]
    except _torch.OutOfMemoryError:
        raise ModelFault(
            f"{width} x {height}: too much for this GPU's memory: --low-vram offload, or smaller"
        ) from None
    except (ValueError, RuntimeError, TypeError) as error:
        raise ModelFault(f"{type(pipe).__name__} refuses this: {' '.join(str(error).split())[:300]}") from None
    return np.asarray(image, np.float32)


class _Rolling:
    """After each step the latent picture moves on round the turn; after the last it is back."""

    def __init__(self, size_px: tuple[int, int], *, roll: bool, progress: Progress) -> None:
        self._size_px, self._roll, self._progress = size_px, roll, progress
        self._moved = 0

    def __call__(self, pipe: Any, step: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        del timestep
        steps = max(int(pipe.num_timesteps), 1)
        self._progress(f"step {step + 1} of {steps}", (step + 1) / steps)
        latents = tensors.get("latents")
        if latents is None or not self._roll:
            return {}
        columns = self._columns(latents)
        if columns is None:
            return {}
        last = step + 1 >= steps
        by = -self._moved if last else max(1, round(0.382 * columns))
        self._moved = 0 if last else (self._moved + by) % columns
        return {"latents": self._rolled(latents, by, columns)}

    def _columns(self, latents: Any) -> int | None:
        if latents.ndim in (4, 5):
            return int(latents.shape[-1])
        height, width = self._size_px
        tokens = int(latents.shape[1])
        rows = round((tokens * height / width) ** 0.5)
        return tokens // rows if latents.ndim == 3 and rows and rows * (tokens // rows) == tokens else None

    @staticmethod
    def _rolled(latents: Any, by: int, columns: int) -> Any:
        if latents.ndim != 3:
            return _torch.roll(latents, by, dims=-1)
        batch, tokens, channels = latents.shape
        grid = latents.reshape(batch, tokens // columns, columns, channels)
        return _torch.roll(grid, by, dims=2).reshape(batch, tokens, channels)


@contextmanager
def _around_the_turn(pipe: Any) -> Generator[None]:
    """Convolutions of the denoiser and the decoder read across the picture's ends, as long as this lasts."""
    changed: list[Any] = []
    for part in (getattr(pipe, "unet", None), getattr(getattr(pipe, "vae", None), "decoder", None)):
        layers: list[Any] = list(part.modules()) if part is not None else []
        for layer in layers:
            if type(layer) is _torch.nn.Conv2d and not isinstance(layer.padding, str) and layer.padding[1] > 0:
                layer._conv_forward = _wrapping(layer)
                changed.append(layer)
    try:
        yield
    finally:
        for layer in changed:
            del layer._conv_forward


def _wrapping(layer: Any) -> Callable[[Any, Any, Any], Any]:
    down, across = layer.padding

    def forward(picture: Any, weight: Any, bias: Any) -> Any:
        wide = _torch.nn.functional.pad(picture, (across, across, 0, 0), mode="circular")
        args = (weight, bias, layer.stride, (down, 0), layer.dilation, layer.groups)
        return _torch.nn.functional.conv2d(wide, *args)

    return forward


def _sibling(own: str, components: set[str]) -> tuple[str, bool]:
    """The class of a pipeline's family that inpaints, else one that redraws, else none; whether it inpaints."""
    stem = own.removesuffix("Pipeline").removesuffix("Inpaint").removesuffix("Img2Img")
    for suffix, inpaints in (("InpaintPipeline", True), ("Img2ImgPipeline", False)):
        name = stem + suffix
        if hasattr(_library, name) and not _missing(name, components):
            return name, inpaints
    takes = inspect.signature(getattr(_library, own).__call__).parameters
    return (own, "mask_image" in takes) if "image" in takes else ("", False)


def _parts(name: str) -> set[str]:
    return set(inspect.signature(getattr(_library, name).__init__).parameters)


def _missing(name: str, components: set[str]) -> set[str]:
    parameters = inspect.signature(getattr(_library, name).__init__).parameters
    needed = {key for key, value in parameters.items() if key != "self" and value.default is value.empty}
    return needed - components


def _laid_over(drawn: Floats32, canvas: Floats32, known: NDArray[np.bool_]) -> Floats32:
    """The known part as it was, its rim blended over a few pixels."""
    share = known.astype(np.float32)
    for _ in range(max(2, len(known) // 128)):
        around = np.roll(share, 1, 1) + np.roll(share, -1, 1) + np.pad(share, ((1, 1), (0, 0)), mode="edge")[:-2]
        around += np.pad(share, ((1, 1), (0, 0)), mode="edge")[2:]
        share = np.minimum(share, 0.25 * around)
    share = np.clip(2 * share - 1, 0, 1)[..., None]
    return (drawn * (1 - share) + canvas * share).astype(np.float32)
