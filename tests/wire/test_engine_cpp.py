"""The plugin's C++ header is the table's, compiles under the engine's rules, and reads what Python reads."""

import json
import random
import shutil
import struct
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.__main__ import main
from bridge.wire import engine
from bridge.wire.engine_cpp import PATH, header_text
from bridge.wire.engine_header import rows as rows_of
from bridge.wire.engine_table import ARRAYS, HEADER, PAYLOADS, Field, struct_format
from bridge.wire.refusal import Refused

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "tests" / "vectors" / "engine.json").read_text(encoding="utf-8"))
EVERY = [*VECTORS["frames"], *VECTORS["tolerated"], *VECTORS["refused"]]
STRICT = "-std=c++17 -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wpedantic -Werror -fno-exceptions -fno-rtti"
CHECKED = "-O1 -fsanitize=address,undefined -fno-sanitize-recover=all"
PRINTED = {
    "u8": "%u",
    "u16": "%u",
    "u32": "%u",
    "u64": "%llu",
    "i32": "%d",
    "i64": "%lld",
    "f32": "%a",
    "f64": "%a",
    "char": "%02x",
}
WIDENED = {"u8": "unsigned", "u16": "unsigned", "u32": "unsigned", "u64": "unsigned long long", "i64": "long long"}
WIDENED |= {"i32": "int", "f32": "double", "f64": "double", "char": "unsigned char"}

# One message a line, "HEADER PAYLOAD" in hex, "-" for no bytes. Each part gets memory of just its size.
READER = """
#include "WireGenerated.h"
#include <cstdio>
#include <cstdlib>
using namespace cyclorama::wire;
CHECKS
static unsigned char* bytes_of(const char* text, std::size_t& count) {
    count = text[0] == '-' ? 0 : std::strlen(text) / 2;
    unsigned char* bytes = static_cast<unsigned char*>(std::malloc(count == 0 ? 1 : count));
    for (std::size_t i = 0; i < count; ++i) {
        const char digits[3] = {text[2 * i], text[2 * i + 1], '\\0'};
        bytes[i] = static_cast<unsigned char>(std::strtoul(digits, nullptr, 16));
    }
    return bytes;
}
PRINTERS
template <typename Row>
static void print_rows(const Rows<Row>& rows) {
    for (std::size_t at = 0; at < rows.count; ++at) {
        print(rows.first[at]);
    }
}
int main() {
    static char header_text[8192], payload_text[8192];
    while (std::scanf("%8191s %8191s", header_text, payload_text) == 2) {
        std::size_t header_bytes = 0, payload_bytes = 0;
        unsigned char* header = bytes_of(header_text, header_bytes);
        unsigned char* payload = bytes_of(payload_text, payload_bytes);
        Message message;
        const Outcome outcome = decode(header, header_bytes, payload, payload_bytes, message);
        std::printf("%u|%s|%zu|", static_cast<unsigned>(outcome), describe(outcome), name_length(message.header));
        print(message.header);
PRINTED        std::printf("|%llu\\n", static_cast<unsigned long long>(pixels_length(message.picture)));
        std::free(header);
        std::free(payload);
    }
    return 0;
}
"""

LAID_OUT = {"Header": HEADER, **{kind.capitalize(): fields for kind, fields in PAYLOADS.items()}}
LAID_OUT |= {rows.struct: rows.fields for arrays in ARRAYS.values() for rows in arrays}
ROWS = {(kind, rows.name): rows.fields for kind, arrays in ARRAYS.items() for rows in arrays}

Reader = Callable[[list[tuple[bytes, bytes]]], list[list[str]]]


def test_the_committed_header_is_the_tables() -> None:
    assert (ROOT / PATH).read_text(encoding="utf-8") == header_text(), "cyc plugin header --write"


def test_the_door_compares_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "deeper" / "WireGenerated.h"
    assert main(["plugin", "header", "--check", "--path", str(path)]) == 1
    assert "cyc plugin header --write" in capsys.readouterr().err
    assert main(["plugin", "header", "--write", "--path", str(path)]) == 0
    assert main(["plugin", "header", "--check", "--path", str(path)]) == 0
    path.write_text(path.read_text(encoding="utf-8") + "// by hand\n", encoding="utf-8")
    assert main(["plugin", "header", "--check", "--path", str(path)]) == 1
    assert f"{path} is not what bridge/wire/engine_table.py says" in capsys.readouterr().err.replace("\n", " ")
    capsys.readouterr()
    assert main(["plugin", "header"]) == 0
    assert capsys.readouterr().out == header_text()


def test_a_field_that_would_not_lie_where_its_bytes_lie_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    crooked = (Field("small", "u8", 1, ""), Field("wide", "f64", 1, ""))
    monkeypatch.setitem(PAYLOADS, "heartbeat", crooked)
    with pytest.raises(ValueError, match=r"^Heartbeat.wide would lie at byte 1, not a multiple of 8"):
        header_text()


def test_the_header_needs_no_engine_and_no_heap() -> None:
    text = (ROOT / PATH).read_text(encoding="utf-8")
    included = {line.split()[1] for line in text.splitlines() if line.startswith("#include")}
    assert included == {"<cstddef>", "<cstdint>", "<cstring>"}
    assert not any(word in text for word in ("std::string", "std::vector", "new ", "malloc", "throw", "dynamic_cast"))


# --- compiled -------------------------------------------------------------------------------------------------------


def prints(fields: tuple[Field, ...]) -> str:
    def one(field: Field, place: str) -> str:
        return (
            f'    std::printf("{PRINTED[field.kind]} ", static_cast<{WIDENED[field.kind]}>(it.{field.name}{place}));\n'
        )

    return "".join(
        one(field, f"[{index}]" if field.count > 1 else "") for field in fields for index in range(field.count)
    )


def checks() -> str:
    """Sizes and offsets, told by Python's struct instead of by the generator."""
    lines: list[str] = []
    for name, fields in LAID_OUT.items():
        lines.append(f"static_assert(sizeof({name}) == {struct.calcsize(struct_format(fields))});")
        for index, field in enumerate(fields):
            offset = struct.calcsize(struct_format(fields[:index]))
            lines.append(f"static_assert(offsetof({name}, {field.name}) == {offset});")
    lines.append(f"static_assert(SCHEMA_HASH == {VECTORS['schema_hash']}U);")
    return "\n".join(lines)


def reader_source() -> str:
    source = READER.replace("CHECKS", checks())
    printers = "".join(
        f"static void print(const {name}& it) {{\n{prints(fields)}}}\n" for name, fields in LAID_OUT.items()
    )
    printed = "".join(f'        std::printf("|");\n        print(message.{kind});\n' for kind in PAYLOADS)
    printed += "".join(
        f'        std::printf("|");\n        print_rows(message.{kind}_{name});\n' for kind, name in ROWS
    )
    return source.replace("PRINTERS", printers).replace("PRINTED", printed)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Messages through the compiled header, in one go: for each its outcome, text, name length and three structs."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("no g++ and no clang++ here: the C++ header was not compiled")
    folder = tmp_path_factory.mktemp("cpp")
    source, program = folder / "reader.cpp", folder / "reader"
    source.write_text(reader_source(), encoding="utf-8")
    call = [compiler, *STRICT.split(), f"-I{(ROOT / PATH).parent}", str(source), "-o", str(program)]
    built = subprocess.run([*call, *CHECKED.split()], capture_output=True, text=True, check=False)
    if built.returncode:  # a compiler without the sanitizers' libraries
        built = subprocess.run(call, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr

    def through(messages: list[tuple[bytes, bytes]]) -> list[list[str]]:
        lines = "".join(f"{header.hex() or '-'} {payload.hex() or '-'}\n" for header, payload in messages)
        ran = subprocess.run([str(program)], input=lines, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return [line.split("|") for line in ran.stdout.splitlines()]

    return through


OUTCOMES = (*PAYLOADS, "unknown_type", "length", "magic", "version", "frame", "field")
CLASSES = {
    "CameraFrame": "camera",
    "HeartbeatFrame": "heartbeat",
    "SkeletonFrame": "skeleton",
    "PoseFrame": "pose",
    "FaceFrame": "face",
    "PictureFrame": "picture",
    "Unknown": "unknown_type",
}


def bytes_of(vector: dict[str, Any]) -> tuple[bytes, bytes]:
    return bytes.fromhex(vector["header"]), bytes.fromhex(vector["payload"])


def about_pixels(vector: dict[str, Any]) -> bool:
    """Whether a vector is wrong in its fourth part only, which the decoder of a message's first three does not see."""
    return vector["kind"] == "length" and "pixels" in vector


def said_by_python(header: bytes, payload: bytes) -> str:
    try:
        engine.open_header(header, payload)
        pixels: Any = range(pixels_length(header, payload))  # as long as they must be, and no memory
        return CLASSES[type(engine.decode(b"", header, payload, pixels)).__name__]
    except Refused as refused:
        return refused.kind


def pixels_length(header: bytes, payload: bytes) -> int:
    """Of a picture, by the bytes; 0 where it is none."""
    _, height, stride = struct.unpack_from("<III", payload + bytes(44), 32)
    return height * stride if header[6:8] == b"\6\0" else 0


def fields_of(fields: tuple[Field, ...], data: bytes) -> list[str]:
    """What the program prints of a struct: the bytes, cut or filled up with zeros."""
    layout = struct.Struct(struct_format(fields))
    values = iter(layout.unpack((data + bytes(layout.size))[: layout.size]))
    printed: list[str] = []
    for field in fields:
        if field.kind == "char":
            printed += [f"{byte:02x}" for byte in next(values)]
        else:
            printed += [str(next(values)) for _ in range(field.count)]
    return printed


def told(fields: tuple[Field, ...], printed: str) -> list[str]:
    """The program's words in Python's spelling: hexadecimal floats are exact."""
    kinds = [field.kind for field in fields for _ in range(field.count)]
    words = printed.split()
    return [
        str(float.fromhex(word)) if kind in ("f32", "f64") else word for kind, word in zip(kinds, words, strict=True)
    ]


def check_structs(line: list[str], kind: str, header: bytes, payload: bytes) -> None:
    assert told(HEADER, line[3]) == fields_of(HEADER, header)
    printed = iter(line[4:])
    for name, fields in PAYLOADS.items():
        assert told(fields, next(printed)) == fields_of(fields, payload if kind == name else b"")
    counts = struct.unpack_from("<HH", header, 48)
    keys = [key for key in ROWS if key[0] == kind]
    arrays = dict(zip(keys, rows_of(kind, counts, payload) if keys else (), strict=True))
    for key, fields in ROWS.items():
        assert told_rows(fields, next(printed)) == rows_told(fields, arrays.get(key, b"")), key


def rows_told(fields: tuple[Field, ...], data: bytes) -> list[str]:
    size = struct.calcsize(struct_format(fields))
    return [word for at in range(0, len(data), size) for word in fields_of(fields, data[at : at + size])]


def told_rows(fields: tuple[Field, ...], printed: str) -> list[str]:
    words = printed.split()
    width = sum(field.count for field in fields)
    rows = [" ".join(words[at : at + width]) for at in range(0, len(words), width)]
    return [word for row in rows for word in told(fields, row)]


def test_golden_bytes_are_read_as_python_reads_them(read: Reader) -> None:
    every = [vector for vector in EVERY if not about_pixels(vector)]
    lines = read([bytes_of(vector) for vector in every])
    assert len(lines) == len(every) > 30
    for vector, line in zip(every, lines, strict=True):
        assert OUTCOMES[int(line[0])] == vector["kind"], vector["name"]
        if "values" in vector:
            assert int(line[2]) == len(vector["values"]["name"].encode()), vector["name"]
            check_structs(line, vector["kind"], *bytes_of(vector))
        if vector["kind"] == "picture":
            assert int(line[-1]) == len(vector["pixels"]) // 2


def test_the_golden_camera_by_name(read: Reader) -> None:
    """Against the vector's own values, so that both languages cannot be wrong in the same way."""
    vector = VECTORS["frames"][0]
    (line,) = read([bytes_of(vector)])
    words = iter(told(PAYLOADS["camera"], line[4]))
    for field in PAYLOADS["camera"]:
        expected = vector["values"].get(field.name, vector["values"].get(f"{field.name}_unit"))
        found = [float(next(words)) for _ in range(field.count)]
        assert found == (expected if isinstance(expected, list) else [expected]), field.name


def test_a_refusal_has_a_text(read: Reader) -> None:
    lines = read([bytes_of(vector) for vector in VECTORS["refused"]])
    texts = {OUTCOMES[int(line[0])]: line[1] for line in lines}
    assert texts["version"] == "another major version of the wire; this reader speaks 1.2"
    assert all(texts[kind] for kind in ("length", "magic", "version", "frame", "field"))


def test_both_languages_take_and_refuse_the_same(read: Reader) -> None:
    messages = [mutated(random.Random(seed)) for seed in range(4000)]
    counts: Counter[str] = Counter()
    for (header, payload), line in zip(messages, read(messages), strict=True):
        kind = said_by_python(header, payload)
        assert OUTCOMES[int(line[0])] == kind, (header.hex(), payload.hex())
        counts[kind] += 1
        if kind in (*PAYLOADS, "unknown_type"):
            check_structs(line, kind, header, payload)
    assert set(counts) == set(OUTCOMES), counts


def mutated(dice: random.Random) -> tuple[bytes, bytes]:
    """A few bytes changed or cut off; mostly with the lengths made true again, so that more is looked at."""
    header, payload = map(bytearray, bytes_of(dice.choice(EVERY)))
    for _ in range(dice.randint(1, 3)):
        part = dice.choice((header, header, payload))
        if part:
            part[dice.randrange(len(part))] = dice.choice((0, 1, 2, 4, 25, 30, 0x80, 0xFF, dice.randrange(256)))
    if dice.random() < 0.2:
        part = dice.choice((header, payload))
        del part[dice.randint(0, len(part)) :]
    if dice.random() < 0.8 and len(header) >= 80:
        header[:5] = b"UVP1\1"
        header[8:10], header[52:56] = len(header).to_bytes(2, "little"), len(payload).to_bytes(4, "little")
    return bytes(header), bytes(payload)
