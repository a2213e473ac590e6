"""A lens table as OpenTrackIO samples, one a row, and back: from such a file, or from what a tracker said in a take.

The pupil's offset is passed on as it is: as trackers' samples are read elsewhere in the bridge.
"""

import statistics
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from bridge.calibrate.lens.sightings import runs, span_of
from bridge.lens import lens_at, lens_table
from bridge.messages import Distortion, LensState
from bridge.stage import LensPoint
from bridge.wire import opentrackio_sample as said
from bridge.wire.opentrackio import lens_state
from bridge.wire.opentrackio_lens import opencv_from_opentrackio, opentrackio_from_opencv
from bridge.wire.opentrackio_pose import VERSION, source_id


class Told(NamedTuple):
    """One moment of a lens, as a tracker said it."""

    zoom_unit: float
    focus_unit: float
    lens: LensState
    inexact_mm: float = 0.0
    """How far on the sensor our formula is from the one that was said."""


def samples(
    points: Sequence[LensPoint], camera: str, sensor_mm: tuple[float, float], resolution_px: tuple[int, int]
) -> list[said.OpenTrackIOSample]:
    """One sample a row, with what does not change in each."""
    fraction = all(0.0 <= count <= 1.0 for point in points for count in (point.zoom_raw_unit, point.focus_raw_unit))
    table, source = lens_table(points), source_id(camera)
    static = said.Static(
        camera=said.StaticCamera(
            active_sensor_physical_dimensions=said.SensorMm(height_mm=sensor_mm[1], width_mm=sensor_mm[0]),
            active_sensor_resolution=said.SensorPixels(width=resolution_px[0], height=resolution_px[1]),
            label=camera,
        )
    )
    return [
        said.OpenTrackIOSample(
            static=static,
            lens=_lens(lens_at(table, point.zoom_raw_unit, point.focus_raw_unit), point, fraction=fraction),
            protocol=said.Protocol(name="OpenTrackIO", version=VERSION),
            sample_id=source_id(f"{camera} row {number}"),
            source_id=source,
        )
        for number, point in enumerate(points, start=1)
    ]


def _lens(lens: LensState, point: LensPoint, *, fraction: bool) -> said.LensSample:
    right, down = lens.projection_offset_mm
    offset = said.OffsetMm(x_mm=right, y_mm=down)
    zoom, focus = point.zoom_raw_unit, point.focus_raw_unit
    return said.LensSample(
        distortion=(opentrackio_from_opencv(lens.distortion, lens.focal_length_mm),),
        distortion_offset=offset,
        encoders=said.Encoders(focus_unit=focus, zoom_unit=zoom) if fraction else None,
        raw_encoders=None if fraction else said.RawEncoders(focus=max(round(focus), 0), zoom=max(round(zoom), 0)),
        entrance_pupil_offset_m=lens.entrance_pupil_m,
        pinhole_focal_length_mm=lens.focal_length_mm,
        focus_distance_m=point.focus_distance_m,
        projection_offset=offset,
    )


def told_of(sample: said.OpenTrackIOSample, sensor_mm: tuple[float, float]) -> Told | None:
    """None for a sample without a focal length or encoders. Refused: field."""
    lens = sample.lens
    state = lens_state(lens, sensor_mm)
    if lens is None or state is None:
        return None
    rings = lens.encoders or lens.raw_encoders
    zoom, focus = (
        (lens.encoders.zoom_unit, lens.encoders.focus_unit)
        if lens.encoders
        else (lens.raw_encoders.zoom, lens.raw_encoders.focus)
        if lens.raw_encoders
        else (0.0, 0.0)
    )
    if rings is not None and zoom is None and focus is None:
        return None
    fitted = opencv_from_opentrackio(lens.distortion[0], state.focal_length_mm, sensor_mm) if lens.distortion else None
    return Told(float(zoom or 0.0), float(focus or 0.0), state, fitted.residual_mm if fitted else 0.0)


def points_of(told: Iterable[Told]) -> list[LensPoint]:
    """One row for each position of the rings that was said, the median where it was said more than once."""
    every = list(told)
    zoom_span = span_of([one.zoom_unit for one in every])
    focus_span = span_of([one.focus_unit for one in every])
    rows: list[LensPoint] = []
    for row in runs([(one.zoom_unit, index) for index, one in enumerate(every)], zoom_span):
        for run in runs([(every[index].focus_unit, index) for index in row], focus_span):
            rows.append(_row([every[index] for index in run]))
    return rows


def _row(said_there: Sequence[Told]) -> LensPoint:
    lenses = [one.lens for one in said_there]
    median = statistics.median
    middle = sorted(lenses, key=lambda lens: lens.focal_length_mm)[len(lenses) // 2]
    distances = [lens.focus_distance_m for lens in lenses if lens.focus_distance_m]
    bent = list(msgspec.structs.astuple(middle.distortion))
    while bent and bent[-1] == 0.0:
        bent.pop()
    return LensPoint(
        zoom_raw_unit=median([one.zoom_unit for one in said_there]),
        focus_raw_unit=median([one.focus_unit for one in said_there]),
        focal_length_mm=median([lens.focal_length_mm for lens in lenses]),
        entrance_pupil_m=median([lens.entrance_pupil_m for lens in lenses]),
        focus_distance_m=median(distances) if len(distances) == len(lenses) else None,
        projection_offset_mm=(
            median([lens.projection_offset_mm[0] for lens in lenses]),
            median([lens.projection_offset_mm[1] for lens in lenses]),
        ),
        opencv_distortion_unit=tuple(bent) if middle.distortion != Distortion() else (),
    )
