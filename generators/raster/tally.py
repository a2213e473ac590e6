"""What densification asks of a picture's gradients (Kerbl et al. 2023, section 5.2)."""

import numpy as np
from numpy.typing import NDArray


class Tally:
    """Summed over as many pictures as are drawn with it."""

    def __init__(self, count: int) -> None:
        self.pull_unit: NDArray[np.float32] = np.zeros(count, np.float32)
        """[N]: sum of the lengths of dL/d(place on the picture in pixels); times half the width it is 3DGS's figure."""
        self.seen: NDArray[np.int32] = np.zeros(count, np.int32)
        """[N]: in how many pictures."""
        self.radius_px: NDArray[np.float32] = np.zeros(count, np.float32)
        """[N]: the largest, to where the splat ends (alpha 1/255)."""

    def add(self, screen: NDArray[np.float32]) -> None:
        """One picture's: pull and radius [N, 2], 0 where unseen."""
        self.pull_unit += screen[:, 0]
        self.seen += screen[:, 1] > 0
        np.maximum(self.radius_px, screen[:, 1], out=self.radius_px)
