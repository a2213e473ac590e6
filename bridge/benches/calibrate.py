"""`cyc bench calibrate`: every calibration against the truth that its pictures were rendered from."""

from collections.abc import Iterator

from bridge.benches import calibrate_delay, calibrate_lens, calibrate_stage
from bridge.benches.row import Row


def rows(seconds: float) -> Iterator[Row]:
    """One calibration after the other; a picture takes as long as it takes."""
    del seconds
    yield from calibrate_stage.rows()
    yield from calibrate_lens.rows()
    yield from calibrate_delay.rows()
