// Splats from a PLY file as Cyclorama's library and INRIA's trainer write it: binary, floats, any order of properties.
// Nothing here allocates or believes a number before it is checked; the caller gives the memory.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cyclorama::splat {

/// One splat as SplatFootprint.ush has it, in the file's own frame and unit.
struct Splat {
    float mean[3];
    float opacity; ///< 0..1
    float rotation_wxyz[4]; ///< unit
    float scale[3];
    float spare;
};
static_assert(sizeof(Splat) == 48, "FCycSplat of SplatFootprint.ush");

enum class Fault : std::uint8_t {
    none,
    not_ply,
    no_end,
    not_binary,
    bad_line,
    not_vertices,
    not_floats,
    twice,
    missing,
    bad_harmonics,
    bad_comment,
    no_splats,
    too_many,
    cut_short,
    bad_position,
    bad_rotation,
    bad_size,
    bad_opacity,
    bad_colour,
};

/// For people.
const char* words(Fault fault) noexcept;

/// Where a file's axes point, as Cyclorama's comment says it: R L F B U D for +X, +Y, +Z.
struct Frame {
    char axes[3]{'R', 'D', 'F'};
    double metres_per_unit{1.0};
};

struct Header {
    static constexpr std::size_t COLUMNS = 59; ///< what is read of a splat: position, colours, opacity, sizes, rotation
    static constexpr std::uint16_t NONE = 0xffff;

    std::uint32_t splats{};
    std::uint32_t coefficients{}; ///< of spherical harmonics in the file: 1, 4, 9, 16
    std::size_t begins{}; ///< where the splats begin, bytes
    std::size_t stride_bytes{};
    std::uint16_t columns[COLUMNS]{}; ///< which float of a record each is
    Frame frame{};
    float white{1.0F}; ///< scene-linear light of an encoded 1
};

/// The header, believed as far as `count` bytes go: all splats it promises are there.
Fault read_header(const unsigned char* bytes, std::size_t count, Header& header) noexcept;

/// How many coefficients a file really uses: INRIA's layout fills up with zeros. At most `most` (1, 4, 9, 16).
std::uint32_t coefficients_used(const Header& header, const unsigned char* bytes, std::uint32_t most) noexcept;

struct Unpacked {
    Fault fault{Fault::none};
    std::uint32_t splat{}; ///< the first that is wrong
};

/// All of them: `splats` has room for header.splats, `harmonics` for 3 * coefficients times as many floats, laid out
/// [splat][coefficient][channel]. `coefficients` is at most the file's.
Unpacked unpack(
    const Header& header, const unsigned char* bytes, std::uint32_t coefficients, Splat* splats, float* harmonics
) noexcept;

} // namespace cyclorama::splat
