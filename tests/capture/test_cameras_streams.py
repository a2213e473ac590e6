"""Streams: pictures over HTTP and UDP through OpenCV's own FFmpeg, a sender that breaks off and returns."""

import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from bridge.clock import NS_PER_S, system_clock
from capture.cameras.address import address

cv2 = pytest.importorskip("cv2")
from capture.cameras.opened import Wanted  # noqa: E402
from capture.device import Camera  # noqa: E402
from tests.bridge.ports import free_port  # noqa: E402


class Mjpeg(http.server.BaseHTTPRequestHandler):
    """A network camera: JPEGs one after the other. The first caller is cut off after twenty."""

    callers = 0

    def do_GET(self) -> None:
        kind = type(self)
        kind.callers += 1
        count, grey = (20, 50) if kind.callers == 1 else (400, 200)
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        coded = cv2.imencode(".jpg", np.full((48, 64, 3), grey, np.uint8))[1].tobytes()
        pause = threading.Event()
        for _ in range(count):
            head = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(coded)
            try:
                self.wfile.write(head + coded + b"\r\n")
            except OSError:
                return
            pause.wait(0.01)

    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def sender() -> Iterator[str]:
    handler = type("One", (Mjpeg,), {})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/cam.mjpg"
        server.shutdown()
        thread.join()


@pytest.mark.slow
def test_a_network_camera_that_breaks_off_is_opened_again(sender: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capture.device.FIRST_WAIT_S", 0.01)
    camera = Camera("front", address(sender), Wanted(timeout_s=2.0))
    greys: list[int] = []
    while len(greys) < 200 and (picture := camera.wait(10.0)) is not None:
        greys.append(round(float(picture.bgr.mean())))
        assert 0 <= picture.t_arrival_ns - picture.t_ns < NS_PER_S or picture.t_arrival_ns == picture.t_ns
        if greys[-1] > 150:
            break
    said = camera.report()
    assert greys[0] == 50 and greys[-1] == 200, "before and after the break"
    assert said.reconnects >= 1 and said.state in ("running", "degraded")
    assert camera.close(5.0)


@pytest.mark.slow
def test_a_transport_stream_over_udp_has_steady_moments() -> None:
    if not shutil.which("ffmpeg"):
        pytest.skip("no ffmpeg")
    port = free_port()
    words = "ffmpeg -v error -re -f lavfi -i testsrc=s=160x120:r=25 -t 30 -c:v mpeg2video -g 5 -f mpegts"
    with subprocess.Popen([*words.split(), f"udp://127.0.0.1:{port}?pkt_size=1316"]) as sending:
        try:
            camera = Camera("front", address(f"udp://127.0.0.1:{port}"), Wanted(timeout_s=4.0), clock=system_clock)
            taken = [camera.wait(20.0) for _ in range(70)]
        finally:
            sending.kill()
    assert all(taken)
    moments = np.array([picture.t_ns for picture in taken if picture])
    gaps_s = np.diff(moments[40:]) / NS_PER_S * 25
    assert np.abs(gaps_s - np.round(gaps_s)).max() < 0.05, (
        "once settled, moments lie on the sender's 25 frames a second"
    )
    assert camera.report().width_px == 160
    camera.close(15.0)
