"""Put a performer's motion on characters of other proportions, and draw them side by side: feet stand, hands meet.

python examples/05_a_creature_plays_along.py --out creatures.png
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from capture.bones import PARENTS, ROW
from capture.retarget import Character, retargeted, stretched_legs
from capture.solve.pose import Pose, forward
from capture.synthetic.bodies import MANNEQUIN, body_named
from capture.synthetic.truth import Performance, performed

LEGS = (1.0, 0.6, 1.25, 1.5)
PANEL_PX, HEIGHT_PX, PX_PER_M, FLOOR_PX = 320, 620, 230, 560


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("creatures.png"))
    args = parser.parse_args()
    body = body_named(MANNEQUIN, None)
    truth = performed(Performance(body, "squat"), np.linspace(0.4, 2.3, 5))
    page = Image.new("RGB", (PANEL_PX * len(LEGS), HEIGHT_PX), (250, 250, 247))
    pen = ImageDraw.Draw(page)
    for panel, legs in enumerate(LEGS):
        character = Character(stretched_legs(body.skeleton.rest_m, legs))
        feet: list[np.ndarray] = []
        for moment in range(len(truth.t_s)):
            pose = Pose(truth.rotations[moment], truth.root_m[moment])
            played = retargeted(body.skeleton.rest_m, pose, character)
            joints, _ = forward(character.rest_m, played)
            feet.append(joints[ROW["foot_l"]])
            draw(pen, panel, joints, moment / (len(truth.t_s) - 1))
        slid_mm = float(np.linalg.norm(np.ptp(np.array(feet), axis=0))) * 1e3
        pen.line((panel * PANEL_PX, FLOOR_PX, (panel + 1) * PANEL_PX, FLOOR_PX), fill=(150, 150, 145))
        pen.text(
            (panel * PANEL_PX + 16, FLOOR_PX + 16), f"legs x{legs:g}: foot moved {slid_mm:.1f} mm", fill=(60, 60, 60)
        )
        print(f"legs x{legs:g}: the standing foot moved {slid_mm:.1f} mm while the pelvis went down")
    page.save(args.out)


def draw(pen: ImageDraw.ImageDraw, panel: int, joints_m: np.ndarray, part: float) -> None:
    """One moment's bones, seen from the performer's left, later ones darker."""
    across = PANEL_PX * (panel + 0.55) + PX_PER_M * joints_m[:, 1]
    down = FLOOR_PX - PX_PER_M * joints_m[:, 2]
    shade = round(205 - 165 * part)
    for row, parent in enumerate(PARENTS):
        if parent > 0:
            pen.line(
                (across[parent], down[parent], across[row], down[row]),
                fill=(shade, shade, 220 - round(90 * part)),
                width=3,
            )


if __name__ == "__main__":
    main()
