"""Pipelines and a depth model with random weights, a few hundred kilobytes, saved as real ones are."""

import json
from pathlib import Path
from typing import Any

import pytest


def flux(folder: Path) -> Path:
    """A FluxPipeline of about 165 thousand parameters."""
    import diffusers
    import torch
    import transformers

    torch.manual_seed(0)
    clip = transformers.CLIPTextConfig(
        hidden_size=16, intermediate_size=32, num_attention_heads=2, num_hidden_layers=1, vocab_size=64,
        max_position_embeddings=77, projection_dim=16, bos_token_id=0, eos_token_id=1, pad_token_id=1,
    )  # fmt: skip
    t5 = transformers.T5Config(vocab_size=64, d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2)
    transformer = diffusers.FluxTransformer2DModel(
        patch_size=1, in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=16, pooled_projection_dim=16, axes_dims_rope=[4, 4, 8],
    )  # fmt: skip
    vae = diffusers.AutoencoderKL(
        in_channels=3, out_channels=3, latent_channels=4, block_out_channels=(8, 8), norm_num_groups=4,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2, layers_per_block=1,
        sample_size=32, shift_factor=0.1, scaling_factor=0.3, use_quant_conv=False, use_post_quant_conv=False,
    )  # fmt: skip
    pipe: Any = diffusers.FluxPipeline(
        diffusers.FlowMatchEulerDiscreteScheduler(),
        vae,
        transformers.CLIPTextModel(clip),
        words(folder / "clip", 77),
        transformers.T5EncoderModel(t5),
        words(folder / "t5", 77),
        transformer,
    )
    pipe.save_pretrained(folder / "flux")
    return folder / "flux"


def stable_diffusion(folder: Path) -> Path:
    """A StableDiffusionPipeline: a UNet, not a transformer."""
    import diffusers
    import torch
    import transformers

    torch.manual_seed(0)
    clip = transformers.CLIPTextConfig(
        hidden_size=16, intermediate_size=32, num_attention_heads=2, num_hidden_layers=1, vocab_size=64,
        max_position_embeddings=77, bos_token_id=0, eos_token_id=1, pad_token_id=1,
    )  # fmt: skip
    unet = diffusers.UNet2DConditionModel(
        sample_size=16, in_channels=4, out_channels=4, layers_per_block=1, block_out_channels=(8, 16),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=16, attention_head_dim=4, norm_num_groups=4,
    )  # fmt: skip
    vae = diffusers.AutoencoderKL(
        block_out_channels=(8, 8, 8, 8), norm_num_groups=4, down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4, layers_per_block=1, latent_channels=4,
    )  # fmt: skip
    pipe: Any = diffusers.StableDiffusionPipeline(
        vae,
        transformers.CLIPTextModel(clip),
        words(folder / "clip", 77),
        unet,
        diffusers.DDIMScheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipe.save_pretrained(folder / "sd")
    return folder / "sd"


def words(folder: Path, longest: int) -> Any:
    """A tokenizer that knows a few words."""
    import tokenizers
    import transformers

    folder.mkdir(parents=True, exist_ok=True)
    known = {word: index for index, word in enumerate(("<s>", "</s>", "<unk>", "a", "beach", "forest", "at", "dusk"))}
    model = tokenizers.Tokenizer(tokenizers.models.WordLevel(known, unk_token="<unk>"))
    model.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    model.save(str(folder / "tokenizer.json"))
    return transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"),
        model_max_length=longest,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="</s>",
        unk_token="<unk>",
    )


def depth(folder: Path) -> Path:
    """A DepthAnything of about 120 thousand parameters that says metres."""
    import torch
    import transformers

    torch.manual_seed(0)
    backbone = transformers.Dinov2Config(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=2, image_size=28, patch_size=14, mlp_ratio=2,
        out_features=["stage1", "stage2"], reshape_hidden_states=False, apply_layernorm=True,
    )  # fmt: skip
    config = transformers.DepthAnythingConfig(
        backbone_config=backbone, patch_size=14, reassemble_hidden_size=32, reassemble_factors=[1, 0.5],
        neck_hidden_sizes=[16, 16], fusion_hidden_size=16, head_hidden_size=8, head_in_index=-1,
        depth_estimation_type="metric", max_depth=20,
    )  # fmt: skip
    model: Any = transformers.DepthAnythingForDepthEstimation(config)
    model.save_pretrained(folder)
    preprocessing = {
        "do_normalize": True,
        "do_resize": True,
        "ensure_multiple_of": 14,
        "image_mean": [0.485, 0.456, 0.406],
        "image_std": [0.229, 0.224, 0.225],
        "image_processor_type": "DPTImageProcessor",
        "keep_aspect_ratio": True,
        "size": {"height": 56, "width": 56},
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessing))
    return folder


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("diffusers", reason="draws with diffusers")
    pytest.importorskip("transformers", reason="draws with transformers")
    folder = tmp_path_factory.mktemp("models")
    flux(folder)
    stable_diffusion(folder)
    depth(folder / "depth")
    return folder
