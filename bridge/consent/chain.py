"""The chain of hashes: each row's is of the one before it and of the row's own bytes, so nothing changes unseen.

A row's bytes are JSON with sorted keys, without spaces, in UTF-8. Its hash is SHA-256 of the hash before it (32 bytes,
zeros before the first row) followed by these bytes. Anybody can check that with ten lines of any language.
"""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from bridge.consent.rows import AnyRow

GENESIS = bytes(32)
_decoder = msgspec.json.Decoder(AnyRow)


class ChainBroken(ValueError):
    """Where the chain does not hold; all rows before it do."""

    def __init__(self, seq: int, what: str) -> None:
        super().__init__(f"row {seq} {what}")
        self.seq = seq


class Link(NamedTuple):
    """A row as it is stored; the types are what they should be, a file may hold others."""

    seq: int
    body: bytes
    digest: bytes


def canonical(row: AnyRow) -> bytes:
    """The one way to write it."""
    return msgspec.json.encode(row, order="sorted")


def digest_of(previous: bytes, body: bytes) -> bytes:
    """A row's hash."""
    return hashlib.sha256(previous + body).digest()


def linked(previous: bytes, row: AnyRow) -> Link:
    """A row, ready to be stored behind the one with this hash."""
    body = canonical(row)
    return Link(row.seq, body, digest_of(previous, body))


def verified(links: Iterable[Link]) -> tuple[list[AnyRow], bytes]:
    """All rows, and the last hash. ChainBroken at the first that is not what was written."""
    rows: list[AnyRow] = []
    head = GENESIS
    for seq, link in enumerate(links, 1):
        rows.append(_verified(seq, head, link))
        head = link.digest
    return rows, head


def _verified(seq: int, previous: bytes, link: Link) -> AnyRow:
    if link.seq != seq:
        raise ChainBroken(seq, f"is missing: row {link.seq} comes next")
    if type(link.body) is not bytes or link.digest != digest_of(previous, link.body):
        raise ChainBroken(seq, "is not what was written: its hash does not fit")
    try:
        row = _decoder.decode(link.body)
    except msgspec.DecodeError as error:
        raise ChainBroken(seq, f"cannot be read by this version: {error}") from None
    if row.seq != seq or canonical(row) != link.body:
        raise ChainBroken(seq, "is not written the way this version writes it")
    return row
