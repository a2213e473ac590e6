"""CURVE keys: made once per stage, needed by every socket of the bus beyond loopback.

A publisher lets in only who holds the stage's client key; a reader talks only to who holds its server key.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import zmq
from zmq.utils import z85

_NAMES = ("server.public", "server.secret", "client.public", "client.secret")
_ZAP_ENDPOINT = "inproc://zeromq.zap.01"


class BusKeys(msgspec.Struct, frozen=True, kw_only=True):
    """Z85 text, 40 bytes each. Hosts that only read the bus need no `server_secret`."""

    server_public: bytes
    server_secret: bytes | None = None
    client_public: bytes
    client_secret: bytes


def make_keys(folder: Path) -> BusKeys:
    """Write a server and a client pair into `folder`, secrets readable by their owner only; never overwrites."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    standing = [name for name in _NAMES if (folder / name).exists()]
    if standing:
        raise FileExistsError(f"{folder}: {', '.join(standing)} already there; new keys need a new folder")
    texts = (*zmq.curve_keypair(), *zmq.curve_keypair())
    for name, text in zip(_NAMES, texts, strict=True):
        mode = 0o600 if name.endswith("secret") else 0o644
        with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(text + b"\n")
    return load_keys(folder)


def load_keys(folder: Path) -> BusKeys:
    """Read what `make_keys` wrote; ValueError says which file is missing or wrong."""
    found = {name: _read(folder / name) for name in _NAMES if name != "server.secret" or (folder / name).exists()}
    return BusKeys(
        server_public=found["server.public"],
        server_secret=found.get("server.secret"),
        client_public=found["client.public"],
        client_secret=found["client.secret"],
    )


def secure_server(sockets: Sequence[Any], keys: BusKeys) -> None:
    """Make these sockets accept encrypted peers only; before they bind."""
    if keys.server_secret is None:
        raise ValueError("these keys have no server.secret, which publishing needs: copy it from where keys were made")
    for socket in sockets:
        socket.curve_secretkey = keys.server_secret
        socket.curve_publickey = keys.server_public
        socket.curve_server = True


def secure_client(socket: Any, keys: BusKeys | None) -> None:
    """Make a socket speak with the stage's server only; before it connects. Nothing without keys."""
    if keys is not None:
        socket.curve_secretkey = keys.client_secret
        socket.curve_publickey = keys.client_public
        socket.curve_serverkey = keys.server_public


class Gate:
    """Answers libzmq's question who may come in (ZAP 1.0, rfc.zeromq.org/spec/27): the stage's client key only."""

    def __init__(self, context: Any, keys: BusKeys) -> None:
        self.turned_away = 0
        self._client = z85.decode(keys.client_public)
        self.socket = context.socket(zmq.REP)
        self.socket.linger = 0
        self.socket.bind(_ZAP_ENDPOINT)

    def serve(self) -> None:
        """Answer all who wait at the door."""
        while self.socket.getsockopt(zmq.EVENTS) & zmq.POLLIN:
            version, request_id, *_, mechanism, credentials = self.socket.recv_multipart()
            welcome = mechanism == b"CURVE" and credentials == self._client
            self.turned_away += not welcome
            status = (b"200", b"OK") if welcome else (b"400", b"not a key of this stage")
            self.socket.send_multipart([version, request_id, *status, b"", b""])


def _read(path: Path) -> bytes:
    try:
        text = path.read_bytes().strip()
    except OSError as error:
        raise ValueError(
            f"{path}: {error.strerror}; a keys folder holds {', '.join(_NAMES)}: make one with `cyc stage keys FOLDER`"
        ) from None
    if len(text) != 40:
        raise ValueError(f"{path}: expected a key of 40 characters, got {len(text)}")
    return text
