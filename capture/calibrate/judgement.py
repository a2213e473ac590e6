"""Whether a calibration may be used, and if not, why: in words, with the camera and the frame."""

import math

import numpy as np

from capture.calibrate.coverage import POOR_UNIT, of_clips, share
from capture.calibrate.offsets import LEAST_AGREEMENT_UNIT
from capture.calibrate.solve import Found

WORST_RMS_PX = 2.0
WORST_SPACING_UNIT = 0.02
"""Of a square's edge: how far neighbouring corners may be from it, rms."""
_LEAST_SPACING_MM = 1.0
_MOST_LEFT_UNIT = 0.4
_BLUR_PX = 4.0
_APART_FRAMES = 0.1
_ALONE_TIMES = 4.0
"""A rig that fits so much worse than its cameras do by themselves has something that moved, or clocks that drift."""


def refusal(found: Found) -> str:
    """Empty where it may be used."""
    if found.moved:
        return found.moved
    away = _left_out(found)
    if away:
        return away
    spacing_mm = max(_LEAST_SPACING_MM, WORST_SPACING_UNIT * found.board.square_mm)
    if found.rms_px <= WORST_RMS_PX and found.spacing.rms_mm <= spacing_mm:
        return ""
    return (
        f"the cameras do not agree: {found.rms_px:.2f} px rms (expected {WORST_RMS_PX:g} or less), neighbouring "
        f"corners {found.spacing.rms_mm:.2f} mm from {found.board.square_mm:g} mm (expected {spacing_mm:.2g} or less); "
        f"{_likely(found)}"
    )


def _left_out(found: Found) -> str:
    for clip, shared in zip(found.clips, found.shared, strict=True):
        mine = [frame for camera, frame in found.left_out if camera == clip.name]
        if len(mine) > _MOST_LEFT_UNIT * shared:
            return (
                f"{clip.name} does not agree with the others: {len(mine)} of its {shared} pictures have the "
                f"board somewhere else (the first: frame {mine[0]}). Is its clip of the same minute, with no dropped "
                "frames, and did it stay where it is? Start the clips together or give their times (--timestamps)"
            )
    return ""


def _likely(found: Found) -> str:
    apart = [
        clip.name
        for clip, lag in zip(found.clips, found.speeds, strict=False)
        if lag.agreement_unit < LEAST_AGREEMENT_UNIT
    ]
    if apart:
        return (
            f"{', '.join(apart)} did not see the board move as {found.clips[0].name} did: are the clips of the same "
            "minute, and do they drop frames? Start them together, or give their times (--timestamps)"
        )
    camera, frame, off_px = worst(found)
    word = f"worst: {camera}, frame {frame}, {off_px:.1f} px"
    blurs = [float(np.median([view.blur_px for view in clip.views])) for clip in found.clips]
    if max(blurs) > _BLUR_PX:
        blurred = found.clips[int(np.argmax(blurs))].name
        return f"{word}. {blurred}'s pictures are blurred ({max(blurs):.0f} px): focus, more light, a slower hand"
    return f"{word}. Was a camera touched, or the board bent? Film again, slower, with the board held flat and still"


def worst(found: Found) -> tuple[str, int, float]:
    """Camera, frame and median error of the picture that fits least."""
    far = np.hypot(*found.residual_px.T)
    best = ("", -1, 0.0)
    for camera, clip in enumerate(found.clips):
        mine = found.corners.camera == camera
        for moment in np.unique(found.corners.moment[mine]):
            off = float(np.median(far[mine & (found.corners.moment == moment)]))
            if off > best[2]:
                best = (clip.name, int(found.corners.frames[moment, camera]), off)
    return best


def notes(found: Found) -> list[str]:
    """What an operator should know of a calibration that may be used."""
    said: list[str] = []
    for clip, late, sigma in zip(found.clips, found.late_s, found.late_sigma_s, strict=True):
        if math.isfinite(sigma) and abs(late) > max(3 * sigma, _APART_FRAMES * clip.frame_s):
            said.append(
                f"{clip.name} is {1e3 * late:+.1f} ms ({late / clip.frame_s:+.2f} frames) late against "
                f"{found.clips[0].name}, +-{1e3 * sigma:.1f} ms: written into the rig and taken out"
            )
    for clip, part in zip(found.clips, share(of_clips(found.clips)), strict=True):
        if part < POOR_UNIT:
            said.append(f"{clip.name} saw the board in {part:.0%} of its picture only: its edges are a guess")
    if found.left_out:
        camera, frame = found.left_out[0]
        said.append(
            f"{len(found.left_out)} pictures disagreed with all others and were left out, first {camera} {frame}"
        )
    for clip, one in zip(found.clips, found.alone, strict=True):
        blur = float(np.median([view.blur_px for view in clip.views]))
        if blur > _BLUR_PX:
            said.append(f"{clip.name}'s pictures are blurred ({blur:.0f} px): focus, more light or a slower hand")
        if found.camera_rms_px[found.clips.index(clip)] > max(_ALONE_TIMES * one.rms_px, 1.0):
            said.append(
                f"{clip.name} fits its own pictures to {one.rms_px:.2f} px but the others' only to "
                f"{found.camera_rms_px[found.clips.index(clip)]:.2f} px: cameras that are not locked see a moving "
                "board at different times; hold it still for a second at each place"
            )
    return said
