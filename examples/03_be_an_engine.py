"""Be the engine: read the plugin's wire from a running stage, and say how long each pose took.

python -m bridge demo --seconds 20 &
python examples/03_be_an_engine.py --port 5560 --seconds 5
"""

import argparse
import time

from bridge.clock import system_clock
from bridge.engine.input import EngineInput
from bridge.wire import engine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=5560)
    parser.add_argument("--seconds", type=float, default=5.0)
    args = parser.parse_args()
    source = EngineInput(f"tcp://127.0.0.1:{args.port}", system_clock)
    until_s = time.monotonic() + args.seconds
    while time.monotonic() < until_s:
        for frame in source.take(0.2):
            said = engine.decode(frame.topic, frame.header, frame.payload)
            if isinstance(said, engine.CameraFrame):
                x, y, z = said.position_cm
                took_ms = (frame.t_received_ns - said.t_arrival_ns) / 1e6
                print(
                    f"{said.name} #{said.sequence}: ({x:.1f}, {y:.1f}, {z:.1f}) cm, {took_ms:.2f} ms after its packet"
                )


if __name__ == "__main__":
    main()
