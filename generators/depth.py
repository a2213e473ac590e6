"""How far everything in a panorama is, by any local folder of a transformers depth model. Never over the network.

A model of pinhole pictures looks at 18 overlapping faces, which are aligned and blended; one made for panoramas looks
at the whole.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import transformers
from numpy.typing import NDArray

from bridge.models import ModelFault
from generators.face_alignment import aligned, blended, faces
from generators.grounding import EYE_M
from generators.model_folder import depth_config
from generators.panorama import rays, view
from generators.sky_mask import sky_of

Floats32 = NDArray[np.float32]
Progress = Callable[[str, float], None]

FACE_PX = 504
_FAR_M, _FAR_SHARE = 60.0, 0.04
_library: Any = transformers
_torch: Any = torch


class SeenDepth(NamedTuple):
    """How far a panorama's pixels are."""

    distances_m: Floats32
    """[H, 2H], along the ray."""
    sky: NDArray[np.bool_]
    metric: bool
    """The model counts in metres; else the scale is a guess by the height of the eye."""
    misfit_unit: float
    """Median relative disagreement of overlapping faces."""


class _Model(NamedTuple):
    network: Any
    processor: Any
    metric: bool
    inverse: bool
    """It says nearness, not distance."""


def estimated(
    folder: Path, colours: Floats32, progress: Progress, *, panoramic: bool = False, face_px: int = FACE_PX
) -> SeenDepth:
    """Of sRGB-encoded colours [H, 2H, 3]. `panoramic`: the model was made for whole panoramas."""
    model = _loaded(folder, progress)
    sky_guess = sky_of(colours, 0.5 * len(colours))
    if panoramic:
        distances, misfit = _distance(model, _looked(model, colours), np.ones(colours.shape[:2], np.float32)), 0.0
    else:
        distances, misfit = _by_faces(model, colours, sky_guess, face_px, progress)
    if not model.metric:
        distances = distances * _scale(distances)
    known = distances[~sky_guess & np.isfinite(distances)]
    far = _FAR_M if model.metric or not len(known) else float(np.quantile(known, 1 - _FAR_SHARE))
    sky = sky_guess & (~np.isfinite(distances) | (distances > 0.5 * far))
    sky |= ~np.isfinite(distances)
    return SeenDepth(np.where(np.isfinite(distances), distances, 0).astype(np.float32), sky, model.metric, misfit)


def _loaded(folder: Path, progress: Progress) -> _Model:
    config = depth_config(folder)
    progress(f"loading {folder.name}", 0.0)
    transformers.logging.disable_progress_bar()
    try:
        network = _library.AutoModelForDepthEstimation.from_pretrained(folder, local_files_only=True)
        processor = _library.AutoImageProcessor.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        raise ModelFault(f"{folder}: cannot be loaded: {' '.join(str(error).split())[:300]}") from None
    network = network.to("cuda" if _torch.cuda.is_available() else "cpu").eval()
    kind, said = str(config.get("architectures", [""])[0]), config.get("depth_estimation_type", "")
    relative = said == "relative" or (not said and kind.startswith("DepthAnything"))
    return _Model(network, processor, not (relative or kind.startswith("DPT")), relative or kind.startswith("DPT"))


def _by_faces(
    model: _Model, colours: Floats32, sky: NDArray[np.bool_], face_px: int, progress: Progress
) -> tuple[Floats32, float]:
    cameras = faces(face_px)
    estimates: list[Floats32] = []
    for index, camera in enumerate(cameras):
        raw = _looked(model, view(colours, camera))
        forward = rays(camera) @ np.asarray(camera.plane_from_stage, np.float32)[2]
        estimate = raw * forward if model.inverse else raw / forward  # from along the axis to along the ray
        hidden = view(sky[..., None].astype(np.float32), camera)[..., 0] > 0.5
        estimates.append(np.where(hidden, np.nan, estimate).astype(np.float32))
        progress(f"depth, face {index + 1} of {len(cameras)}", (index + 1) / len(cameras))
    right = aligned(estimates, cameras, offsets=model.inverse)
    if model.metric:
        right = right._replace(factors=right.factors / np.median(right.factors))
    fixed = [f * e + o for f, e, o in zip(right.factors, estimates, right.offsets, strict=True)]
    if model.inverse:
        least = 1e-3 * float(np.nanquantile(np.concatenate([face.ravel() for face in fixed]), 0.99))
        fixed = [1.0 / np.maximum(face, least) for face in fixed]
    return blended([face.astype(np.float32) for face in fixed], cameras, len(colours)), right.misfit_unit


def _looked(model: _Model, colours: Floats32) -> Floats32:
    """What the network says of a picture, at the picture's size."""
    picture = np.round(255 * np.clip(colours, 0, 1)).astype(np.uint8)
    inputs = model.processor(images=picture, return_tensors="pt").to(model.network.device)
    with _torch.inference_mode():
        said = model.network(**inputs).predicted_depth
    size = colours.shape[:2]
    whole = _torch.nn.functional.interpolate(said[:, None].float(), size, mode="bicubic", align_corners=False)
    return np.maximum(whole[0, 0].cpu().numpy(), 1e-4)


def _distance(model: _Model, said: Floats32, forward: Floats32) -> Floats32:
    return 1.0 / (said * forward) if model.inverse else said / forward


def _scale(distances: Floats32) -> float:
    """Metres per unit, by the floor under an eye of usual height."""
    below = distances[-len(distances) // 8 :]
    return EYE_M / max(float(np.nanmedian(below)), 1e-6)
