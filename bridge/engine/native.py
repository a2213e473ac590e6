"""`cyc-engine`: where it is, how it is built, and a running one. It is the Unreal plugin's own core without Unreal."""

import os
import shutil
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path

_ROOT = Path(__file__).parents[2]
SOURCE = _ROOT / "ue_plugin" / "cyc_engine"
BUILT = _ROOT / "build" / "cyc_engine"
_NAME = "cyc-engine.exe" if sys.platform == "win32" else "cyc-engine"
_MOST_LINES = 64


class CannotBuild(Exception):
    """Why there is no cyc-engine, in one sentence."""


def found() -> Path | None:
    """The program, if it was built here and none of its sources is newer, or is on the PATH."""
    for built in (BUILT / _NAME, BUILT / "Release" / _NAME):
        if built.is_file() and built.stat().st_mtime >= _newest_source_s():
            return built
    elsewhere = shutil.which("cyc-engine")
    return Path(elsewhere) if elsewhere else None


def said(program: Path | None) -> str:
    """Who stands in the engine's place, for people."""
    if program is not None:
        return f"cyc-engine, the Unreal plugin's own core ({program})"
    return "a stand-in in Python; with CMake and a C++ compiler `make engine` builds the Unreal plugin's core"


def build(folder: Path = BUILT, *options: str) -> Path:
    """One CMake call to configure, one to build; the program. CannotBuild says what is missing or what went wrong."""
    if not SOURCE.is_dir():
        raise CannotBuild(f"no sources at {SOURCE}: cyc-engine is built from a checkout of Cyclorama")
    if shutil.which("cmake") is None:
        raise CannotBuild("no cmake here: install CMake and a C++ compiler")
    configure = ["cmake", "-S", str(SOURCE), "-B", str(folder), "-DCMAKE_BUILD_TYPE=Release", *options]
    for call in (configure, ["cmake", "--build", str(folder), "--config", "Release"]):
        ran = subprocess.run(call, capture_output=True, text=True, check=False)
        if ran.returncode:
            last = (ran.stderr or ran.stdout).strip().splitlines()[-1:] or ["it said nothing"]
            raise CannotBuild(f"{' '.join(call[:2])} failed: {last[0]}")
    for built in (folder / _NAME, folder / "Release" / _NAME):
        if built.is_file():
            os.utime(built)
            return built
    raise CannotBuild(f"CMake built no {_NAME} in {folder}")


def at_hand() -> Path | None:
    """The program, built now if it must be; None where it cannot be."""
    try:
        return found() or build()
    except CannotBuild:
        return None


class Running:
    """A cyc-engine that listens to one engine port. Its lines wait here, the newest 64."""

    def __init__(self, program: Path, address: str, clock_id: int, every_s: float = 1.0) -> None:
        words = [address, "--clock-id", str(clock_id), "--every", f"{every_s:g}", "--until-eof"]
        self._start([str(program), *words])

    def _start(self, call: list[str]) -> None:
        pipe = subprocess.PIPE  # its input is never written: it ends with this process, however that ends
        self._process = subprocess.Popen(call, stdin=pipe, stdout=pipe, text=True, encoding="utf-8")
        self._lines: deque[str] = deque(maxlen=_MOST_LINES)
        threading.Thread(target=self._read, name="cyc-engine", daemon=True).start()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def lines(self) -> list[str]:
        """What it said since the last call. OSError once it has ended by itself."""
        said: list[str] = []
        while self._lines:
            said.append(self._lines.popleft())
        if not said and self._process.poll() is not None:
            raise OSError(f"cyc-engine ended with exit code {self._process.returncode}")
        return said

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._lines.append(line)


def _newest_source_s() -> float:
    if not SOURCE.is_dir():
        return 0.0
    core = SOURCE.parent / "Cyclorama" / "Source" / "Cyclorama" / "Private" / "Core"
    return max(path.stat().st_mtime for folder in (SOURCE, core) for path in folder.glob("*.*"))
