"""A stage as the text of a stage file, without what is left at its default; `stage_file.parse` reads it back."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, cast

import msgspec

from bridge.stage import Stage


def toml_of(stage: Stage, comments: Sequence[str] = ()) -> str:
    """TOML; each comment becomes a line at the top."""
    lines = [f"# {''.join(c if c.isprintable() else ' ' for c in comment)}" for comment in comments]
    plain, tables = ["schema = 1"], list[str]()
    for key, value in _said(stage):
        rows = cast("Sequence[Any]", value) if isinstance(value, tuple) else ()
        if isinstance(value, msgspec.Struct):
            tables += ["", f"[{key}]", *_lines(value)]
        elif rows and isinstance(rows[0], msgspec.Struct):
            for row in rows:
                tables += ["", f"[[{key}]]", *_lines(row)]
        else:
            plain.append(f"{key} = {_value(value)}")
    return "\n".join([*lines, *plain, *tables]) + "\n"


def _lines(table: msgspec.Struct) -> Iterator[str]:
    return (f"{key} = {_value(value)}" for key, value in _said(table))


def _said(table: msgspec.Struct) -> Iterator[tuple[str, Any]]:
    """Keys and values that a file must say, the tag of a wall first."""
    config = table.__struct_config__
    if config.tag_field is not None:
        yield config.tag_field, config.tag
    for field in msgspec.structs.fields(table):
        value = getattr(table, field.name)
        if field.required or value != field.default:
            yield field.encode_name, value


def _value(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(_value(item) for item in cast('tuple[Any, ...]', value))}]"
    if isinstance(value, msgspec.Struct):
        return f"{{ {', '.join(_lines(value))} }}"
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        return f"{{ {', '.join(f'{_value(key)} = {_value(item)}' for key, item in pairs)} }}"
    return repr(value)
