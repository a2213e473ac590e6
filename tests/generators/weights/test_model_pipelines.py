"""Real loading code on tiny pipelines with random weights: whole panoramas come out, and no socket is opened."""

import json
import shutil
import socket
from pathlib import Path

import numpy as np
import pytest

from bridge.models import ModelFault
from generators.model_folder import depth_config, pipeline_class
from generators.seams import closed, roughness


def silent(what: str, share: float) -> None: ...


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **named: object) -> None:
        raise AssertionError("the network was asked")

    for name in ("connect", "connect_ex", "bind"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.slow
@pytest.mark.parametrize(("family", "sampler"), [("flux", ""), ("flux", "flow-lcm"), ("sd", "dpm++"), ("sd", "unipc")])
def test_words_become_a_panorama_whose_ends_meet(made: Path, no_network: None, family: str, sampler: str) -> None:
    from generators.imagine import Wish, panorama

    said: list[float] = []
    wish = Wish("a beach at dusk", steps=3, seed=5, height_px=64, sampler=sampler, guidance_unit=2.0, negative="forest")
    drawn = panorama(made / family, wish, lambda _, share: said.append(share))
    assert drawn.colours.shape == (64, 128, 3)
    assert not drawn.warnings
    ends, beside = roughness(drawn.colours)
    assert ends <= 1.1 * beside
    assert said[-1] == 1.0
    again = panorama(made / family, wish, silent)
    assert np.abs(again.colours - drawn.colours).max() < 2e-2, "a seed is a picture"
    other = panorama(made / family, wish._replace(seed=6), silent)
    assert np.abs(other.colours - drawn.colours).max() > 0.05


@pytest.mark.slow
@pytest.mark.parametrize("family", ["flux", "sd"])
def test_a_picture_is_gone_on_from_and_stays_what_it_was(made: Path, no_network: None, family: str) -> None:
    from generators.imagine import Wish, outpainted

    known = np.zeros((64, 128), bool)
    known[16:48, 40:88] = True
    canvas = np.where(known[..., None], 0.25, np.full(3, 0.5)).astype(np.float32)
    drawn = outpainted(made / family, Wish("a beach", steps=2, height_px=64, low_memory="tiles"), canvas, known, silent)
    assert np.abs(drawn.colours - 0.25)[24:40, 50:78].max() < 1e-3
    assert np.abs(drawn.colours - 0.5)[:8].max() > 0.02, "around it something was drawn"


@pytest.mark.slow
def test_a_family_that_inpaints_fills_what_is_open_and_nothing_else(made: Path, no_network: None) -> None:
    from generators.imagine import Wish, inpainter

    known = np.ones((32, 64), bool)
    known[8:24, 20:44] = False
    canvas = np.full((32, 64, 3), 0.25, np.float32)
    inpaints = inpainter(made / "flux", Wish("a beach", steps=2, height_px=64), silent)
    assert inpaints is not None and inpaints.name == "FluxInpaintPipeline"
    drawn = inpaints.drawn_on(canvas, known)
    assert np.abs(drawn - canvas)[:4].max() < 1e-3
    assert np.abs(drawn - canvas)[12:20, 26:38].max() > 0.02


@pytest.mark.slow
def test_lora_and_sampler_that_do_not_fit_are_one_sentence(made: Path, tmp_path: Path, no_network: None) -> None:
    from generators.imagine import Wish, panorama

    wish = Wish("a beach", steps=1, height_px=64)
    with pytest.raises(ModelFault, match=r"sampler 'ddim': FluxPipeline works with FlowMatchEuler.*flow-euler"):
        panorama(made / "flux", wish._replace(sampler="ddim"), silent)
    with pytest.raises(ModelFault, match="expected a LoRA file"):
        panorama(made / "flux", wish._replace(loras=((tmp_path / "none.safetensors", 1.0),)), silent)
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"nothing")
    with pytest.raises(ModelFault, match="is no LoRA for FluxPipeline"):
        panorama(made / "flux", wish._replace(loras=((bad, 1.0),)), silent)


@pytest.mark.slow
def test_a_lora_changes_the_picture(made: Path, tmp_path: Path, no_network: None) -> None:
    from diffusers import FluxPipeline
    from peft import LoraConfig, get_peft_model_state_dict

    from generators.imagine import Wish, panorama

    pipe = FluxPipeline.from_pretrained(made / "flux", local_files_only=True)
    pipe.transformer.add_adapter(LoraConfig(r=2, target_modules=["to_q", "to_v"], init_lora_weights=False))
    pipe.save_lora_weights(tmp_path, transformer_lora_layers=get_peft_model_state_dict(pipe.transformer))
    wish = Wish("a beach", steps=2, height_px=64)
    plain = panorama(made / "flux", wish, silent).colours
    path = tmp_path / "pytorch_lora_weights.safetensors"
    strong = panorama(made / "flux", wish._replace(loras=((path, 4.0),)), silent).colours
    assert np.abs(strong - plain).max() > 0.02


@pytest.mark.slow
def test_a_depth_model_sees_a_whole_panorama(made: Path, no_network: None) -> None:
    from generators.depth import estimated

    rng = np.random.Generator(np.random.PCG64(1))
    colours = rng.random((64, 128, 3), dtype=np.float32)
    seen = estimated(made / "depth", colours, silent, face_px=56)
    assert seen.metric
    assert seen.distances_m.shape == (64, 128)
    assert np.isfinite(seen.distances_m).all() and ((seen.distances_m > 0) | seen.sky).all()
    whole = estimated(made / "depth", colours, silent, panoramic=True)
    assert whole.distances_m.max() <= 20.1


def whole_folder(folder: Path) -> Path:
    """As much of a pipeline's folder as is looked at before anything is loaded."""
    for part in ("transformer", "scheduler"):
        (folder / part).mkdir(parents=True)
        (folder / part / "config.json").write_text("{}")
    (folder / "transformer" / "model.safetensors").write_bytes(b"x" * 600)
    index = {"_class_name": "FluxPipeline", "transformer": ["diffusers", "X"], "scheduler": ["diffusers", "Y"]}
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def broken(folder: Path, how: str) -> str:
    """Break it; what should be said."""
    index = folder / "model_index.json"
    if how == "index":
        index.unlink()
        return "model_index.json is missing: a diffusers pipeline has one"
    if how == "json":
        index.write_text("{")
        return "model_index.json: is no JSON"
    if how == "class":
        index.write_text("{}")
        return "expected _class_name"
    if how == "part":
        shutil.rmtree(folder / "scheduler")
        return "the pipeline's scheduler is missing"
    if how == "weights":
        (folder / "transformer" / "model.safetensors").unlink()
        return "expected weights"
    if how == "placeholder":
        (folder / "transformer" / "model.safetensors").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
        return "is not the weights but a placeholder"
    shards = {"weight_map": {"a": "part-1.safetensors"}}
    (folder / "transformer" / "model.safetensors.index.json").write_text(json.dumps(shards))
    return "part-1.safetensors: missing, model.safetensors.index.json needs it"


@pytest.mark.parametrize("how", ["index", "json", "class", "part", "weights", "placeholder", "shard"])
def test_a_folder_that_is_not_whole_is_refused_in_one_sentence(tmp_path: Path, how: str) -> None:
    folder = whole_folder(tmp_path / "model")
    assert pipeline_class(folder) == "FluxPipeline"
    words = broken(folder, how)
    with pytest.raises(ModelFault, match=words.replace("(", r"\(")) as caught:
        pipeline_class(folder)
    assert "\n" not in str(caught.value)


def test_a_depth_folder_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFault, match="there is none"):
        depth_config(tmp_path / "nowhere")
    (tmp_path / "config.json").write_text('{"architectures": ["BertModel"]}')
    with pytest.raises(ModelFault, match=r"expected a depth model .* got BertModel"):
        depth_config(tmp_path)


def test_a_seam_is_closed_and_the_rest_left_alone() -> None:
    rng = np.random.Generator(np.random.PCG64(2))
    smooth = np.cumsum(rng.normal(0, 0.01, (64, 128, 3)), axis=1).astype(np.float32)
    ends, beside = roughness(smooth)
    assert ends > 3 * beside
    ends, beside = roughness(closed(smooth))
    assert ends < 1.5 * beside
    assert (closed(smooth)[:, 16:-16] == smooth[:, 16:-16]).all()
