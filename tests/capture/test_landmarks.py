"""Landmarks by MediaPipe: on a public portrait, in pixels of the whole picture; refused honestly; no network touched.

The models are not in the repository: `cyc models get pose-lite hands face` first, or these skip.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bridge.models import Home, ModelFault, read_home, ready_file
from bridge.performed import ARKIT_SHAPES
from capture.cameras.picture import Picture

cv2 = pytest.importorskip("cv2")
from capture import landmarks  # noqa: E402
from capture.landmarks import INSTALL, MEDIAPIPE, Landmarks, LandmarksFault, LookFor  # noqa: E402

ROOT = Path(__file__).parents[2]


def test_without_mediapipe_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def absent(name: str) -> str:
        raise landmarks.importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(landmarks.importlib.metadata, "version", absent)
    with pytest.raises(LandmarksFault, match=r"landmarks need mediapipe.*: pip install --no-deps mediapipe==0\.10\.33"):
        Landmarks(LookFor(), Home(tmp_path))
    monkeypatch.setattr(landmarks.importlib.metadata, "version", lambda _: "1.0.1")
    with pytest.raises(LandmarksFault, match=r"mediapipe 1\.0\.1 sends what it does to its maker, and is not used"):
        Landmarks(LookFor(), Home(tmp_path))


def test_the_pin_is_the_same_wherever_it_is_written() -> None:
    assert f"mediapipe=={MEDIAPIPE}" in INSTALL
    assert INSTALL.removeprefix("pip ") in (ROOT / "Makefile").read_text()
    assert INSTALL in (ROOT / "docs" / "capture-models.md").read_text()


@pytest.mark.slow
def test_without_a_model_it_says_how_to_get_it(tmp_path: Path) -> None:
    pytest.importorskip("mediapipe")
    with pytest.raises(ModelFault, match=r"pose-full is not at .*: cyc models get pose-full"):
        Landmarks(LookFor(), Home(tmp_path))


# --- with the models --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def home() -> Home:
    pytest.importorskip("mediapipe")
    folder = os.environ.get("CYC_MODELS")
    user = Path.home() / ".cyclorama"
    home = Home(Path(folder)) if folder else read_home(user / "models.toml", user / "models")
    try:
        for name in ("pose-lite", "hands", "face"):
            ready_file(name, home)
    except ModelFault as fault:
        pytest.skip(str(fault))
    return home


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    data = pytest.importorskip("skimage.data")
    return cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)


def picture(bgr: np.ndarray, number: int = 0) -> Picture:
    t_ns = 10**9 + number * 33_000_000
    return Picture("front", number, t_ns, t_ns + 1000, bgr)


@pytest.mark.slow
def test_a_portrait_s_body_and_face_are_found_where_they_are(home: Home, portrait: np.ndarray) -> None:
    eyes = Landmarks(LookFor("pose-lite", hands=True, face=True), home)
    (seen,) = eyes.look(picture(portrait))
    assert seen.body_px is not None and seen.body_visibility is not None and seen.face_px is not None
    assert (seen.camera, seen.t_ns, seen.size_px) == ("front", 10**9, (512, 512))
    nose = seen.body_px[0]
    assert abs(nose[0] - 223) < 12 and abs(nose[1] - 127) < 12, "looked up in the picture by eye"
    assert np.hypot(*(seen.face_px[1] - nose)) < 12, "the face's nose is the body's"
    assert seen.body_px[11, 0] > seen.body_px[12, 0], "her own left shoulder is on the right of the picture"
    outside = ((seen.body_px < 0) | (seen.body_px > 512)).any(axis=1)
    assert outside[27:].all() and not seen.body_visibility[outside].any(), "legs are not in the picture: not seen"
    shapes = dict(zip(ARKIT_SHAPES, seen.face_shapes, strict=True))
    assert min(shapes["mouthSmileLeft"], shapes["mouthSmileRight"]) > 0.7, "she smiles"
    assert shapes["tongueOut"] == 0.0
    turn = seen.camera_from_head[:3, :3]
    assert np.linalg.det(turn) == pytest.approx(1.0, abs=1e-3)
    assert turn[2, 2] < -0.9, "her face looks into the camera, whose axis leads away from it"
    assert np.isnan(seen.camera_from_head[:3, 3]).all()
    eyes.close()


@pytest.mark.slow
def test_landmarks_follow_the_picture_to_a_twentieth_of_the_head(home: Home, portrait: np.ndarray) -> None:
    """Laid into a larger picture, mirrored and scaled: what is seen moves along, so pixels mean what they say."""
    eyes = Landmarks(LookFor("", face=True), home)
    (seen,) = eyes.look(picture(portrait))
    wide = cv2.copyMakeBorder(portrait, 40, 0, 90, 0, cv2.BORDER_REPLICATE)
    changed = {
        "moved": (wide, lambda at: at - (90, 40)),
        "scaled": (cv2.resize(portrait, None, fx=2.0, fy=2.0, interpolation=cv2.INTER_AREA), lambda at: at / 2.0),
    }
    for name, (bgr, back) in changed.items():
        (other,) = Landmarks(LookFor("", face=True), home).look(picture(bgr))
        away = np.median(back(other.face_px) - seen.face_px, axis=0)
        assert np.abs(away).max() < 4.0, f"{name}: {away}"
    eyes.close()


@pytest.mark.slow
def test_looked_for_beside_the_body_a_face_is_where_it_was_after_it(home: Home, portrait: np.ndarray) -> None:
    """The second picture's face is led by the first one's body; when she jumps away it is not taken from there."""
    eyes = Landmarks(LookFor("pose-lite", hands=True, face=True), home)
    (first,), (second,) = (eyes.look(picture(portrait, number)) for number in range(2))
    assert np.abs(second.face_px - first.face_px).max() < 4.0
    there = np.full((512, 1024, 3), 90, np.uint8)
    there[:, 512:] = portrait
    for number in range(2, 6):
        for seen in eyes.look(picture(there, number)):
            assert seen.face_px is None or np.hypot(*(seen.face_px[1] - seen.body_px[0])) < 20.0
    assert seen.face_px is not None and seen.face_px[1, 0] > 512, "and is found again where she is"
    eyes.close()


@pytest.mark.slow
def test_nobody_in_the_picture_is_nobody(home: Home, portrait: np.ndarray) -> None:
    eyes = Landmarks(LookFor("pose-lite", hands=True, face=True), home)
    noise = np.random.Generator(np.random.PCG64(6)).integers(0, 256, (360, 640, 3), dtype=np.uint8)
    assert eyes.look(picture(np.full((360, 640, 3), 90, np.uint8))) == []
    assert eyes.look(picture(noise, 1)) == []
    assert len(eyes.look(picture(portrait, 2))) == 1
    after = [eyes.look(picture(np.full((512, 512, 3), 90, np.uint8), number)) for number in range(3, 6)]
    assert after[-1] == [], "she has gone, and is not carried on"
    face_only = Landmarks(LookFor("", face=True), home)
    assert face_only.look(picture(noise)) == []


@pytest.mark.slow
def test_another_model_goes_on_where_the_one_before_was(home: Home, portrait: np.ndarray) -> None:
    eyes = Landmarks(LookFor("pose-lite"), home)
    (before,) = eyes.look(picture(portrait))
    try:
        eyes.use_body("pose-full")
    except ModelFault as fault:
        pytest.skip(str(fault))
    (after,) = eyes.look(picture(portrait, 1))
    apart_px = np.abs(after.body_px[:13] - before.body_px[:13])
    assert 0.0 < apart_px.max() < 40.0, "another model, the same performer"
    eyes.close()


@pytest.mark.slow
def test_a_wrong_model_is_refused_in_a_sentence(home: Home, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.task"
    wrong.write_bytes(b"no model")
    with pytest.raises(LandmarksFault, match=r"wrong\.task: expected a model for PoseLandmarker"):
        Landmarks(LookFor("pose-full"), Home(tmp_path, {"pose-full": wrong}, ("pose-full",)))


# --- no network -------------------------------------------------------------------------------------------------------

SEALED = """
import ctypes, platform, struct, sys
def seal():
    # The kernel ends this process at its first socket of the Internet, native code's too.
    arch, socket = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}[platform.machine()]
    rows = [(0x20, 0, 0, 4), (0x15, 0, 5, arch), (0x20, 0, 0, 0), (0x15, 0, 3, socket), (0x20, 0, 0, 16),
            (0x15, 2, 0, 2), (0x15, 1, 0, 10), (0x06, 0, 0, 0x7FFF0000), (0x06, 0, 0, 0x80000000)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *row) for row in rows))
    program = ctypes.create_string_buffer(struct.pack("<H6xQ", len(rows), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program, 0, 0) == 0, ctypes.get_errno()
seal()
"""
CAPTURE = """
from pathlib import Path
import numpy as np
from bridge.models import Home
from capture.cameras.address import address
from capture.device import Camera, Play
from capture.landmarks import Landmarks, LookFor
eyes = Landmarks(LookFor("pose-lite", hands=True, face=True), Home(Path(sys.argv[1])))
camera = Camera("front", address(sys.argv[2]), play=Play(every=True))
seen = [eyes.look(picture) for picture in iter(lambda: camera.wait(20.0), None)]
eyes.close()
print("looked at", len(seen), "found", sum(map(len, seen)))
"""


def sealed(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SEALED + code, *words], capture_output=True, text=True, cwd=ROOT, check=False
    )


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"), reason="seccomp is Linux's"
)
def test_capture_opens_no_network_connection(home: Home, portrait: np.ndarray, tmp_path: Path) -> None:
    control = sealed("import socket; socket.socket(); print('open')")
    assert control.returncode == -31 and "open" not in control.stdout, "the seal holds: SIGSYS"
    for row in range(6):
        cv2.imwrite(str(tmp_path / f"{row}.png"), portrait)
    shown = sealed(CAPTURE, str(home.folder), str(tmp_path))
    assert shown.stdout.strip() == "looked at 6 found 6", (shown.returncode, shown.stderr)
    assert not shown.stderr, "and MediaPipe's native notes stay away"


@pytest.mark.slow
def test_mediapipe_s_binary_knows_no_address_to_report_to() -> None:
    mediapipe = pytest.importorskip("mediapipe")
    libraries = [path for kind in ("*.so", "*.dll", "*.pyd") for path in Path(mediapipe.__file__).parent.rglob(kind)]
    assert libraries
    for library in libraries:
        content = library.read_bytes()
        for address in (b"play.googleapis.com", b"clearcut", b"firebaselogging", b"app-measurement.com", b"curl_easy"):
            assert address not in content, f"{library.name} holds {address.decode()}"


@pytest.mark.slow
@pytest.mark.data
def test_the_real_performer_is_seen_by_each_camera_and_no_face_is_found_in_an_ear(home: Home) -> None:
    from capture.cameras.address import address
    from capture.device import every_picture

    folder = ROOT.parent / "shared" / "data" / "performance_4cam"
    if not folder.is_dir():
        pytest.skip(f"no recording at {folder}")
    for row in (1, 2, 3, 4):
        eyes = Landmarks(LookFor("pose-lite", face=row == 4), home)
        for taken in every_picture("cam", address(str(folder / f"cam0{row}.mp4"))):
            if taken.number >= 16:
                break
            (seen,) = eyes.look(taken)
            assert seen.body_visibility is not None and np.median(seen.body_visibility) > 0.9
            assert seen.face_px is None, "camera 4 sees the back of his head; MediaPipe would find a face in his ear"
        eyes.close()
