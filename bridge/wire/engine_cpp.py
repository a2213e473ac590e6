"""The C++17 twin of the engine's wire: header text made from `engine_table`, with the rules of `engine.decode`."""

from bridge.wire.engine_header import SCHEMA_HASH
from bridge.wire.engine_table import (
    ARRAYS,
    FLAGS,
    HEADER,
    IN_UNREALS_FRAME,
    LEAST_HEADER_BYTES,
    MAGIC,
    MAJOR,
    MINOR,
    PAYLOADS,
    PIXELS,
    TYPES,
    Field,
    Rows,
)

PATH = "ue_plugin/Cyclorama/Source/Cyclorama/Private/Core/WireGenerated.h"
"""Where it belongs in the repository."""

_KINDS: dict[str, tuple[str, int]] = {
    "u8": ("std::uint8_t", 1),
    "u16": ("std::uint16_t", 2),
    "u32": ("std::uint32_t", 4),
    "u64": ("std::uint64_t", 8),
    "i32": ("std::int32_t", 4),
    "i64": ("std::int64_t", 8),
    "f32": ("float", 4),
    "f64": ("double", 8),
    "char": ("char", 1),
}

_TOP = """\
// Made from bridge/wire/engine_table.py by `cyc plugin header --write`. Do not edit: change the table.
//
// Cyclorama's wire to the engine: one ZeroMQ message is [topic][header][payload], and [pixels] behind a picture's,
// little-endian. The structs below are laid out as the bytes are. No engine header, exceptions, RTTI or heap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if !defined(_WIN32)
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the wire is little-endian, and so must this machine be");
#endif

namespace cyclorama::wire {

static_assert(sizeof(float) == 4 && sizeof(double) == 8, "the wire carries IEEE 754 floats and doubles");
"""

_RULES = """\
/// What `decode` made of a message. Every refusal is to be counted; the text for people is `describe`.
enum class Outcome : std::uint8_t {
@CASES@\
    unknown_type, ///< count and skip
    refused_length,
    refused_magic,
    refused_version, ///< another major version: the header's `major` and `minor` say which
    refused_frame, ///< a pose that is not in Unreal's frame
    refused_field,
};

/// One sentence for the log.
inline const char* describe(Outcome outcome) noexcept {
    switch (outcome) {
@DESCRIPTIONS@\
        case Outcome::unknown_type: return "a message of a type this reader does not know";
        case Outcome::refused_length: return "header or payload is not as long as the header says";
        case Outcome::refused_magic: return "header does not start with @MAGIC_TEXT@";
        case Outcome::refused_version: return "another major version of the wire; this reader speaks @THIS_VERSION@";
        case Outcome::refused_frame: return "pose is not in Unreal's frame (flag coordinates_unreal_cm is off)";
        case Outcome::refused_field:
            return "a name is not UTF-8, or timecode label, bone's parent or picture's format do not exist";
    }
    return "";
}

/// An array where it lies, in the bytes that were decoded: valid as long as they are.
template <typename Row>
struct Rows {
    const Row* first{};
    std::size_t count{};
};

/// The header, and whichever payload `Outcome` names; the others are all zero.
struct Message {
    Header header{};
@PAYLOAD_MEMBERS@\
@ROW_MEMBERS@\
};

inline bool has(const Header& header, Flag flag) noexcept {
    return (header.flags & static_cast<std::uint16_t>(flag)) != 0;
}

/// Bytes of a name before its zeros. One that fills its field has no closing zero.
template <std::size_t Size>
inline std::size_t length_of(const char (&name)[Size]) noexcept {
    std::size_t length = Size;
    while (length > 0 && name[length - 1] == '\\0') {
        --length;
    }
    return length;
}

inline std::size_t name_length(const Header& header) noexcept {
    return length_of(header.name);
}

inline bool is_utf8(const char* text, std::size_t length) noexcept {
    std::size_t at = 0;
    while (at < length) {
        const unsigned lead = static_cast<unsigned char>(text[at]);
        const std::size_t more = lead < 0x80U ? 0 : lead < 0xE0U ? 1 : lead < 0xF0U ? 2 : 3;
        if ((lead >= 0x80U && lead < 0xC2U) || lead > 0xF4U || length - at <= more) {
            return false;
        }
        for (std::size_t i = 1; i <= more; ++i) {
            const unsigned next = static_cast<unsigned char>(text[at + i]);
            const unsigned low = i > 1 ? 0x80U : lead == 0xE0U ? 0xA0U : lead == 0xF0U ? 0x90U : 0x80U;
            const unsigned high = i > 1 ? 0xBFU : lead == 0xEDU ? 0x9FU : lead == 0xF4U ? 0x8FU : 0xBFU;
            if (next < low || next > high) {
                return false;
            }
        }
        at += more + 1;
    }
    return true;
}

/// Whether a header's timecode label exists: SMPTE ST 12-1, drop frame at 29.97 and 59.94 only.
inline bool timecode_exists(const Header& h) noexcept {
    if (h.rate_den < 1 || h.rate_num < h.rate_den || h.hours > 23 || h.minutes > 59 || h.seconds > 59) {
        return false;
    }
    const std::uint64_t labels = (static_cast<std::uint64_t>(h.rate_num) + h.rate_den - 1) / h.rate_den;
    if (h.frames >= labels) {
        return false;
    }
    if (!has(h, Flag::drop_frame)) {
        return true;
    }
    if (h.rate_den != 1001 || (h.rate_num != 30000 && h.rate_num != 60000)) {
        return false;
    }
    return h.seconds != 0 || h.minutes % 10 == 0 || h.frames >= (h.rate_num == 30000 ? 2 : 4);
}

/// Longer bytes: a newer sender appended. Shorter: an older one; what it left out reads as 0.
template <typename Struct>
inline void copy_fitted(Struct& target, const void* bytes, std::size_t count) noexcept {
    target = Struct{};
    if (count > 0) {
        std::memcpy(&target, bytes, count < sizeof(Struct) ? count : sizeof(Struct));
    }
}

/// The next array of a payload; false where it is cut short. `bytes` and `count` move behind it.
template <typename Row>
inline bool take_rows(Rows<Row>& rows, std::uint16_t wanted, const char*& bytes, std::size_t& count) noexcept {
    if (count / sizeof(Row) < wanted) {
        return false;
    }
    rows = Rows<Row>{static_cast<const Row*>(static_cast<const void*>(bytes)), wanted};
    bytes += wanted * sizeof(Row);
    count -= wanted * sizeof(Row);
    return true;
}

/// Bytes a pixel of a format, 0 for none that is known.
inline std::size_t pixel_bytes(std::uint16_t pixels) noexcept {
    switch (static_cast<Pixels>(pixels)) {
@PIXEL_BYTES@\
    }
    return 0;
}

/// How long the fourth part of a picture's message must be.
inline std::uint64_t pixels_length(const Picture& picture) noexcept {
    return static_cast<std::uint64_t>(picture.height_px) * picture.stride_bytes;
}

inline bool is_whole(const Picture& picture) noexcept {
    const std::uint64_t row = static_cast<std::uint64_t>(picture.width_px) * pixel_bytes(picture.pixels);
    return row > 0 && picture.height_px > 0 && picture.stride_bytes >= row;
}

inline bool is_whole(const Rows<Bone>& bones, const Rows<Curve>& curves) noexcept {
    for (std::size_t at = 0; at < bones.count; ++at) {
        const Bone& bone = bones.first[at];
        if (!is_utf8(bone.name, length_of(bone.name)) || bone.parent < -1 ||
            (bone.parent >= 0 && static_cast<std::size_t>(bone.parent) >= at)) {
            return false;
        }
    }
    for (std::size_t at = 0; at < curves.count; ++at) {
        if (!is_utf8(curves.first[at].name, length_of(curves.first[at].name))) {
            return false;
        }
    }
    return true;
}

inline bool is_known(std::uint16_t type) noexcept {
    return type >= 1 && type <= @LAST_TYPE@;
}

inline bool needs_unreals_frame(std::uint16_t type) noexcept {
    switch (static_cast<Type>(type)) {
@IN_FRAME@\
            return true;
        default:
            return false;
    }
}

/// Fills `out` from the second and third part of a message; the topic is for subscriptions only. The payload lies at a
/// multiple of 8 in memory. A picture's fourth part is to be `pixels_length` long, any other message has none.
inline Outcome decode(
    const void* header, std::size_t header_bytes, const void* payload, std::size_t payload_bytes, Message& out
) noexcept {
    out = Message{};
    if (header_bytes < LEAST_HEADER_BYTES) {
        return Outcome::refused_length;
    }
    copy_fitted(out.header, header, header_bytes);
    if (std::memcmp(out.header.magic, MAGIC, sizeof(MAGIC)) != 0) {
        return Outcome::refused_magic;
    }
    if (out.header.major != MAJOR_VERSION) {
        return Outcome::refused_version;
    }
    if (out.header.header_bytes != header_bytes || out.header.payload_bytes != payload_bytes) {
        return Outcome::refused_length;
    }
    if (needs_unreals_frame(out.header.type) && !has(out.header, Flag::coordinates_unreal_cm)) {
        return Outcome::refused_frame;
    }
    if (!is_utf8(out.header.name, name_length(out.header))) {
        return Outcome::refused_field;
    }
    if (is_known(out.header.type) && has(out.header, Flag::timecode_valid) && !timecode_exists(out.header)) {
        return Outcome::refused_field;
    }
    const char* rows = static_cast<const char*>(payload);
    std::size_t left = payload_bytes;
    switch (static_cast<Type>(out.header.type)) {
@BRANCHES@\
    }
    return Outcome::unknown_type;
}

} // namespace cyclorama::wire
"""


def header_text() -> str:
    """The whole file. ValueError where a field would not lie where the bytes lie."""
    structs = [_struct("Header", HEADER), *(_struct(kind.capitalize(), fields) for kind, fields in PAYLOADS.items())]
    arrays = {rows.struct: rows for kind in ARRAYS.values() for rows in kind}
    structs += [_struct(rows.struct, rows.fields, whole=4) for rows in arrays.values()]
    return "\n".join((_TOP, _constants(), *structs, _rules()))


def _constants() -> str:
    letters = ", ".join(f"'{chr(byte)}'" for byte in MAGIC)
    flags = "".join(f"    {name} = {bit},\n" for name, bit in FLAGS.items())
    types = "".join(f"    {name} = {number},\n" for name, number in TYPES.items())
    pixels = "".join(f"    {name} = {number},\n" for name, (number, _) in PIXELS.items())
    return (
        f"inline constexpr char MAGIC[{len(MAGIC)}] = {{{letters}}};\n"
        f"inline constexpr std::uint8_t MAJOR_VERSION = {MAJOR};\n"
        f"inline constexpr std::uint8_t MINOR_VERSION = {MINOR};\n"
        "/// The header of 1.0: none is shorter, a later minor version's may be longer.\n"
        f"inline constexpr std::size_t LEAST_HEADER_BYTES = {LEAST_HEADER_BYTES};\n"
        "/// crc32 of this reader's table; a sender with another one has appended fields.\n"
        f"inline constexpr std::uint32_t SCHEMA_HASH = 0x{SCHEMA_HASH:08X}U;\n\n"
        f"/// Bits of `Header::flags`.\nenum class Flag : std::uint16_t {{\n{flags}}};\n\n"
        f"/// `Header::type`.\nenum class Type : std::uint16_t {{\n{types}}};\n\n"
        f"/// `Picture::pixels`.\nenum class Pixels : std::uint16_t {{\n{pixels}}};\n"
    )


def _struct(name: str, fields: tuple[Field, ...], whole: int = 8) -> str:
    at = 0
    members: list[str] = []
    checks: list[str] = []
    for field in fields:
        kind, size = _KINDS[field.kind]
        if at % size:
            raise ValueError(
                f"{name}.{field.name} would lie at byte {at}, not a multiple of {size}: put a spare before it"
            )
        array = f"[{field.count}]" if field.count > 1 else ""
        members.append(f"    {kind} {field.name}{array}{{}};" + (f" ///< {field.meaning}" if field.meaning else ""))
        checks.append(f'static_assert(offsetof({name}, {field.name}) == {at}, "{name}.{field.name}");')
        at += size * field.count
    if at % whole:
        raise ValueError(f"{name} is {at} bytes, not a multiple of {whole}: put a spare at its end")
    checks.append(f'static_assert(sizeof({name}) == {at}, "{name}");')
    return f"struct {name} {{\n" + "\n".join(members) + "\n};\n" + "\n".join(checks) + "\n"


def _rules() -> str:
    cases = "".join(f"    {kind},\n" for kind in TYPES)
    descriptions = "".join(f'        case Outcome::{kind}: return "{kind}";\n' for kind in TYPES)
    members = "".join(f"    {kind.capitalize()} {kind}{{}};\n" for kind in TYPES)
    places = {
        "CASES": cases,
        "DESCRIPTIONS": descriptions,
        "PAYLOAD_MEMBERS": members,
        "ROW_MEMBERS": "".join(
            f"    Rows<{rows.struct}> {kind}_{rows.name}{{}};\n" for kind, arrays in ARRAYS.items() for rows in arrays
        ),
        "PIXEL_BYTES": "".join(f"        case Pixels::{name}: return {size};\n" for name, (_, size) in PIXELS.items()),
        "IN_FRAME": "".join(f"        case Type::{kind}:\n" for kind in IN_UNREALS_FRAME),
        "LAST_TYPE": str(max(TYPES.values())),
        "BRANCHES": "".join(_branch(kind, ARRAYS.get(kind, ())) for kind in TYPES),
        "MAGIC_TEXT": MAGIC.decode(),
        "THIS_VERSION": f"{MAJOR}.{MINOR}",
    }
    text = _RULES
    for place, filling in places.items():
        text = text.replace(f"@{place}@", filling)
    return text


_WHOLE = {
    "skeleton": "is_whole(out.skeleton_bones, out.skeleton_curves)",
    "picture": "is_whole(out.picture)",
}
"""What must hold of a type's fields beside their lengths."""


def _branch(kind: str, arrays: tuple[Rows, ...]) -> str:
    lines = [f"        case Type::{kind}:", f"            copy_fitted(out.{kind}, payload, payload_bytes);"]
    if arrays:
        lines += [
            f"            if (payload_bytes < sizeof({kind.capitalize()})) {{",
            "                return Outcome::refused_length;",
            "            }",
            f"            rows += sizeof({kind.capitalize()});",
            f"            left -= sizeof({kind.capitalize()});",
        ]
        counted = enumerate(arrays)
        taken = [f"take_rows(out.{kind}_{rows.name}, out.header.count_{at}, rows, left)" for at, rows in counted]
        lines += [f"            if (!({' && '.join(taken)})) {{"]
        lines += ["                return Outcome::refused_length;", "            }"]
    if kind in _WHOLE:
        lines += [
            f"            if (!{_WHOLE[kind]}) {{",
            "                return Outcome::refused_field;",
            "            }",
        ]
    return "\n".join([*lines, f"            return Outcome::{kind};", ""])
