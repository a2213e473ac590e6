"""An RTSP camera: ffmpeg makes the pictures, a server here speaks RTSP and passes its packets on over TCP."""

import contextlib
import re
import shutil
import socket
import socketserver
import struct
import subprocess
import threading
from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest

from bridge.clock import NS_PER_S, system_clock
from capture.cameras.address import address

pytest.importorskip("cv2")
from capture.cameras.opened import Wanted
from capture.device import Camera


class Rtsp(socketserver.StreamRequestHandler):
    """OPTIONS, DESCRIBE, SETUP, PLAY; the first who plays is cut off after some packets."""

    sdp: str
    packets: socket.socket
    cut_after = 60
    played = 0

    def handle(self) -> None:
        while line := self.rfile.readline().decode():
            head = line
            while (more := self.rfile.readline().decode().strip()) != "":
                head += more + "\r\n"
            self.answer(line.split()[0], re.search(r"CSeq: *(\d+)", head, re.IGNORECASE))
            if line.startswith("PLAY"):
                return self.play()
        return None

    def answer(self, verb: str, sequence: re.Match[str] | None) -> None:
        extra, body = "Session: 1\r\n", ""
        if verb == "DESCRIBE":
            body, extra = type(self).sdp, "Content-Type: application/sdp\r\n"
        elif verb == "SETUP":
            extra += "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        elif verb == "OPTIONS":
            extra = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        number = sequence.group(1) if sequence else "0"
        self.wfile.write(
            f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\n{extra}Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )

    def play(self) -> None:
        kind = type(self)
        kind.played += 1
        most = kind.cut_after if kind.played == 1 else 100_000
        with contextlib.suppress(OSError):
            for _ in range(most):
                packet = kind.packets.recv(65536)
                self.wfile.write(b"$\x00" + struct.pack(">H", len(packet)) + packet)


@contextlib.contextmanager
def network_camera(folder: Path) -> Generator[str]:
    """Its address; skips without ffmpeg."""
    if not shutil.which("ffmpeg"):
        pytest.skip("no ffmpeg")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as packets:
        packets.bind(("127.0.0.1", 0))
        packets.settimeout(5.0)
        words = "ffmpeg -v error -re -f lavfi -i testsrc=s=160x120:r=25 -t 60 -c:v mpeg4 -g 5 -f rtp -sdp_file"
        target = f"rtp://127.0.0.1:{packets.getsockname()[1]}?pkt_size=1200"
        sending = subprocess.Popen([*words.split(), str(folder / "camera.sdp"), target])
        try:
            packets.recv(65536)  # it sends, so it has written its description
            sdp = (folder / "camera.sdp").read_text().removeprefix("SDP:\n") + "a=control:streamid=0\r\n"
            one = type("One", (Rtsp,), {"sdp": sdp, "packets": packets})
            with socketserver.ThreadingTCPServer(("127.0.0.1", 0), one) as server:
                server.daemon_threads = True
                thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
                thread.start()
                yield f"rtsp://127.0.0.1:{server.server_address[1]}/stream"
                server.shutdown()
                thread.join()
        finally:
            sending.kill()
            sending.wait()


@pytest.mark.slow
def test_an_rtsp_camera_that_breaks_off_comes_back_with_steady_moments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capture.device.FIRST_WAIT_S", 0.01)
    with network_camera(tmp_path) as url:
        camera = Camera("front", address(url), Wanted(timeout_s=4.0), clock=system_clock)
        moments: list[int] = []
        while len(moments) < 150 and (picture := camera.wait(20.0)) is not None:
            moments.append(picture.t_ns)
        said = camera.report()
        assert camera.close(15.0)
    assert said.reconnects >= 1 and said.state in ("running", "degraded") and said.corrupt < 20
    gaps_s = np.diff(np.array(moments[110:])) / NS_PER_S * 25
    assert np.abs(gaps_s - np.round(gaps_s)).max() < 0.05, (
        "once settled, moments lie on the sender's 25 frames a second"
    )
