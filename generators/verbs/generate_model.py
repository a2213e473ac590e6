"""`cyc generate WORDS --model DIR|PRESET`: a sentence becomes a photographic place, by weights on this computer."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bridge.models import Home, ModelFault, described, licence_line, model_named, read_record, ready
from bridge.models_table import BY_NAME, TABLE, Kind, Model
from bridge.verbs.models import add_home_argument, home_of
from bridge.verbs.terminal import note
from generators.environment import Made
from generators.model_folder import depth_config, pipeline_class

if TYPE_CHECKING:
    from generators.imagine import Wish
    from generators.photographic import Models

Progress = Callable[[str, float], None]

DEPTH = "depth-anything-v2-outdoor-small"
SAMPLERS = ("euler", "euler-a", "heun", "ddim", "dpm++", "unipc", "lcm", "flow-euler", "flow-lcm")
REFINE_STEPS = 60
"""Two looks at each picture of the ring."""
EXAMPLE = 'cyc generate "a beach at dusk" --model qwen-360 --low-vram offload'


class Chosen(NamedTuple):
    """A folder of weights, and what goes with it."""

    folder: Path
    loras: tuple[Path, ...]
    trigger: str
    told: tuple[dict[str, object], ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options for words and for a picture alike."""
    pictures = ", ".join(model.name for model in TABLE if model.kind in ("diffusers", "lora"))
    depths = ", ".join(model.name for model in TABLE if model.kind == "transformers")
    group = parser.add_argument_group("with weights", f"example: {EXAMPLE}")
    group.add_argument("--model", metavar="DIR|PRESET", help=f"a diffusers pipeline's folder, or one of {pictures}")
    group.add_argument(
        "--depth-model", default=DEPTH, metavar="DIR|PRESET", help=f"a transformers depth model, or one of {depths}"
    )
    group.add_argument("--depth-panoramic", action="store_true", help="the depth model was made for whole panoramas")
    group.add_argument("--draw-steps", type=int, default=0, metavar="N", help="denoising steps (the pipeline's own)")
    group.add_argument("--guidance", type=float, default=-1.0, metavar="X", help="how closely it follows the words")
    group.add_argument("--negative", default="", metavar="WORDS", help="what should not be seen")
    group.add_argument("--lora", action="append", default=[], metavar="FILE[:WEIGHT]", help="may be given again")
    group.add_argument("--sampler", default="", choices=("", *SAMPLERS), metavar="NAME", help=", ".join(SAMPLERS))
    group.add_argument(
        "--low-vram", default="", choices=("", "tiles", "offload", "sequential"), metavar="HOW",
        help="tiles: decode in parts; offload: parts of the model wait in memory; sequential: layer by layer, slow",
    )  # fmt: skip
    group.add_argument("--panorama-pixels", type=int, default=1024, metavar="N", help="rows of the panorama (1024)")
    group.add_argument(
        "--refine", type=int, default=REFINE_STEPS, metavar="STEPS",
        help=f"fit the place to what is seen from aside; 0: do not ({REFINE_STEPS})",
    )  # fmt: skip
    add_home_argument(parser)


def make(args: argparse.Namespace, progress: Progress) -> Made:
    """ModelFault in one sentence where weights are not there, not whole, or their licence is not accepted."""
    models, wish = wished(args, " ".join(args.words), progress)
    from generators.photographic import made

    return made(models, wish, None, radius_m=args.radius, refine_steps=args.refine, progress=progress)


def wished(args: argparse.Namespace, words: str, progress: Progress) -> "tuple[Models, Wish]":
    """Weights and how to draw. Everything that can be refused is refused before a heavy library is loaded."""
    if not 64 <= args.panorama_pixels <= 4096 or args.panorama_pixels % 32:
        raise ModelFault(f"--panorama-pixels: expected 64 to 4096 in steps of 32, got {args.panorama_pixels}")
    if args.refine < 0:
        raise ModelFault(f"--refine: expected 0 steps or more, got {args.refine}")
    home, told = home_of(args), _telling(progress)
    picture = chosen(args.model, home, ("diffusers", "lora"), told)
    pipeline_class(picture.folder)
    depth = chosen(args.depth_model, home, ("transformers",), told)
    depth_config(depth.folder)
    told_loras = (*((path, 1.0) for path in picture.loras), *(_lora(text) for text in args.lora))
    os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # torch's idle threads spin, and the rasteriser's wait for them
    progress("loading torch and diffusers", 0.0)
    from generators.imagine import Lora, Wish
    from generators.photographic import Models

    wish = Wish(
        words=picture.trigger + words,
        negative=args.negative,
        seed=args.seed,
        steps=args.draw_steps,
        guidance_unit=args.guidance,
        sampler=args.sampler,
        loras=tuple(Lora(path, weight) for path, weight in told_loras),
        low_memory=args.low_vram,
        height_px=args.panorama_pixels,
    )
    return Models(picture.folder, depth.folder, args.depth_panoramic, (*picture.told, *depth.told)), wish


def chosen(text: str, home: Home, kinds: tuple[Kind, ...], told: Callable[[Path], None]) -> Chosen:
    """A preset's folder, where its licence is accepted; else the user's own."""
    if text not in BY_NAME:
        folder = Path(text).expanduser()
        if not folder.is_dir():
            names = ", ".join(model.name for model in TABLE if model.kind in kinds)
            raise ModelFault(f"{text}: expected a folder of weights or one of {names}")
        return Chosen(folder, (), "", (described(folder.name, folder, None, told),))
    model = model_named(text)
    if model.kind not in kinds:
        raise ModelFault(f"{text}: expected {' or '.join(kinds)} weights, it is {model.kind}")
    note(f"{text}: {licence_line(model)}")
    folder = ready(text, home)
    said = described(text, folder, read_record(text, home), told)
    if not model.goes_on:
        return Chosen(folder, (), model.trigger, (said,))
    base = chosen(model.goes_on, home, ("diffusers",), told)
    return Chosen(base.folder, (_only_lora(model, folder),), model.trigger, (*base.told, said))


def _only_lora(model: Model, folder: Path) -> Path:
    found = sorted(folder.rglob("*.safetensors"))
    if not found:
        raise ModelFault(f"{folder}: expected {model.name}'s LoRA (*.safetensors), there is none")
    if len(found) > 1:
        note(f"{model.name}: {found[0].name} out of {len(found)}; name another with --lora on --model {model.goes_on}")
    return found[0]


def _lora(text: str) -> tuple[Path, float]:
    name, _, weight = text.rpartition(":")
    try:
        return (Path(name).expanduser(), float(weight)) if name else (Path(text).expanduser(), 1.0)
    except ValueError:
        return Path(text).expanduser(), 1.0


def _telling(progress: Progress) -> Callable[[Path], None]:
    return lambda path: progress(f"hashing {path.name}", 0.0)
