"""Who holds a port: the answer an operator needs when a socket cannot be bound."""

import errno
import socket
import sys
from pathlib import Path

_PROC = Path("/proc")
_TCP_LISTEN = "0A"
CONTROL_REMEDY = "change the port of [control] in the stage file"
PAGE_REMEDY = "give the page another port (--page)"


class PortBusy(OSError):
    """A port or endpoint is taken; the text names it, who has it, and what to do."""


def busy(kind: str, bind: str, port: int, remedy: str) -> PortBusy:
    """The error to raise for a taken `udp` or `tcp` port."""
    where = f"{kind} port {port} on {bind}"
    owner = port_owner(kind, port)
    if owner:
        return PortBusy(f"{where} is taken by {owner}: stop it, or {remedy}")
    return PortBusy(f"{where} is taken ({how_to_find(kind, port)} shows by whom): stop it, or {remedy}")


def refuse_taken_tcp(bind: str, port: int, remedy: str) -> None:
    """PortBusy where nobody could listen there now; port 0 is always free."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":  # there it would share a taken port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, 10048):
                raise OSError(error.errno, f"tcp port {port} on {bind}: {error.strerror}") from None
            raise busy("tcp", bind, port, remedy) from None


def how_to_find(kind: str, port: int) -> str:
    """The command that shows who has a port on this system."""
    return f"`netstat -ano -p {kind}`" if sys.platform == "win32" else f"`ss -lpn 'sport = :{port}'`"


def port_owner(kind: str, port: int) -> str:
    """`python (pid 1234)`; empty where it cannot be found: not Linux, or another user's process."""
    inodes = {inode for family in ("", "6") for inode in _inodes(_PROC / "net" / f"{kind}{family}", kind, port)}
    if not inodes:
        return ""
    wanted = {f"socket:[{inode}]" for inode in inodes}
    owners = (process for process in _PROC.glob("[0-9]*") if _holds(process, wanted))
    return next((f"{_name(process)} (pid {process.name})" for process in owners), "")


def process_name(pid: int) -> str:
    """What a process is called; empty where it is gone or cannot be asked."""
    return _name(_PROC / str(pid))


def _inodes(table: Path, kind: str, port: int) -> list[str]:
    try:
        rows = [line.split() for line in table.read_text().splitlines()[1:]]
    except OSError:
        return []
    return [row[9] for row in rows if row[1].endswith(f":{port:04X}") and (kind == "udp" or row[3] == _TCP_LISTEN)]


def _holds(process: Path, wanted: set[str]) -> bool:
    try:
        return any(str(link.readlink()) in wanted for link in (process / "fd").iterdir())
    except OSError:  # gone meanwhile, or not ours to look at
        return False


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text().strip()
    except OSError:
        return ""
