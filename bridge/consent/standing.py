"""How things stand: what all rows together say of every performer, consent, running use and file."""

from collections.abc import Iterable

import msgspec

from bridge.consent import rows as said
from bridge.consent.chain import GENESIS


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """One agreement and what became of it."""

    granted: said.Granted
    suspended: said.Suspended | None = None
    """Of this one alone."""
    withdrawn: said.Withdrawn | None = None

    @property
    def number(self) -> int:
        """What the log and the commands call it."""
        return self.granted.seq


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """One file with one performer in it."""

    made: said.AssetMade
    sha256: str
    """Empty: nobody said that it was finished."""
    size_bytes: int
    erasing: bool = False
    """Its deletion was begun."""
    outcome: said.AssetErased | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The whole ledger, read once."""

    rows: int = 0
    head: bytes = GENESIS
    consents: dict[int, Consent] = {}
    """By number."""
    suspended: dict[str, said.Suspended] = {}
    """Performers who suspended everything."""
    running: dict[int, said.UseStarted] = {}
    """By the row that began it."""
    assets: dict[int, Asset] = {}
    """By the row that registered it."""
    erasing: dict[str, said.EraseBegun] = {}
    erased: dict[str, said.Erased] = {}

    def of(self, performer: str) -> list[Consent]:
        """A performer's consents, oldest first."""
        return [consent for consent in self.consents.values() if consent.granted.performer == performer]

    def made_of(self, performer: str) -> dict[int, Asset]:
        """Files that a performer is in."""
        return {number: asset for number, asset in self.assets.items() if asset.made.performer == performer}

    @property
    def performers(self) -> list[str]:
        """Whoever ever consented, in order."""
        return sorted({consent.granted.performer for consent in self.consents.values()})


def standing(rows: Iterable[said.AnyRow], head: bytes = GENESIS) -> Standing:
    """Fold the rows together."""
    now = Standing(head=head, consents={}, suspended={}, running={}, assets={}, erasing={}, erased={})
    count = 0
    for row in rows:
        count += 1
        _take_in(now, row)
    return msgspec.structs.replace(now, rows=count)


def _take_in(now: Standing, row: said.AnyRow) -> None:
    match row:
        case said.Granted():
            now.consents[row.seq] = Consent(granted=row)
        case said.Suspended() | said.Resumed() | said.Withdrawn():
            _change(now, row)
        case said.UseStarted():
            now.running[row.seq] = row
        case said.UseStopped():
            now.running.pop(row.started, None)
        case said.AssetMade() | said.AssetSealed() | said.AssetErasing() | said.AssetErased():
            _take_in_asset(now, row)
        case said.EraseBegun():
            now.erasing[row.performer] = row
        case said.Erased():
            now.erasing.pop(row.performer, None)
            now.erased[row.performer] = row
        case said.Opened() | said.UseRefused():
            pass


def _change(now: Standing, row: said.Suspended | said.Resumed | said.Withdrawn) -> None:
    if row.grant == 0 and isinstance(row, said.Suspended):
        now.suspended[row.performer] = row
    if row.grant == 0 and isinstance(row, said.Resumed):
        now.suspended.pop(row.performer, None)
    for number, consent in now.consents.items():
        if row.performer != consent.granted.performer or row.grant not in (0, number):
            continue
        if isinstance(row, said.Withdrawn):
            now.consents[number] = msgspec.structs.replace(consent, withdrawn=consent.withdrawn or row)
        elif row.grant:
            alone = row if isinstance(row, said.Suspended) else None
            now.consents[number] = msgspec.structs.replace(consent, suspended=alone)


def _take_in_asset(
    now: Standing, row: said.AssetMade | said.AssetSealed | said.AssetErasing | said.AssetErased
) -> None:
    assets = now.assets
    match row:
        case said.AssetMade():
            assets[row.seq] = Asset(made=row, sha256=row.sha256, size_bytes=row.size_bytes)
        case said.AssetSealed():
            sealed = msgspec.structs.replace(assets[row.asset], sha256=row.sha256, size_bytes=row.size_bytes)
            assets[row.asset] = sealed
        case said.AssetErasing():
            assets[row.asset] = msgspec.structs.replace(assets[row.asset], erasing=True)
        case said.AssetErased():
            assets[row.asset] = msgspec.structs.replace(assets[row.asset], outcome=row)
