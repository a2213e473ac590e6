"""Parts of the Unreal layer compiled on stand-ins and run: the programs, what they say, a bridge of libzmq."""

import json
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import zmq

from ue_plugin.tools import uestub

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "engine.json").read_text(encoding="utf-8"))
PRIVATE = uestub.PLUGIN / "Source" / "Cyclorama" / "Private"


def built(name: str, folder: Path, files: Sequence[Path]) -> Path:
    """`name`.cpp of ue_plugin/stubs/Running with the plugin's files, receiver and core. ThreadSanitizer watches."""
    uestub.write_generated(uestub.PLUGIN, folder)
    sources = [
        uestub.STUBS / "Running" / f"{name}.cpp",
        *files,
        *PRIVATE.glob("Net/*.cpp"),
        *PRIVATE.glob("Core/*.cpp"),
    ]
    options = ["-std=c++17", "-O1", "-g", "-fno-rtti", "-fno-exceptions", "-fsanitize=thread", "-pthread"]
    defines = ["-DSTAND_INS_RUN", "-DENGINE_MINOR_VERSION=4", "-DCYCLORAMA_API="]
    includes = [f"-I{place}" for place in (uestub.STUBS, PRIVATE, PRIVATE.parent / "Public", folder)]
    objects = [folder / f"{source.stem}.o" for source in sources]
    call = ["g++", *options, *defines, *includes]
    compiles = [[*call, "-c", str(source), "-o", str(made)] for source, made in zip(sources, objects, strict=True)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(called, compiles))
    called([*call, "-o", str(folder / name), *map(str, objects)])
    return folder / name


def called(command: Sequence[str]) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


class Program:
    """One run. A line comes every few hundredths of a second, so that waiting for one is waiting for something."""

    def __init__(self, *call: str) -> None:
        self.process = subprocess.Popen(list(call), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.heard: list[dict[str, Any]] = []

    def tell(self, line: str) -> None:
        """A line of its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def until(self, seen: Callable[[dict[str, Any]], bool], lines: int = 1500) -> dict[str, Any]:
        assert self.process.stdout is not None
        for _ in range(lines):
            self.heard.append(json.loads(self.process.stdout.readline()))
            if seen(self.heard[-1]):
                return self.heard[-1]
        raise AssertionError(f"not within {lines} lines; the last is {self.heard[-1]}")

    def says(self, words: str) -> str:
        """The first status with these words."""
        return str(self.until(lambda line: words in str(line.get("status", "")))["status"])

    def end(self, line: str = "") -> dict[str, Any]:
        """What it says of its end. A race that ThreadSanitizer saw is exit code 66."""
        out, _ = self.process.communicate(f"{line}\n" if line else "", timeout=30)
        assert self.process.returncode == 0
        return dict(json.loads(out.splitlines()[-1]))


class Bridge:
    """A publisher of libzmq that knows when somebody has subscribed."""

    def __init__(self, port: int = 0) -> None:
        self.socket: Any = zmq.Context.instance().socket(zmq.XPUB)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.port = port or self.socket.bind_to_random_port("tcp://127.0.0.1")
        if port:
            self.socket.bind(f"tcp://127.0.0.1:{port}")

    def heard(self, subscriptions: int) -> None:
        for _ in range(subscriptions):
            assert self.socket.poll(10_000), "nobody subscribed"
            self.socket.recv()

    def say(self, vector: dict[str, Any], header: str = "") -> None:
        parts = [vector["topic"].encode(), bytes.fromhex(header or vector["header"]), bytes.fromhex(vector["payload"])]
        self.socket.send_multipart([*parts, bytes.fromhex(vector["pixels"])] if "pixels" in vector else parts)

    def close(self) -> None:
        self.socket.close(0)
