"""A browser without a screen: opens the operator's page's websocket, says where it looks from, and reads everything.

What a browser on another computer costs the stage's own, without the drawing. Run as
`python -m bridge.benches.page_watcher PORT`; says `watching`, then counts bytes until it is killed.
"""

import sys

import msgspec
import viser
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

_LOOKS = {
    "type": "ViewerCameraMessage",
    "wxyz": (1.0, 0.0, 0.0, 0.0),
    "position": (0.0, -5.0, 2.0),
    "fov": 0.8,
    "near": 0.1,
    "far": 100.0,
    "image_height": 1080,
    "image_width": 1920,
    "look_at": (0.0, 0.0, 1.0),
    "up_direction": (0.0, 0.0, 1.0),
}


def watch(port: int) -> None:
    """Until killed, or the page goes away."""
    host = f"127.0.0.1:{port}"
    with connect(
        f"ws://{host}/",
        origin=Origin(f"http://{host}"),
        subprotocols=[Subprotocol(f"viser-v{viser.__version__}")],
        max_size=None,
    ) as talk:
        talk.send(msgspec.msgpack.encode(_LOOKS))
        talk.recv()
        sys.stdout.write("watching\n")
        sys.stdout.flush()
        for _ in talk:
            pass


if __name__ == "__main__":
    watch(int(sys.argv[1]))
