"""Photos and videos as files: read, judged for sharpness and movement, and copied upright into the work folder.

Of the photos' package only this file knows OpenCV.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from generators.photos.picked import blurred, chosen
from generators.photos.solved import FEWEST, Gathered, Photo, PhotosFault

Pixels = NDArray[np.uint8]
Tell = Callable[[str], None]

PHOTOS = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp"}
VIDEOS = {".mp4", ".mov", ".m4v", ".mkv", ".avi", ".webm"}
UNREADABLE = {".heic", ".heif", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf"}
LONG_SIDE_PX = 1600
"""Nothing later needs more, and everything later costs by the pixel."""
_JUDGED_PX, _TRACKED_PX = 640, 320
_QUALITY = 95
_LIST = "gathered.json"

_cv: Any = cv2


def gather(source: Path, work: Path, most: int, tell: Tell) -> Gathered:
    """The photos of a folder, or the frames of a video, as copies in `work`/photos. What is there already is kept."""
    if not source.exists():
        raise PhotosFault(f"{source}: expected a folder of photos or a video, there is nothing")
    kept = _remembered(source, work, most)
    if kept is not None:
        return kept
    if source.is_dir():
        gathered = _from_folder(source, work, most, tell)
    elif source.suffix.lower() in VIDEOS:
        gathered = _from_video(source, work, most, tell)
    else:
        raise PhotosFault(f"{source}: expected a folder of photos or a video ({' '.join(sorted(VIDEOS))})")
    if len(gathered.photos) < FEWEST:
        raise PhotosFault(
            f"{source}: expected {FEWEST} photos or more that show the same place from different spots, "
            f"{len(gathered.photos)} can be used{_why(gathered.left_out)}"
        )
    _remember(source, work, most, gathered)
    return gathered


def sharpness(grey: Pixels) -> float:
    """How much of a picture's contrast is fine detail: the Laplacian's variance over the picture's own."""
    spread = float(grey.astype(np.float32).var())
    return float(_cv.Laplacian(_cv.GaussianBlur(grey, (0, 0), 0.7), _cv.CV_32F).var()) / max(spread, 1.0)


def picture(path: Path, long_side_px: int = LONG_SIDE_PX) -> Pixels:
    """A photo [H, W, 3], red first, upright, no larger than asked."""
    data = np.fromfile(path, np.uint8) if path.is_file() else np.empty(0, np.uint8)
    try:
        read = _cv.imdecode(data, _cv.IMREAD_COLOR) if data.size else None
    except cv2.error:
        read = None
    if read is None:
        raise PhotosFault(f"{path}: expected a photo, it cannot be read")
    return np.ascontiguousarray(_cv.cvtColor(shrunk(np.asarray(read), long_side_px), _cv.COLOR_BGR2RGB))


def shrunk(pixels: Pixels, long_side_px: int) -> Pixels:
    """No larger than asked; each pixel the mean of those it replaces."""
    height, width = pixels.shape[:2]
    share = long_side_px / max(height, width)
    if share >= 1.0:
        return pixels
    size = max(1, round(width * share)), max(1, round(height * share))
    return np.asarray(_cv.resize(pixels, size, interpolation=_cv.INTER_AREA), np.uint8)


def moved_unit(before: Pixels, after: Pixels) -> float:
    """How far a picture's features went, the median, over its longer side; 1 where nothing is found again."""
    corners = _cv.goodFeaturesToTrack(before, 200, 0.01, 6)
    if corners is None or len(corners) < 8:
        return 0.0
    found, good, _ = _cv.calcOpticalFlowPyrLK(before, after, corners, None)
    good = np.asarray(good).ravel() == 1
    if good.sum() < 8:
        return 1.0
    way = np.linalg.norm((np.asarray(found) - np.asarray(corners)).reshape(-1, 2)[good], axis=1)
    return float(np.median(way)) / max(before.shape)


def _from_folder(source: Path, work: Path, most: int, tell: Tell) -> Gathered:
    paths = sorted(path for path in source.iterdir() if path.suffix.lower() in PHOTOS and path.is_file())
    foreign = sorted(path.name for path in source.iterdir() if path.suffix.lower() in UNREADABLE)
    if not paths:
        kinds = f"; {foreign[0]} and its kind are not read here: export JPEG" if foreign else ""
        raise PhotosFault(f"{source}: expected photos ({' '.join(sorted(PHOTOS))}), there are none{kinds}")
    left_out = [(name, "this kind is not read here: export JPEG") for name in foreign]
    photos: list[Photo] = []
    sharp: list[float] = []
    for number, path in enumerate(paths):
        tell(f"reading photos: {number + 1} of {len(paths)}")
        try:
            pixels = picture(path)
        except PhotosFault:
            left_out.append((path.name, "it cannot be read"))
            continue
        sharp.append(sharpness(_grey(pixels, _JUDGED_PX)))
        photos.append(Photo(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), _save(work, pixels, number)))
    soft = set(blurred(sharp))
    left_out += [(photos[index].name, "it is blurred, beside its neighbours") for index in sorted(soft)]
    usable = [photo for index, photo in enumerate(photos) if index not in soft]
    kept = usable if len(usable) <= most else [usable[i] for i in _spread(len(usable), most)]
    left_out += [(photo.name, f"{most} photos are enough (--most)") for photo in usable if photo not in kept]
    return Gathered(tuple(kept), tuple(left_out), in_order=False)


def _from_video(source: Path, work: Path, most: int, tell: Tell) -> Gathered:
    sharp: list[float] = []
    moved: list[float] = []
    before: Pixels | None = None
    for number, frame in _frames(source):
        if number % 50 == 0:
            tell(f"watching the video: frame {number}")
        small = _grey(frame, _TRACKED_PX)
        sharp.append(sharpness(_grey(frame, _JUDGED_PX)))
        moved.append(0.0 if before is None else moved_unit(before, small))
        before = small
    if not sharp:
        raise PhotosFault(f"{source}: expected a video, no frame of it can be read")
    wanted = set(chosen(sharp, moved, most))
    photos: list[Photo] = []
    for number, frame in _frames(source):
        if number in wanted:
            pixels = np.ascontiguousarray(_cv.cvtColor(shrunk(frame, LONG_SIDE_PX), _cv.COLOR_BGR2RGB))
            digest = hashlib.sha256(pixels.tobytes()).hexdigest()
            photos.append(Photo(f"{source.name} frame {number}", digest, _save(work, pixels, number)))
    return Gathered(tuple(photos), (), in_order=True)


def _frames(source: Path) -> Iterator[tuple[int, Pixels]]:
    capture = _cv.VideoCapture(str(source))
    try:
        number = 0
        while True:
            good, frame = capture.read()
            if not good:
                return
            yield number, np.asarray(frame, np.uint8)
            number += 1
    finally:
        capture.release()


def _spread(count: int, most: int) -> list[int]:
    return sorted({int(index) for index in np.linspace(0, count - 1, most)})


def _grey(pixels: Pixels, long_side_px: int) -> Pixels:
    return np.asarray(_cv.cvtColor(shrunk(pixels, long_side_px), _cv.COLOR_RGB2GRAY), np.uint8)


def _save(work: Path, pixels: Pixels, number: int) -> str:
    """One folder per size: photos of one size are of one lens."""
    file = f"photos/{pixels.shape[1]}x{pixels.shape[0]}/{number:06d}.jpg"
    save_jpeg(work / file, pixels)
    return file


def save_jpeg(path: Path, pixels: Pixels) -> None:
    """A picture [H, W, 3], red first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _, data = _cv.imencode(".jpg", _cv.cvtColor(pixels, _cv.COLOR_RGB2BGR), [_cv.IMWRITE_JPEG_QUALITY, _QUALITY])
    path.write_bytes(np.asarray(data, np.uint8).tobytes())


def _stamp(source: Path, most: int) -> list[object]:
    files = [source] if source.is_file() else sorted(path for path in source.iterdir() if path.is_file())
    return [most, [[path.name, path.stat().st_size, path.stat().st_mtime_ns] for path in files]]


def _remembered(source: Path, work: Path, most: int) -> Gathered | None:
    """What an earlier run gathered from the very same files."""
    try:
        told = json.loads((work / _LIST).read_text(encoding="utf-8"))
        photos = tuple(Photo(*row) for row in told["photos"])
        if told["from"] != _stamp(source, most) or not all((work / photo.file).is_file() for photo in photos):
            return None
        return Gathered(photos, tuple((name, why) for name, why in told["left_out"]), bool(told["in_order"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _remember(source: Path, work: Path, most: int, gathered: Gathered) -> None:
    told = {"from": _stamp(source, most), **gathered._asdict()}
    beside = work / (_LIST + ".part")
    beside.write_text(json.dumps(told, indent=1), encoding="utf-8")
    beside.replace(work / _LIST)


def _why(left_out: tuple[tuple[str, str], ...]) -> str:
    return "".join(f"; {name}: {why}" for name, why in left_out[:5])
