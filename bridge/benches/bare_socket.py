"""The floor under any transport: as many bytes in one blocking `sendall`, read by a process that does nothing else.

Run as `python -m bridge.benches.bare_socket PORT BYTES`: it reads messages until their end and then says what they
took, nanoseconds as text, one a line.
"""

import socket
import statistics
import struct
import subprocess
import sys
import time

_STAMP = struct.Struct("<q")


def median_ms(message_bytes: int, rate_hz: float, seconds: float) -> float:
    """From before the call that sends to the last byte read, over loopback TCP, without any framing."""
    rest = bytes(message_bytes - _STAMP.size)
    with socket.create_server(("127.0.0.1", 0)) as door:
        call = [sys.executable, "-m", "bridge.benches.bare_socket", str(door.getsockname()[1]), str(message_bytes)]
        with subprocess.Popen(call, stdout=subprocess.PIPE, text=True) as reader:
            line, _ = door.accept()
            with line:
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                due_s = time.perf_counter()
                for _ in range(max(round(rate_hz * seconds), 2)):
                    line.sendall(_STAMP.pack(time.perf_counter_ns()) + rest)
                    due_s += 1.0 / rate_hz
                    time.sleep(max(due_s - time.perf_counter(), 0.0))
            took_ns = [int(word) for word in reader.communicate()[0].split()]
    return statistics.median(took_ns) / 1e6


def _read(port: int, message_bytes: int) -> None:
    into = memoryview(bytearray(message_bytes))
    took_ns: list[int] = []
    with socket.create_connection(("127.0.0.1", port)) as line:
        while True:
            at = 0
            while at < message_bytes:
                got = line.recv_into(into[at:])
                if not got:
                    sys.stdout.write("\n".join(map(str, took_ns)))
                    return
                at += got
            took_ns.append(time.perf_counter_ns() - _STAMP.unpack(into[: _STAMP.size])[0])


if __name__ == "__main__":
    _read(int(sys.argv[1]), int(sys.argv[2]))
