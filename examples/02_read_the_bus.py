"""Listen to a running stage: the newest pose of each camera, as any service of ours would get it.

python -m bridge demo --seconds 20 &
python examples/02_read_the_bus.py --stage stage_configs/small_wall.toml --seconds 5
"""

import argparse
import time
from pathlib import Path

from bridge.bus.mailbox import Mailbox
from bridge.messages import CameraPose
from bridge.services import own_endpoints
from bridge.stage_file import load


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stage", type=Path, default=Path("stage_configs/small_wall.toml"))
    parser.add_argument("--seconds", type=float, default=5.0)
    args = parser.parse_args()
    pub, _ = own_endpoints(load(args.stage), "spine")
    mailbox = Mailbox([pub], ["CameraPose"])
    until_s = time.monotonic() + args.seconds
    while time.monotonic() < until_s:
        for message in mailbox.take(0.2):
            if isinstance(message, CameraPose):
                x, y, z = message.position_m
                focal_mm = message.lens.focal_length_mm
                print(f"{message.subject} {message.timecode}: pupil ({x:.3f}, {y:.3f}, {z:.3f}) m, {focal_mm:.1f} mm")


if __name__ == "__main__":
    main()
