"""A matte on its way from a writer's map to the plugin's own core: the same bytes, and no harm from a writer killed."""

import zlib
from collections.abc import Callable
from typing import Any

import pytest

from bridge.stage import Stage
from tests.bridge.test_engine_pictures import Writer, serving, stage
from tests.plugin.test_cyc_engine import Engine, started

__all__ = ["stage", "started"]


@pytest.fixture
def port(stage: Stage) -> int:
    return stage.engine.pictures_port


def test_the_plugins_core_has_the_bytes_that_were_drawn(stage: Stage, started: Callable[..., Engine]) -> None:
    told = started("--frames", "--sums")
    with serving(stage):
        first = Writer(stage, "matte.camA", "uint8")
        line = told.until(is_picture, first.draw)
        assert (line["name"], line["size_px"], line["pixels"]) == ("matte.camA", [480, 270], 1)
        assert line["adler32"] == zlib.adler32(first.expected(line["frame_id"]))
        first.kill()
        second = Writer(stage, "depth.camA", "float16", shift=100)
        line = told.until(lambda line: line.get("name") == "depth.camA", second.draw)
        assert line["adler32"] == zlib.adler32(second.expected(line["frame_id"]))
        second.kill()
        said = told.until(lambda line: len(line.get("subjects", [])) == 3)  # two pictures and the heartbeat
        assert [subject["lost"] for subject in said["subjects"]] == [0, 0, 0]
        assert said["malformed"] == said["unwanted"] == 0 and not any(said["refused"].values())


def is_picture(line: dict[str, Any]) -> bool:
    return line.get("frame") == "picture"
