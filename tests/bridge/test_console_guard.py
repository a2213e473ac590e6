"""Who may load the page and who may talk to it: asked over real HTTP, in the name of friends and strangers."""

import contextlib
import http.client
import socket
from collections.abc import Iterator

import pytest

viser = pytest.importorskip("viser", reason="viser is not installed: pip install 'cyclorama[stage]'")

from websockets.exceptions import InvalidStatus  # noqa: E402
from websockets.sync.client import connect  # noqa: E402

from bridge.console import guard as console_guard  # noqa: E402
from bridge.console.guard import open_page  # noqa: E402
from bridge.ports import PortBusy  # noqa: E402

TOKEN = "a-token-of-22-letters!"


@contextlib.contextmanager
def page(host: str = "127.0.0.1", token: str = "") -> Iterator[int]:
    server = open_page(host, 0, token=token)
    try:
        yield server.get_port()
    finally:
        server.stop()


def get(port: int, path: str = "/", **headers: str) -> http.client.HTTPResponse:
    asks = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        asks.request("GET", path, headers=headers)
        answer = asks.getresponse()
        answer.body = answer.read()  # type: ignore[attr-defined]
        return answer
    finally:
        asks.close()


def speak(port: int, origin: str | None, **headers: str) -> None:
    subprotocol = f"viser-v{viser.__version__}"
    with connect(
        f"ws://127.0.0.1:{port}/", origin=origin, subprotocols=[subprotocol], additional_headers=headers
    ) as talk:
        assert talk.recv(timeout=5)


def test_on_loopback_the_page_is_for_this_computer() -> None:
    with page() as port:
        assert get(port).status == 200
        assert get(port, Host=f"localhost:{port}").status == 200
        speak(port, f"http://127.0.0.1:{port}")
        for host in ("stage.example", "127.evil.example", "127.0.0.1.evil.example", "10.0.0.5"):
            refused = get(port, Host=f"{host}:{port}")
            assert refused.status == 403, host
            assert b"127.0.0.1 and localhost only" in refused.body  # type: ignore[attr-defined]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None, "http://127.0.0.1:1"])
def test_another_page_in_the_same_browser_may_not_talk(origin: str | None) -> None:
    with page() as port, pytest.raises(InvalidStatus) as refused:
        speak(port, origin)
    assert refused.value.response.status_code == 403


def test_the_page_cannot_be_framed_by_another() -> None:
    with page() as port:
        assert get(port).getheader("X-Frame-Options") == "DENY"


def test_off_loopback_a_token_is_needed_to_load_and_to_talk() -> None:
    with page("0.0.0.0", TOKEN) as port:
        assert get(port).status == 403
        assert get(port, "/?token=wrong").status == 403
        loaded = get(port, f"/?token={TOKEN}", Host="stage.example:1")
        assert loaded.status == 200
        cookie = str(loaded.getheader("Set-Cookie"))
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        speak(port, f"http://127.0.0.1:{port}", Cookie=cookie.split(";")[0])
        for origin, sent in ((f"http://127.0.0.1:{port}", ""), ("http://evil.example", cookie.split(";")[0])):
            with pytest.raises(InvalidStatus):
                speak(port, origin, Cookie=sent)


def test_an_open_page_without_a_token_is_refused_before_it_opens() -> None:
    with pytest.raises(
        ValueError, match=r"open on 0\.0\.0\.0: expected a token of at least 16 characters, got 0"
    ) as why:
        open_page("0.0.0.0", 8123)
    assert "ssh -L 8123:127.0.0.1:8123" in str(why.value)


def test_a_token_that_does_not_fit_an_address_is_refused() -> None:
    with pytest.raises(ValueError, match="letters, digits"):
        open_page("127.0.0.1", 0, token="sixteen letters; and more")


def test_a_busy_port_is_named_and_no_other_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            PortBusy, match=rf"tcp port {port} on 127\.0\.0\.1 is taken by .*give the page another port"
        ):
            open_page("127.0.0.1", port)


def test_a_guard_that_does_not_hold_is_noticed_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_guard, "_guarded", lambda _token: contextlib.nullcontext())
    with pytest.raises(RuntimeError, match="the page's guard does not hold with viser"):
        open_page("127.0.0.1", 0)
