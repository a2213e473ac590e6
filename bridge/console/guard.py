"""Opens the page's server behind a guard: who may load it, and who may talk to it.

A browser on this very computer runs pages of strangers too, and any of them may open a websocket to 127.0.0.1: so the
Host and Origin headers are checked always, and off loopback a token is needed besides. The page's library has no such
check of its own, so it is put around its websocket server and then *proven*, at each start, by asking in a stranger's
name: a page whose guard does not answer "forbidden" is not opened.
"""

import contextlib
import hmac
import http
import http.client
import io
from collections.abc import Callable, Generator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import viser
import websockets.asyncio.server
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from bridge.bus.address import is_loopback
from bridge.page_token import refuse_unguarded
from bridge.ports import PAGE_REMEDY, busy, refuse_taken_tcp

_COOKIE = "cyc_console"


def open_page(host: str, port: int, *, token: str = "", label: str = "") -> viser.ViserServer:
    """A guarded server on exactly this port (0: any). PortBusy, or ValueError for an open page without a token."""
    refuse_unguarded(host, port, token)
    refuse_taken_tcp(host, port, PAGE_REMEDY)  # the library would quietly take the next one
    with _guarded(token), contextlib.redirect_stdout(io.StringIO()):
        server = viser.ViserServer(host=host, port=port, label=label or None, verbose=False)
    try:
        if port and server.get_port() != port:
            raise busy("tcp", host, port, PAGE_REMEDY)
        _prove(host, server.get_port())
    except BaseException:
        close_page(server)
        raise
    # A client may ask the library for a public tunnel to the page. Not from a stage.
    setattr(server, "request_share_url", _no_tunnel)  # noqa: B010
    return server


def close_page(server: viser.ViserServer) -> None:
    """Stop serving; the library's farewell is not for a service's output."""
    with contextlib.redirect_stdout(io.StringIO()):
        server.stop()


def refusal(path: str, headers: Mapping[str, str], token: str) -> str | None:
    """Why a request is turned away, None when it may pass. `headers` looks names up whatever their case."""
    host = headers.get("Host", "")
    name = urlsplit(f"//{host}").hostname or ""
    if not token and not is_loopback(name):
        return f"this page answers to 127.0.0.1 and localhost only, got Host {host!r}"
    if headers.get("Upgrade", "").lower() == "websocket":
        origin = headers.get("Origin", "")
        if urlsplit(origin).netloc != host:
            return f"a websocket from another page: Origin {origin!r} is not {host!r}"
    if token and not _has_token(path, headers, token):
        return "this page needs its token: open the address that the console service printed, token included"
    return None


def _no_tunnel(verbose: bool = True) -> None:
    """In place of the library's own."""


def _has_token(path: str, headers: Mapping[str, str], token: str) -> bool:
    offered = parse_qs(urlsplit(path).query).get("token", [])
    pairs = (pair.strip().partition("=") for pair in headers.get("Cookie", "").split(";"))
    offered += [value for name, _, value in pairs if name == _COOKIE]
    return any(hmac.compare_digest(word.encode(), token.encode()) for word in offered)


@contextlib.contextmanager
def _guarded(token: str) -> Generator[None]:
    """While this is open, websocket servers of this process are made with the guard in front of their own answer."""
    original: Any = websockets.asyncio.server.serve

    def serve(handler: Any, host: str, port: int, **options: Any) -> Any:
        inner = options.pop("process_request")
        return original(handler, host, port, process_request=_before(inner, token), **options)

    setattr(websockets.asyncio.server, "serve", serve)  # noqa: B010
    try:
        yield
    finally:
        setattr(websockets.asyncio.server, "serve", original)  # noqa: B010


def _before(inner: Callable[[Any, Request], Response | None], token: str) -> Callable[[Any, Request], Response | None]:
    def process_request(connection: Any, request: Request) -> Response | None:
        why = refusal(request.path, request.headers, token)
        if why:
            body = f"forbidden: {why}\n".encode()
            kind = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))}
            return Response(http.HTTPStatus.FORBIDDEN, "Forbidden", Headers(**kind), body)
        response = inner(connection, request)
        if response is not None:
            response.headers["X-Frame-Options"] = "DENY"
            response.headers["Referrer-Policy"] = "no-referrer"
            if token:
                response.headers["Set-Cookie"] = f"{_COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/"
        return response

    return process_request


def _prove(host: str, port: int) -> None:
    """Ask in a stranger's name. RuntimeError when the page would have answered."""
    reach = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    asks = http.client.HTTPConnection(reach, port, timeout=5)
    try:
        upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Origin": "http://stranger.invalid"}
        key = {"Sec-WebSocket-Key": "c3RyYW5nZXIgYXQgdGhlIQ==", "Sec-WebSocket-Version": "13"}
        asks.request("GET", "/", headers=upgrade | key)
        status = asks.getresponse().status
    finally:
        asks.close()
    if status != http.HTTPStatus.FORBIDDEN:
        raise RuntimeError(
            f"the page's guard does not hold with viser {viser.__version__}: a stranger's websocket got {status}, "
            "expected 403; install the viser version that pyproject.toml names"
        )
