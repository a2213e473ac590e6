"""OSC control with real processes: liblo's `oscsend` starts and stops a take, `oscdump` hears it."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.bus.mailbox import Mailbox
from bridge.messages import Mark, ServiceHealth
from bridge.services import own_endpoints
from bridge.stage import Stage
from bridge.stage_file import StageFault, load, parse
from bridge.take.read import Take
from tests.bridge.ports import free_port

ROOT = Path(__file__).parents[2]
SMALL = (ROOT / "stage_configs" / "small_wall.toml").read_text()
needs_liblo = pytest.mark.skipif(not (shutil.which("oscsend") and shutil.which("oscdump")), reason="no liblo-tools")


def stage_file(folder: Path, control: str) -> Path:
    path = folder / "stage.toml"
    path.write_text(f"{SMALL}\n[bus]\nport = 47100\n[control]\n{control}\n".replace('"small_wall"', '"osc_test"'))
    return path


class Dump:
    """Lines of a program, waited for by what they contain."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        self.lines: list[str] = []
        self._news = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def wait_for(self, *texts: str, since: int = 0) -> str:
        """The first line after `since` with all these texts."""

        def found() -> str | None:
            return next((line for line in self.lines[since:] if all(text in line for text in texts)), None)

        with self._news:
            line = self._news.wait_for(found, 10.0)
        assert line, (texts, self.lines)
        return line

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(5)

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line.strip())
                self._news.notify_all()


def run_services(path: Path, *names: str) -> "list[subprocess.Popen[bytes]]":
    """Each ready before the next is started."""
    argv = [sys.executable, "-m", "bridge", "service"]
    words = ["--stage", str(path), "--takes", str(path.parent / "takes")]
    services: list[subprocess.Popen[bytes]] = []
    for name in names:
        services.append(subprocess.Popen([*argv, name, *words], stdin=subprocess.PIPE))
        ready(load(path), name)
    return services


@pytest.fixture
def with_spine(tmp_path: Path) -> Iterator[tuple[int, Dump]]:
    """(control's port, a surface's oscdump) of a stage with a spine, whose ports are nobody else's."""
    port, heard_on = free_port(), free_port()
    path = stage_file(tmp_path, f"port = {port}\nsurfaces = [{{ port = {heard_on} }}]")
    text = path.read_text().replace("port = 47100", "port = 47150")
    for taken in ("40000", "5560", "55555", "40100"):
        text = text.replace(f"port = {taken}", f"port = {free_port()}")
    path.write_text(text)
    dump, services = Dump("oscdump", "-L", str(heard_on)), list[subprocess.Popen[bytes]]()
    try:
        services = run_services(path, "control", "spine")
        yield port, dump
    finally:
        for process in services:
            process.terminate()
        assert [process.wait(10) for process in services] == [0] * len(services)
        dump.close()


@needs_liblo
def test_faders_and_toggles_reach_the_spine_and_its_word_comes_back(with_spine: tuple[int, Dump]) -> None:
    port, dump = with_spine
    dump.wait_for("/cyc/camera/camA/frustum i 1")
    for word, tag, value, echo in (
        ("camera/camA/frustum", "F", "", "i 0"),
        ("camera/camA/freeze", "i", "1", "i 1"),
        ("camera/camA/delay", "f", "2.5", "f 2.5"),
        ("scene/exposure", "f", "-1.5", "f -1.5"),
        ("scene/hour", "d", "6.25", "f 6.25"),
        ("scene/environment", "s", "sky", 's "sky"'),
    ):
        before = len(dump.lines)
        send(port, f"/cyc/{word}", tag, *([value] if value else []))
        dump.wait_for(f"/cyc/{word} {echo}", since=before)
        dump.wait_for("/cyc/ok", f'"/cyc/{word}"', since=before)
    send(port, "/cyc/camera/camA/delay", "f", "99")
    dump.wait_for("/cyc/error", "expected 0 to 25 camera frames, got 99")
    send(port, "/cyc/camera/camA/zero", "T")
    dump.wait_for("/cyc/error", "no live tracking")
    send(port, "/cyc/scene/environment", "s", "mars")
    dump.wait_for("/cyc/error", "no environment 'mars'; there are sky, test-set")


@pytest.fixture
def live(tmp_path: Path) -> Iterator[tuple[int, Dump, Path]]:
    """(control's port, a surface's oscdump, takes) of a stage with a recorder and a control service."""
    port, heard_on = free_port(), free_port()
    path = stage_file(tmp_path, f"port = {port}\nsurfaces = [{{ port = {heard_on} }}]")
    words = ["--stage", str(path), "--takes", str(tmp_path / "takes")]
    argv = [sys.executable, "-m", "bridge", "service"]
    dump = Dump("oscdump", "-L", str(heard_on))
    services: list[subprocess.Popen[bytes]] = []
    try:
        for name in ("control", "recorder"):  # in this order the recorder hears control's first mark
            services.append(subprocess.Popen([*argv, name, *words], stdin=subprocess.PIPE))
            ready(load(path), name)
        yield port, dump, tmp_path / "takes"
    finally:
        for process in (*services, dump.process):
            process.terminate()
        assert [process.wait(10) for process in services] == [0, 0]
        dump.close()


def ready(stage: Stage, name: str) -> None:
    """Wait until it says so."""
    health = Mailbox([own_endpoints(stage, name)[0]], ["ServiceHealth"])
    said = health.take(20.0)
    health.close()
    assert said and isinstance(said[0], ServiceHealth)


def send(port: int, *words: str) -> None:
    subprocess.run(["oscsend", "127.0.0.1", str(port), *words], check=True)


@needs_liblo
def test_a_take_is_started_and_stopped_by_a_peers_tools_and_the_echo_is_heard(live: tuple[int, Dump, Path]) -> None:
    port, dump, takes = live
    dump.wait_for("/cyc/take/state", '"stopped"')
    send(port, "/cyc/slate", "s", "scene12A")
    dump.wait_for("/cyc/slate s", '"scene12A"')
    send(port, "/cyc/take/start", "f", "1")
    dump.wait_for("/cyc/take/current", '"scene12A_T001"')
    dump.wait_for("/cyc/take/recording i 1")
    dump.wait_for("/cyc/ok", '"/cyc/take/start" "scene12A_T001"')
    send(port, "/cyc/take/start", "f", "0")  # the button is let go
    send(port, "/cyc/mark", "s", "rain begins")
    dump.wait_for("/cyc/ok", '"/cyc/mark" "marked"')
    send(port, "/cyc/take/start")
    dump.wait_for("/cyc/error", "already recording scene12A_T001")
    before = len(dump.lines)
    send(port, "/cyc/take/stop")
    dump.wait_for("/cyc/take/recording i 0", since=before)
    dump.wait_for("/cyc/ok", '"/cyc/take/stop"')
    with Take(takes / "scene12A_T001.mcap") as take:
        assert [mark.text for mark in take.messages(Mark)] == ["rain begins"]


@needs_liblo
def test_nonsense_is_answered_and_a_service_that_is_not_there_is_said(live: tuple[int, Dump, Path]) -> None:
    port, dump, _ = live
    send(port, "/cyc/take/strat")
    dump.wait_for("/cyc/error", "/cyc/take/strat", '"/cyc/take/start"')
    send(port, "/cyc/slate", "i", "12")
    dump.wait_for("/cyc/error", "expected s: 0 to 48 letters", "got i 12")
    send(port, "/cyc/camera/camA/smoothing", "T")
    dump.wait_for("/cyc/error", "spine did not answer SetSmoothing in time")
    before = len(dump.lines)
    send(port, "/cyc/refresh")
    dump.wait_for("/cyc/slate s", since=before)


def test_the_stage_file_opens_the_port_and_keeps_it_from_strangers(tmp_path: Path) -> None:
    assert parse(SMALL, ROOT / "stage_configs" / "x.toml").control is None
    stage = load(stage_file(tmp_path, "port = 9100"))
    assert stage.control and stage.control.bind == "127.0.0.1"
    with pytest.raises(StageFault, match=r"control.bind: 0.0.0.0 leaves loopback, expected control.allow_senders"):
        load(stage_file(tmp_path, 'bind = "0.0.0.0"'))
    with pytest.raises(StageFault, match="udp port 40000 is wanted by tracker arm and control"):
        load(stage_file(tmp_path, "port = 40000"))
    with pytest.raises(StageFault, match=r"control.surfaces\[0\].prot: unknown key, did you mean 'port'"):
        load(stage_file(tmp_path, "surfaces = [{ prot = 1 }]"))
