"""JSON files as values that know their path, so that a refusal can say where."""

import codecs
import json
import math
from collections.abc import Iterator
from typing import Any, NoReturn, cast

from bridge.frames import Vector
from bridge.wire.refusal import Refused

Json = dict[str, Any]


class At:
    """A value in the file and its path, so that whatever is wrong with it can be found."""

    def __init__(self, value: Any, path: str) -> None:
        self.value: Any = value
        self.path = path

    def refuse(self, expected: str) -> NoReturn:
        """Say what was expected here, and what came."""
        where, shown = self.path or "the file", json.dumps(self.value)
        raise Refused("field", f"{where}: expected {expected}, got {shown[:60]}{'...' if len(shown) > 60 else ''}")

    def object(self) -> Json:
        """Keys and values."""
        is_object = isinstance(self.value, dict)
        if not is_object:
            self.refuse("an object")
        return cast("Json", self.value)

    def has(self, name: str) -> bool:
        """Whether the object has such a key."""
        return name in self.object()

    def key(self, name: str) -> "At":
        """What stands under a key."""
        path = f"{self.path}.{name}" if self.path else name
        if not self.has(name):
            raise Refused("field", f"{path}: is missing")
        return At(self.object()[name], path)

    def items(self) -> Iterator[tuple[str, "At"]]:
        """Everything under this object, in the file's order."""
        return ((name, self.key(name)) for name in self.object())

    def text(self) -> str:
        """A string."""
        if not isinstance(self.value, str):
            self.refuse("text")
        return self.value

    def number(self) -> float:
        """Finite, and not so large that sums of it are not."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float) or not abs(self.value) < 1e12:
            self.refuse("a number")
        return float(self.value)

    def above_zero(self) -> float:
        """A length."""
        if self.number() <= 0:
            self.refuse("a number above 0")
        return self.number()

    def whole(self, lowest: int, highest: int) -> int:
        """An integer, however it is written."""
        if self.number() != math.floor(self.number()) or not lowest <= self.value <= highest:
            self.refuse(f"a whole number from {lowest} to {highest}")
        return int(self.value)

    def three(self, *names: str) -> Vector:
        """Three numbers under these keys."""
        x, y, z = (self.key(name).number() for name in names)
        return x, y, z


def text_of(data: bytes) -> str:
    """UTF-8, or UTF-16 with its mark, as Unreal writes where a name is not ASCII. Refused: encoding."""
    bom = data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    try:
        return data.decode("utf-16" if bom else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("encoding", f"is neither UTF-8 nor UTF-16 text: {error.reason}") from None


def json_of(text: str) -> Any:
    """Refused: encoding, or field where a key stands twice."""
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # no 1e999, no half of a surrogate pair
    except Refused:
        raise
    except json.JSONDecodeError as error:
        raise Refused("encoding", f"line {error.lineno}: is not JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise Refused("encoding", f"is not JSON that can be read: {str(error)[:80]}") from None
    return value


def _once(pairs: list[tuple[str, Any]]) -> Json:
    keys = [key for key, _ in pairs]
    twice = next((key for key in keys if keys.count(key) > 1), None) if len(set(keys)) < len(keys) else None
    if twice is not None:
        raise Refused("field", f"the key {twice!r} stands twice in one object")
    return dict(pairs)


def _no_number(word: str) -> NoReturn:
    raise Refused("encoding", f"is not JSON: {word}")
