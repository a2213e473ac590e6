"""Read FreeD packets from the network and print where the camera is. No stage, no bus: a codec and a socket.

python examples/01_listen_to_a_tracker.py --port 40000 --seconds 5
"""

import argparse
import time

from bridge.frames import pan_tilt_roll_from_quat
from bridge.udp import Listener
from bridge.wire import freed
from bridge.wire.refusal import Refused


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=40000)
    parser.add_argument("--seconds", type=float, default=5.0)
    args = parser.parse_args()
    listener = Listener("127.0.0.1", args.port)
    until_s = time.monotonic() + args.seconds
    while time.monotonic() < until_s:
        for data, sender, t_arrival_ns in listener.take():
            try:
                packet = freed.decode(data)
            except Refused as refused:
                print(f"{sender}: {refused}")
                continue
            sample = freed.to_sample(
                packet, subject="tracker", profile="generic", t_arrival_ns=t_arrival_ns, latency_s=0.0, sender=sender
            )
            pan, tilt, roll = pan_tilt_roll_from_quat(sample.rotation_wxyz)
            x, y, z = sample.position_m
            turned = f"pan {pan:.2f} tilt {tilt:.2f} roll {roll:.2f}"
            print(f"camera {sample.camera_id}: ({x:.3f}, {y:.3f}, {z:.3f}) m  {turned}")
        time.sleep(0.005)


if __name__ == "__main__":
    main()
