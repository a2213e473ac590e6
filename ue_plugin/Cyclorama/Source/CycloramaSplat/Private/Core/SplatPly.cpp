#include "SplatPly.h"

#include "SplatPlan.h"

#include <cmath>
#include <cstring>
#include <initializer_list>

namespace cyclorama::splat {

namespace {

constexpr std::size_t LONGEST_HEADER = 65536;
constexpr std::size_t LONGEST_RECORD = 4096; ///< floats
constexpr std::size_t X = 0, DC = 3, REST = 6, OPACITY = 51, SCALE = 52, ROTATION = 55; ///< of Header::columns

/// A piece of the header. No copy, no end of its own.
struct Word {
    const char* first{};
    std::size_t length{};

    bool is(const char* text) const noexcept {
        return std::strlen(text) == length && std::memcmp(first, text, length) == 0;
    }
    bool begins(const char* text) const noexcept {
        const std::size_t count = std::strlen(text);
        return length >= count && std::memcmp(first, text, count) == 0;
    }
    Word after(std::size_t count) const noexcept { return Word{first + count, length - count}; }
};

/// The next word of a line, which gets shorter by it; empty at its end.
Word next_word(Word& line) noexcept {
    std::size_t at = 0;
    while (at < line.length && (line.first[at] == ' ' || line.first[at] == '\t' || line.first[at] == '\r')) {
        ++at;
    }
    line = line.after(at);
    at = 0;
    while (at < line.length && line.first[at] != ' ' && line.first[at] != '\t' && line.first[at] != '\r') {
        ++at;
    }
    const Word word{line.first, at};
    line = line.after(at);
    return word;
}

bool whole_number(Word word, std::uint64_t& number) noexcept {
    if (word.length == 0 || word.length > 12) {
        return false;
    }
    number = 0;
    for (std::size_t at = 0; at < word.length; ++at) {
        if (word.first[at] < '0' || word.first[at] > '9') {
            return false;
        }
        number = number * 10 + static_cast<std::uint64_t>(word.first[at] - '0');
    }
    return true;
}

/// Above zero, as Python writes it, whatever the machine's language takes for a decimal point.
bool positive(Word word, double& number) noexcept {
    double value = 0.0;
    int exponent = 0;
    std::size_t at = 0, digits = 0;
    bool point = false;
    for (; at < word.length; ++at) {
        const char one = word.first[at];
        if (one == '.' && !point) {
            point = true;
        } else if (one >= '0' && one <= '9') {
            value = value * 10.0 + (one - '0');
            exponent -= point ? 1 : 0;
            ++digits;
        } else {
            break;
        }
    }
    if (at < word.length && (word.first[at] == 'e' || word.first[at] == 'E')) {
        Word rest = word.after(at + 1);
        const bool negative = rest.begins("-");
        if (negative || rest.begins("+")) {
            rest = rest.after(1);
        }
        std::uint64_t power = 0;
        if (rest.length > 3 || !whole_number(rest, power)) {
            return false;
        }
        exponent += negative ? -static_cast<int>(power) : static_cast<int>(power);
        at = word.length;
    }
    number = value * std::pow(10.0, exponent);
    return at == word.length && digits > 0 && digits < 40 && number > 0.0 && number < 1e30 && number > 1e-30;
}

/// Three letters, one along each of the room's three directions.
bool axes_of(Word word, Frame& frame) noexcept {
    if (word.length != 3) {
        return false;
    }
    unsigned directions = 0;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        switch (word.first[axis]) {
            case 'R': case 'L': directions |= 1; break;
            case 'F': case 'B': directions |= 2; break;
            case 'U': case 'D': directions |= 4; break;
            default: return false;
        }
        frame.axes[axis] = word.first[axis];
    }
    return directions == 7;
}

/// `comment cyclorama frame=opencv axes=RDF metres_per_unit=1.0 ... white_unit=0.55 ...`
bool read_comment(Word line, Header& header) noexcept {
    bool axes = false;
    for (Word word = next_word(line); word.length > 0; word = next_word(line)) {
        double white = 1.0;
        if (word.begins("axes=")) {
            axes = axes_of(word.after(5), header.frame);
            if (!axes) {
                return false;
            }
        } else if (word.begins("metres_per_unit=")) {
            if (!positive(word.after(16), header.frame.metres_per_unit)) {
                return false;
            }
        } else if (word.begins("white_unit=")) {
            if (!positive(word.after(11), white)) {
                return false;
            }
            header.white = static_cast<float>(white);
        }
    }
    return axes;
}

/// NAME_0 to NAME_(most - 1), without zeros in front.
std::size_t numbered(Word word, const char* name, std::size_t most) noexcept {
    std::uint64_t number = 0;
    if (!word.begins(name)) {
        return most;
    }
    const Word digits = word.after(std::strlen(name));
    if (!whole_number(digits, number) || number >= most || (digits.length > 1 && digits.first[0] == '0')) {
        return most;
    }
    return static_cast<std::size_t>(number);
}

std::size_t column_of(Word name) noexcept {
    if (name.length == 1 && name.first[0] >= 'x' && name.first[0] <= 'z') {
        return X + static_cast<std::size_t>(name.first[0] - 'x');
    }
    if (name.is("opacity")) {
        return OPACITY;
    }
    struct Row { const char* name; std::size_t first, count; };
    for (const Row row : {Row{"f_dc_", DC, 3}, Row{"f_rest_", REST, 45}, Row{"scale_", SCALE, 3}, Row{"rot_", ROTATION, 4}}) {
        const std::size_t number = numbered(name, row.name, row.count);
        if (number < row.count) {
            return row.first + number;
        }
    }
    return Header::COLUMNS;
}

/// What a header is read with.
struct Reading {
    std::size_t elements{};
    std::size_t floats{};
    bool format{};
    std::uint64_t splats{};
};

Fault read_property(Word line, Reading& reading, Header& header) noexcept {
    if (reading.elements == 0) {
        return Fault::bad_line;
    }
    if (reading.elements > 1) {
        return Fault::none; // of what comes after the splats
    }
    const Word kind = next_word(line), name = next_word(line);
    if (!kind.is("float") && !kind.is("float32")) {
        return Fault::not_floats;
    }
    if (name.length == 0 || next_word(line).length > 0 || reading.floats == LONGEST_RECORD) {
        return Fault::bad_line;
    }
    const std::size_t column = column_of(name);
    if (column < Header::COLUMNS) {
        if (header.columns[column] != Header::NONE) {
            return Fault::twice;
        }
        header.columns[column] = static_cast<std::uint16_t>(reading.floats);
    }
    ++reading.floats;
    return Fault::none;
}

Fault read_line(Word line, Reading& reading, Header& header) noexcept {
    const Word what = next_word(line);
    if (what.is("format")) {
        reading.format = next_word(line).is("binary_little_endian");
        return reading.format ? Fault::none : Fault::not_binary;
    }
    if (what.is("element")) {
        const Word name = next_word(line), count = next_word(line);
        std::uint64_t number = 0;
        if (!whole_number(count, number) || next_word(line).length > 0) {
            return Fault::bad_line;
        }
        if (reading.elements == 0) {
            reading.splats = number;
        }
        return ++reading.elements > 1 || name.is("vertex") ? Fault::none : Fault::not_vertices;
    }
    if (what.is("property")) {
        return read_property(line, reading, header);
    }
    Word rest = line;
    if (what.is("comment") && next_word(rest).is("cyclorama")) {
        return read_comment(rest, header) ? Fault::none : Fault::bad_comment;
    }
    return Fault::none;
}

/// Whether all that a splat needs is there, and as many coefficients as make whole degrees.
Fault check_columns(Header& header) noexcept {
    std::uint32_t rest = 0;
    for (std::size_t column = 0; column < Header::COLUMNS; ++column) {
        const bool there = header.columns[column] != Header::NONE;
        if (column >= REST && column < OPACITY) {
            if (there && rest != column - REST) {
                return Fault::bad_harmonics; // a gap before it
            }
            rest += there ? 1 : 0;
        } else if (!there) {
            return Fault::missing;
        }
    }
    header.coefficients = rest == 0 ? 1 : rest == 9 ? 4 : rest == 24 ? 9 : rest == 45 ? 16 : 0;
    return header.coefficients == 0 ? Fault::bad_harmonics : Fault::none;
}

float value(const unsigned char* record, std::uint16_t column) noexcept {
    float number = 0.0F;
    std::memcpy(&number, record + 4 * static_cast<std::size_t>(column), sizeof(number));
    return number;
}

/// The channel-major place of coefficient `which` (from 1 on) among f_rest.
std::uint16_t rest_column(const Header& header, std::uint32_t channel, std::uint32_t which) noexcept {
    return header.columns[REST + channel * (header.coefficients - 1) + which - 1];
}

Fault unpack_one(const Header& header, const unsigned char* record, Splat& splat) noexcept {
    const std::uint16_t* column = header.columns;
    double length = 0.0;
    for (std::size_t part = 0; part < 4; ++part) {
        const double turn = static_cast<double>(value(record, column[ROTATION + part]));
        length += turn * turn;
    }
    length = std::sqrt(length);
    if (!(length > 1e-12) || !std::isfinite(length)) {
        return Fault::bad_rotation;
    }
    for (std::size_t part = 0; part < 4; ++part) {
        splat.rotation_wxyz[part] = static_cast<float>(static_cast<double>(value(record, column[ROTATION + part])) / length);
    }
    for (std::size_t axis = 0; axis < 3; ++axis) {
        splat.mean[axis] = value(record, column[X + axis]);
        if (!std::isfinite(splat.mean[axis])) {
            return Fault::bad_position;
        }
        splat.scale[axis] = static_cast<float>(std::exp(static_cast<double>(value(record, column[SCALE + axis]))));
        if (!(splat.scale[axis] > 0.0F) || !std::isfinite(splat.scale[axis])) {
            return Fault::bad_size;
        }
    }
    splat.opacity = static_cast<float>(1.0 / (1.0 + std::exp(-static_cast<double>(value(record, column[OPACITY])))));
    splat.spare = 0.0F;
    return splat.opacity >= 0.0F && splat.opacity <= 1.0F ? Fault::none : Fault::bad_opacity;
}

} // namespace

const char* words(Fault fault) noexcept {
    switch (fault) {
        case Fault::none: return "nothing is wrong";
        case Fault::not_ply: return "it does not begin with 'ply'";
        case Fault::no_end: return "there is no 'end_header' within its first 65536 bytes";
        case Fault::not_binary: return "its format is not binary_little_endian: save it as binary in the program it came from";
        case Fault::bad_line: return "a line of its header is not as PLY has it";
        case Fault::not_vertices: return "its first element is not 'vertex'";
        case Fault::not_floats: return "a property of its splats is not a float";
        case Fault::twice: return "a property is there twice";
        case Fault::missing: return "properties of splats are missing: a point cloud?";
        case Fault::bad_harmonics: return "it has neither 0, 9, 24 nor 45 properties f_rest";
        case Fault::bad_comment: return "Cyclorama's comment makes no sense: axes, metres_per_unit or white_unit";
        case Fault::no_splats: return "there is no splat in it";
        case Fault::too_many: return "there are more splats in it than can be drawn";
        case Fault::cut_short: return "it is cut short: there are fewer splats in it than it promises";
        case Fault::bad_position: return "a position is not a finite number";
        case Fault::bad_rotation: return "a rotation has no direction";
        case Fault::bad_size: return "a size is not above zero and finite";
        case Fault::bad_opacity: return "an opacity is not a number";
        case Fault::bad_colour: return "a colour is not a finite number";
    }
    return "unknown";
}

Fault read_header(const unsigned char* bytes, std::size_t count, Header& header) noexcept {
    header = Header{};
    for (std::uint16_t& column : header.columns) {
        column = Header::NONE;
    }
    const char* text = reinterpret_cast<const char*>(bytes);
    const std::size_t most = count < LONGEST_HEADER ? count : LONGEST_HEADER;
    if (count < 4 || std::memcmp(text, "ply", 3) != 0 || (text[3] != '\n' && text[3] != '\r')) {
        return Fault::not_ply;
    }
    Reading reading;
    std::size_t at = 4;
    while (at < most) {
        const void* end = std::memchr(text + at, '\n', most - at);
        if (end == nullptr) {
            return Fault::no_end;
        }
        const Word line{text + at, static_cast<std::size_t>(static_cast<const char*>(end) - text) - at};
        at += line.length + 1;
        Word rest = line;
        if (next_word(rest).is("end_header")) {
            header.begins = at;
            break;
        }
        const Fault fault = read_line(line, reading, header);
        if (fault != Fault::none) {
            return fault;
        }
    }
    if (header.begins == 0) {
        return Fault::no_end;
    }
    if (!reading.format) {
        return Fault::not_binary;
    }
    if (reading.elements == 0) {
        return Fault::not_vertices;
    }
    const Fault fault = check_columns(header);
    if (fault != Fault::none) {
        return fault;
    }
    if (reading.splats == 0 || reading.splats > MOST_SPLATS) {
        return reading.splats == 0 ? Fault::no_splats : Fault::too_many;
    }
    header.splats = static_cast<std::uint32_t>(reading.splats);
    header.stride_bytes = 4 * reading.floats;
    return (count - header.begins) / header.stride_bytes < header.splats ? Fault::cut_short : Fault::none;
}

std::uint32_t coefficients_used(const Header& header, const unsigned char* bytes, std::uint32_t most) noexcept {
    std::uint32_t used = 1;
    const std::uint32_t limit = header.coefficients < most ? header.coefficients : most;
    for (std::uint32_t splat = 0; splat < header.splats && used < limit; ++splat) {
        const unsigned char* record = bytes + header.begins + splat * header.stride_bytes;
        for (std::uint32_t which = used; which < limit; ++which) {
            for (std::uint32_t channel = 0; channel < 3; ++channel) {
                if (value(record, rest_column(header, channel, which)) != 0.0F) {
                    used = which < 4 ? 4 : which < 9 ? 9 : 16;
                }
            }
        }
    }
    return used < limit ? used : limit;
}

Unpacked unpack(
    const Header& header, const unsigned char* bytes, std::uint32_t coefficients, Splat* splats, float* harmonics
) noexcept {
    for (std::uint32_t splat = 0; splat < header.splats; ++splat) {
        const unsigned char* record = bytes + header.begins + splat * header.stride_bytes;
        const Fault fault = unpack_one(header, record, splats[splat]);
        if (fault != Fault::none) {
            return Unpacked{fault, splat};
        }
        float* colour = harmonics + static_cast<std::size_t>(splat) * coefficients * 3;
        for (std::uint32_t which = 0; which < coefficients; ++which) {
            for (std::uint32_t channel = 0; channel < 3; ++channel) {
                *colour = value(record, which == 0 ? header.columns[DC + channel] : rest_column(header, channel, which));
                if (!std::isfinite(*colour++)) {
                    return Unpacked{Fault::bad_colour, splat};
                }
            }
        }
    }
    return Unpacked{};
}

} // namespace cyclorama::splat
