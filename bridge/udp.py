"""Datagrams in and out: sockets that never block, count what they lose, and say who is in the way."""

import contextlib
import errno
import ipaddress
import socket
import struct
import sys
from collections.abc import Sequence
from typing import Any

from bridge.clock import NS_PER_S, Clock, system_clock, utc_ns
from bridge.ports import PortBusy, busy

__all__ = ["Listener", "PortBusy", "Sender"]

RECEIVE_BUFFER_BYTES = 4 << 20
_DATAGRAM_BYTES = 65535
_SENDERS_REMEMBERED = 1024
_LONGEST_WAIT_NS = NS_PER_S  # a stamp older than this is a stepped UTC clock, not a wait
_LINUX = sys.platform.startswith("linux")
# From Linux's socket.h and in.h; Python does not name them.
_SO_RCVBUFFORCE, _SO_MEMINFO, _IP_MULTICAST_ALL, _SO_TIMESTAMPNS = 33, 55, 49, 35
_TIMESPEC = struct.Struct("qq")
_TIMESPEC_SPACE = socket.CMSG_SPACE(_TIMESPEC.size) if hasattr(socket, "CMSG_SPACE") else 0
_MEMINFO = struct.Struct("9I")
_REMEDY = "change the tracker's port in the stage file"


class Listener:
    """Receives datagrams on one port; `take` never waits.

    `multicast` is a group to join on the interface `bind`. `allow` lists the addresses listened to, empty means any:
    it keeps mistakes out and is no authentication. On Linux a datagram's arrival is the kernel's stamp, so that what
    waited for us to wake up is not called late. Raises PortBusy.
    """

    def __init__(
        self,
        bind: str,
        port: int,
        *,
        multicast: str | None = None,
        allow: Sequence[str] = (),
        clock: Clock = system_clock,
        remedy: str = _REMEDY,
    ) -> None:
        self.received = 0
        self.not_allowed: dict[str, int] = {}
        self._clock = clock
        self._kernel_stamps = _LINUX and clock is system_clock
        self._allow = frozenset(allow)
        self._names: dict[tuple[str, int], str] = {}
        self._socket = socket.socket(socket.AF_INET6 if ":" in bind else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            _prepare(self._socket, shared=multicast is not None)
            if self._kernel_stamps:
                self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            # Bound to the group itself, no unicast from other interfaces gets in. Windows cannot do that.
            self._socket.bind((multicast if multicast and sys.platform != "win32" else bind, port))
            if multicast:
                _join(self._socket, multicast, bind)
        except OSError as error:
            self._socket.close()
            raise _explained(error, bind, port, remedy) from None

    @property
    def port(self) -> int:
        """The port bound; useful after asking for port 0."""
        return int(self._socket.getsockname()[1])

    @property
    def dropped(self) -> int:
        """Datagrams the kernel threw away because nobody took them in time; 0 where it does not tell (Windows)."""
        if not _LINUX:
            return 0
        try:
            return _MEMINFO.unpack(self._socket.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size))[8]
        except (OSError, struct.error):
            return 0

    def fileno(self) -> int:
        """For polling."""
        return self._socket.fileno()

    def take(self, limit: int = 64) -> list[tuple[bytes, str, int]]:
        """Up to `limit` waiting datagrams as (data, `address:port`, t_arrival_ns), oldest first."""
        taken: list[tuple[bytes, str, int]] = []
        receive, clock, allow = (
            self._receive_stamped if self._kernel_stamps else self._receive,
            self._clock,
            self._allow,
        )
        utc_minus_clock_ns = utc_ns() - clock() if self._kernel_stamps else 0
        for _ in range(limit):
            try:
                data, address, utc_arrival_ns = receive()
            except BlockingIOError:
                break
            except OSError:  # Windows reports a peer's closed port here; it says nothing about our own datagrams
                continue
            if allow and address[0] not in allow:
                self._count_stranger(address[0])
                continue
            now_ns = clock()
            waited_ns = now_ns + utc_minus_clock_ns - utc_arrival_ns
            t_ns = now_ns - waited_ns if utc_arrival_ns and 0 <= waited_ns < _LONGEST_WAIT_NS else now_ns
            taken.append((data, self._names.get(address[:2]) or self._remember(address[:2]), t_ns))
        self.received += len(taken)
        return taken

    def _receive(self) -> tuple[bytes, Any, int]:
        data, address = self._socket.recvfrom(_DATAGRAM_BYTES)
        return data, address, 0

    def _receive_stamped(self) -> tuple[bytes, Any, int]:
        """With the kernel's UTC stamp of the arrival, 0 where it gave none."""
        data, ancillary, _, address = self._socket.recvmsg(_DATAGRAM_BYTES, _TIMESPEC_SPACE)
        if not ancillary or len(ancillary[0][2]) != _TIMESPEC.size:
            return data, address, 0
        seconds, nanoseconds = _TIMESPEC.unpack(ancillary[0][2])
        return data, address, seconds * NS_PER_S + nanoseconds

    def reply(self, data: bytes, sender: str) -> bool:
        """Send to `address:port` from this port, so that whoever asked gets it where it asked; False if not taken."""
        host, _, port = sender.rpartition(":")
        try:
            self._socket.sendto(data, (host.strip("[]"), int(port)))
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Leave the port."""
        self._socket.close()

    def _remember(self, address: tuple[str, int]) -> str:
        if len(self._names) >= _SENDERS_REMEMBERED:
            self._names.clear()
        host = f"[{address[0]}]" if ":" in address[0] else address[0]
        return self._names.setdefault(address, f"{host}:{address[1]}")

    def _count_stranger(self, host: str) -> None:
        if host not in self.not_allowed and len(self.not_allowed) >= _SENDERS_REMEMBERED:
            host = "others"
        self.not_allowed[host] = self.not_allowed.get(host, 0) + 1


class Sender:
    """Sends datagrams to one place, unicast, multicast or broadcast; never waits, never raises for the network."""

    def __init__(self, host: str, port: int, *, interface: str = "") -> None:
        self.sent = 0
        self.dropped = 0
        family, _, _, _, self._address = _resolve(host, port)
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        if family == socket.AF_INET:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            if ipaddress.ip_address(self._address[0]).is_multicast and interface:
                self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
        self._socket.connect(self._address)

    @property
    def address(self) -> str:
        """The address sent to, in numbers."""
        return self._address[0]

    @property
    def port(self) -> int:
        """The port sent to."""
        return self._address[1]

    def send(self, data: bytes) -> bool:
        """False and counted when the system could not take it."""
        for _ in range(2):
            try:
                self._socket.send(data)
            except ConnectionError:  # the answer to an earlier datagram (nobody listens); this one was not tried yet
                continue
            except OSError:
                break
            self.sent += 1
            return True
        self.dropped += 1
        return False

    def close(self) -> None:
        """Done sending."""
        self._socket.close()


def _resolve(host: str, port: int) -> tuple[int, int, int, str, tuple[str, int]]:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]  # pyright: ignore[reportReturnType]
    except socket.gaierror as error:
        raise OSError(f"{host} is no address that can be sent to: {error.strerror}") from None


def _prepare(sock: socket.socket, *, shared: bool) -> None:
    sock.setblocking(False)
    if shared:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    elif sys.platform == "win32":  # else a second program could take the port over
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
    if _LINUX:  # past rmem_max, where we may
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES)


def _join(sock: socket.socket, group: str, interface: str) -> None:
    if _LINUX:  # only groups this socket joined, not what others on this host joined
        sock.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
    membership = socket.inet_aton(group) + socket.inet_aton(interface)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)


def _explained(error: OSError, bind: str, port: int, remedy: str) -> OSError:
    if error.errno in (errno.EADDRINUSE, 10048):
        return busy("udp", bind, port, remedy)
    if error.errno in (errno.EADDRNOTAVAIL, 10049):
        return OSError(error.errno, f"udp {bind}:{port}: this computer has no interface {bind}; 127.0.0.1 always works")
    return OSError(error.errno, f"udp {bind}:{port}: {error.strerror or error}")
