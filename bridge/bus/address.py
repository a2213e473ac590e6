"""Where the sockets of the bus are: endpoints from the stage file's `[bus]` table, and who already sits there."""

import ipaddress
import os
import sys
import tempfile
import zlib
from pathlib import Path
from urllib.parse import urlsplit

from bridge.ports import PortBusy, busy, process_name

_REMEDY = "change the port of [bus] in the stage file"
_IPC_PATH_LIMIT = 100  # sockaddr_un holds 108 bytes


def endpoints(bind: str, port: int, service: str, *, stage_name: str) -> tuple[str, str]:
    """(pub, rpc) of a service: ipc on Linux when `bind` is loopback, else tcp on two ports from `port` up."""
    from bridge.stage import SERVICES  # its many structs take 10 ms, which importing the bus should not

    if service not in SERVICES:
        raise ValueError(f"{service} has no place on the bus; services are {', '.join(SERVICES)}")
    first = port + 2 * SERVICES.index(service)
    if sys.platform.startswith("linux") and is_loopback(bind):
        stem = str(_folder() / f"{stage_name}-{port}-{service}")
        if len(stem) > _IPC_PATH_LIMIT - len(".pub"):
            stem = f"/tmp/cyclorama-{os.getuid()}/{zlib.crc32(stem.encode()):08x}"
        return f"ipc://{stem}.pub", f"ipc://{stem}.rpc"
    return f"tcp://{bracketed(bind)}:{first}", f"tcp://{bracketed(bind)}:{first + 1}"


def bracketed(host: str) -> str:
    """An IPv6 address as it stands in an endpoint."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def is_loopback(host: str) -> bool:
    """Whether an interface reaches nobody but this computer."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def stays_here(endpoint: str) -> bool:
    """Whether only this computer can reach an endpoint."""
    return not endpoint.startswith("tcp:") or is_loopback(urlsplit(endpoint).hostname or "")


def to_connect(endpoint: str) -> str:
    """What a reader on this host connects to, where a publisher bound all interfaces."""
    return endpoint.replace("tcp://0.0.0.0:", "tcp://127.0.0.1:").replace("tcp://[::]:", "tcp://[::1]:")


def tcp_busy(endpoint: str, remedy: str = _REMEDY) -> PortBusy:
    """The error for a tcp endpoint that cannot be bound."""
    parts = urlsplit(endpoint)
    return busy("tcp", parts.hostname or "", parts.port or 0, remedy)


class Seat:
    """One process's claim to an ipc endpoint: ZeroMQ would let a second one take it over without a word.

    The claim ends with the process, however it ends. Raises PortBusy.
    """

    def __init__(self, endpoint: str) -> None:
        self._descriptor = -1
        if sys.platform == "win32" or not endpoint.startswith("ipc://"):
            return
        path = Path(endpoint.removeprefix("ipc://"))
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.parent.stat().st_uid != os.getuid():
            raise PermissionError(f"{path.parent} belongs to another user: remove it, or set TMPDIR elsewhere")
        self._descriptor = _claim(path.with_suffix(path.suffix + ".lock"), endpoint)

    def leave(self) -> None:
        """Give the endpoint up."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _claim(lock: Path, endpoint: str) -> int:
    import fcntl  # not on Windows, which has no ipc endpoints

    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        owner = os.read(descriptor, 32).decode(errors="replace").strip()
        os.close(descriptor)
        name = process_name(int(owner)) if owner.isdecimal() else ""
        raise PortBusy(f"{endpoint} is taken by {name or 'a process'} (pid {owner}): stop it, or {_REMEDY}") from None
    os.truncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    return descriptor


def _folder() -> Path:
    return Path(tempfile.gettempdir()) / f"cyclorama-{os.getuid() if sys.platform != 'win32' else ''}"
