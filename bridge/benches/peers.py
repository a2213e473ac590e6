"""Bare processes that benches run beside ours: a tracker that notes when it sent, and a UDP -> ZeroMQ forwarder.

Run as `python -m bridge.benches.peers ROLE ...`. They speak lines on stdin and stdout: the sender is told
`PORT RATE_HZ CAMERAS SECONDS` and answers with the file its stamps are in.
"""

import contextlib
import socket
import struct
import sys
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zmq

from bridge.wire import engine, freed
from bridge.wire.engine_table import PAYLOADS, struct_format

_COUNTER_BITS = 24


def send(stamps: Path) -> None:
    """Real FreeD packets at a rate for each camera, phases spread; the focus field carries a running counter.

    `stamps` gets one int64 a packet: the time just before `sendto`, indexed by the counter.
    """
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for line in sys.stdin:
        port, rate_hz, cameras, seconds = (float(word) for word in line.split())
        sent = array("q")
        total = round(rate_hz * cameras * seconds)
        step_ns = 1e9 / (rate_hz * cameras)
        start_ns = time.perf_counter_ns() + 1_000_000
        for counter in range(total):
            packet = _packet(counter, round(cameras))
            wait_ns = start_ns + counter * step_ns - time.perf_counter_ns()
            if wait_ns > 0:
                time.sleep(wait_ns / 1e9)
            sent.append(time.perf_counter_ns())
            udp.sendto(packet, ("127.0.0.1", round(port)))
        stamps.write_bytes(sent.tobytes())
        with contextlib.suppress(BrokenPipeError):  # whoever asked has heard enough
            sys.stdout.write("sent\n")
            sys.stdout.flush()


def _packet(counter: int, cameras: int) -> bytes:
    wobble = (counter // cameras) % 1000
    return freed.encode(
        freed.FreeDPacket(
            camera_id=1 + counter % cameras,
            pan_deg=wobble / 256.0,
            tilt_deg=1.0,
            roll_deg=0.0,
            position_mm=(float(wobble), -1500.0, 1600.0),
            zoom=10000,
            focus=counter % (1 << _COUNTER_BITS),
            spare=0,
        )
    )


def counter_of(packet: bytes) -> int:
    """The counter a packet of ours carries, without decoding the rest."""
    return int.from_bytes(packet[23:26], "big")


def forward(udp_port: int, zmq_port: int, shape: str) -> None:
    """The floor: whatever comes by UDP goes out by ZeroMQ, until it is killed.

    `bare` as it is; `wire` as a camera's frame made before, with the packet's counter put in and nothing worked out, so
    that the plugin's core can be at the other end.
    """
    dress = {"bare": _bare, "wire": _on_the_wire()}[shape]
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    udp.bind(("127.0.0.1", udp_port))
    context = zmq.Context()
    out: Any = context.socket(zmq.PUB)
    out.bind(f"tcp://127.0.0.1:{zmq_port}")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        out.send_multipart(dress(udp.recv(2048)))


def _bare(packet: bytes) -> tuple[bytes, ...]:
    return b"cam", packet


def _on_the_wire() -> Callable[[bytes], tuple[bytes, ...]]:
    frame = engine.CameraFrame(
        name="bare", sequence=1, t_ns=0, position_cm=(0.0, 0.0, 0.0), rotation_xyzw=(0.0, 0.0, 0.0, 1.0)
    )
    topic, header, payload = engine.encode(frame)
    at = [field.name for field in PAYLOADS["camera"]].index("focus_raw")
    offset, dressed = struct.calcsize(struct_format(PAYLOADS["camera"][:at])), bytearray(payload)

    def dress(packet: bytes) -> tuple[bytes, ...]:
        struct.pack_into("<d", dressed, offset, counter_of(packet))
        return topic, header, bytes(dressed)

    return dress


if __name__ == "__main__":
    if sys.argv[1] == "send":
        send(Path(sys.argv[2]))
    else:
        forward(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
