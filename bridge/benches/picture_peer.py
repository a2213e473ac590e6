"""A process that draws a matte and a depth at 60 Hz, as services on a stage do, or sends the same bytes by itself.

Run as `python -m bridge.benches.picture_peer PUB RPC PORT`; lines on stdin are `tickets SECONDS` or `straight SECONDS`,
and each is answered with how many of each were drawn.
"""

import sys
import time

import numpy as np

from bridge.bus.publisher import Publisher
from bridge.clock import clock_id, system_clock
from bridge.engine.picture_gateway import picture_parts
from bridge.engine.picture_output import Held, PictureOutput
from bridge.messages import PictureTicket
from bridge.pictures import PictureWriter

RATE_HZ = 60.0
SHAPE = (1080, 1920, 1)
PICTURES = {"matte.cam1": "uint8", "depth.cam1": "float16"}


class Drawing:
    """Both pictures, and both roads for them."""

    def __init__(self, pub: str, rpc: str, port: int) -> None:
        noise = np.random.default_rng(1).integers(0, 255, SHAPE, dtype=np.uint8)
        self._pictures = {subject: noise.astype(dtype) for subject, dtype in PICTURES.items()}
        self._writers = {subject: PictureWriter(subject, SHAPE, dtype) for subject, dtype in PICTURES.items()}
        self._outbox, self._straight = Publisher(pub, rpc), PictureOutput("127.0.0.1", port)
        self._sent = 0

    def by_ticket(self) -> None:
        """Into the map, and a ticket on the bus."""
        for subject, picture in self._pictures.items():
            t_ns = system_clock()
            where = self._writers[subject].write(picture)
            self._outbox.send(PictureTicket(subject=subject, t_ns=t_ns, **where))

    def straight(self) -> None:
        """To the engine without map, bus and service."""
        self._sent += 1
        for subject, picture in self._pictures.items():
            now_ns = system_clock()
            ticket = PictureTicket(subject=subject, t_ns=now_ns, **self._writers[subject].last)
            held = Held(picture)
            parts = picture_parts(ticket, held.pixels, sequence=self._sent, clock_id=clock_id(), now_ns=now_ns)
            self._straight.send(parts, held)

    def serve(self) -> None:
        """Welcome whoever joined."""
        self._outbox.serve()

    def close(self) -> None:
        """Remove the maps."""
        for part in (*self._writers.values(), self._outbox, self._straight):
            part.close()


def main(pub: str, rpc: str, port: int) -> None:
    """Draw as told, until the input ends."""
    drawing = Drawing(pub, rpc, port)
    drawing.by_ticket()
    for line in sys.stdin:
        road, seconds = line.split()
        draw, count, due_s = getattr(drawing, {"tickets": "by_ticket"}.get(road, road)), 0, time.perf_counter()
        until_s = due_s + float(seconds)
        while due_s < until_s:
            draw()
            drawing.serve()
            count, due_s = count + 1, due_s + 1.0 / RATE_HZ
            time.sleep(max(due_s - time.perf_counter(), 0.0))
        sys.stdout.write(f"{count}\n")
        sys.stdout.flush()
    drawing.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
