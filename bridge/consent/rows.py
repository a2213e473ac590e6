"""What the ledger's chain may say: one small frozen struct a row, about pseudonyms only.

A row is never changed or taken away, so nothing in it may need to be: no name, no file's name, only hashes of files.
What must be erasable (names, paths) lies in tables beside the chain.
"""

from typing import Literal, get_args

import msgspec

SCHEMA = 1
SYNTHETIC_PERFORMER = "demo"
"""The performer that `cyc demo` draws: nobody, so nobody needs to consent."""
SYNTHETIC_SOURCE = "synthetic"
"""What a CaptureCamera's `source` begins with where the pictures are drawn, not filmed."""

Use = Literal["capture", "record", "face", "export", "double", "training"]
USES: tuple[Use, ...] = get_args(Use)
Made = Literal["take", "recording", "export", "neutral", "double"]
Outcome = Literal["deleted", "gone", "kept"]


class Row(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What all rows have; the ledger fills in number and time."""

    seq: int = 0
    """Counts from 1, without a gap."""
    at_utc_ns: int = 0
    """When it was written, by the computer's clock."""
    by: str
    """Who says so: a role or an account. It stays for good."""


class Opened(Row, frozen=True, kw_only=True, tag="opened"):
    """The first row."""

    schema: int = SCHEMA


class Granted(Row, frozen=True, kw_only=True, tag="granted"):
    """A performer agreed in writing; the row's number is the consent's."""

    performer: str
    uses: tuple[Use, ...]
    project: str
    scenes: tuple[str, ...] = ()
    """As they are slated; empty: all of the project."""
    territory: str = ""
    """As the agreement has it. A computer cannot tell where a picture is shown: it is written down, not enforced."""
    from_utc_ns: int
    until_utc_ns: int
    """The first moment that is not covered any more."""
    agreement_sha256: str
    rider_sha256: str = ""
    notice_utc_ns: int | None = None
    """When the performer was told what would be done."""


class Suspended(Row, frozen=True, kw_only=True, tag="suspended"):
    """Until resumed, nothing is done with the performer."""

    performer: str
    grant: int = 0
    """Of this consent only; 0: of all, those to come included."""
    why: str = ""


class Resumed(Row, frozen=True, kw_only=True, tag="resumed"):
    """Takes a suspension back."""

    performer: str
    grant: int = 0
    why: str = ""


class Withdrawn(Row, frozen=True, kw_only=True, tag="withdrawn"):
    """For good: what comes after needs a new consent."""

    performer: str
    grant: int = 0
    """This consent only; 0: all so far."""
    why: str = ""


class UseStarted(Row, frozen=True, kw_only=True, tag="use-started"):
    """Something is being done with a performer; `by` is the service."""

    performer: str
    use: Use
    project: str
    scene: str = ""
    grant: int
    """The consent that allows it."""


class UseStopped(Row, frozen=True, kw_only=True, tag="use-stopped"):
    """The end of it."""

    performer: str
    started: int
    """The row that began it."""
    why: str


class UseRefused(Row, frozen=True, kw_only=True, tag="use-refused"):
    """Something was asked for and not allowed."""

    performer: str
    use: Use
    project: str
    scene: str = ""
    why: str


class AssetMade(Row, frozen=True, kw_only=True, tag="asset-made"):
    """A file with a performer in it; its path lies in the erasable table."""

    performer: str
    made: Made
    sha256: str = ""
    """Empty while it is being written."""
    size_bytes: int = 0


class AssetSealed(Row, frozen=True, kw_only=True, tag="asset-sealed"):
    """A file that was being written is whole."""

    performer: str
    asset: int
    """The row that registered it."""
    sha256: str
    size_bytes: int


class EraseBegun(Row, frozen=True, kw_only=True, tag="erase-begun"):
    """A performer's material is being deleted."""

    performer: str
    why: str = ""


class AssetErasing(Row, frozen=True, kw_only=True, tag="asset-erasing"):
    """The next thing done is deleting this file."""

    performer: str
    asset: int


class AssetErased(Row, frozen=True, kw_only=True, tag="asset-erased"):
    """What became of a file: deleted, gone already, or kept because somebody decided so."""

    performer: str
    asset: int
    outcome: Outcome
    why: str = ""


class Erased(Row, frozen=True, kw_only=True, tag="erased"):
    """The end: name and paths are gone too, and a receipt was written."""

    performer: str
    receipt_sha256: str
    deleted: int
    gone: int
    kept: int


AnyRow = (
    Opened
    | Granted
    | Suspended
    | Resumed
    | Withdrawn
    | UseStarted
    | UseStopped
    | UseRefused
    | AssetMade
    | AssetSealed
    | EraseBegun
    | AssetErasing
    | AssetErased
    | Erased
)
