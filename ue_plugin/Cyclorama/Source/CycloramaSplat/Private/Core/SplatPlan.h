// How many groups, buffers and bits a picture of splats takes, and what is more than that: refused, with words for people.
// The numbers are those of the shaders (Shaders/Public/Core); tests/plugin holds the two against each other.
#pragma once

#include <cstdint>

namespace cyclorama::splat {

inline constexpr std::uint32_t TILE_PX = 16;
inline constexpr std::uint32_t SPLAT_THREADS = 64;
inline constexpr std::uint32_t SORT_THREADS = 256;
inline constexpr std::uint32_t SORT_DIGITS = 16;
inline constexpr std::uint32_t SORT_BITS = 4;
inline constexpr std::uint32_t SCAN_THREADS = 256;
inline constexpr std::uint32_t SCAN_BLOCK = 2048;
inline constexpr std::uint32_t START_THREADS = 256;
inline constexpr std::uint32_t KEY_BITS = 32; ///< of a distance: all of a float

/// Along one dimension of a dispatch, in Direct3D and Vulkan.
inline constexpr std::uint32_t MOST_GROUPS = 65535;
inline constexpr std::uint32_t MOST_SPLATS = MOST_GROUPS * SPLAT_THREADS;
/// Pairs of tile and splat: one thread more than pairs looks for where tiles begin.
inline constexpr std::uint32_t MOST_PAIRS = (MOST_GROUPS - 1) * START_THREADS;
inline constexpr std::uint32_t LEAST_PAIRS = 1U << 18;
/// Elements of one buffer that every Direct3D 12 device can see.
inline constexpr std::uint32_t MOST_ELEMENTS = 1U << 27;
inline constexpr std::uint32_t MOST_SIDE_PX = 16384;

constexpr std::uint32_t groups(std::uint32_t count, std::uint32_t each) noexcept {
    return count / each + (count % each != 0 ? 1 : 0);
}

static_assert(MOST_PAIRS / SORT_THREADS < MOST_GROUPS && MOST_PAIRS / START_THREADS + 1 <= MOST_GROUPS, "a dispatch too wide");
static_assert(groups(SORT_DIGITS * groups(MOST_PAIRS, SORT_THREADS), SCAN_BLOCK) <= SCAN_BLOCK, "a scan too long");
static_assert(groups(MOST_SPLATS, SCAN_BLOCK) <= SCAN_BLOCK, "a scan too long");

enum class Refused : std::uint8_t { no, no_splats, too_many_splats, too_many_colours, no_picture, too_large_picture };

inline const char* words(Refused refused) noexcept {
    switch (refused) {
        case Refused::no: return "nothing is refused";
        case Refused::no_splats: return "there are no splats";
        case Refused::too_many_splats: return "more than 4194240 splats: take a coarser level of the environment";
        case Refused::too_many_colours:
            return "more than 134217728 numbers of colour: lower Harmonics Degree, or take a coarser level of the environment";
        case Refused::no_picture: return "the view has no pixels";
        case Refused::too_large_picture: return "the view has more than 16384 pixels along a side";
    }
    return "unknown";
}

/// Whether so many splats can be drawn at all.
constexpr Refused refused_cloud(std::uint32_t splats, std::uint32_t coefficients) noexcept {
    if (splats == 0 || coefficients == 0) {
        return Refused::no_splats;
    }
    if (splats > MOST_SPLATS) {
        return Refused::too_many_splats;
    }
    return std::uint64_t{3} * coefficients * splats > MOST_ELEMENTS ? Refused::too_many_colours : Refused::no;
}

/// One sort: of so many numbers' room.
struct Sort {
    std::uint32_t room{};
    std::uint32_t blocks{};
    std::uint32_t counts{}; ///< SORT_DIGITS for each block
    std::uint32_t scan_blocks{};
    std::uint32_t passes{};
};

constexpr Sort sort_of(std::uint32_t room, std::uint32_t bits) noexcept {
    const std::uint32_t blocks = groups(room, SORT_THREADS);
    const std::uint32_t counts = SORT_DIGITS * blocks;
    return Sort{room, blocks, counts, groups(counts, SCAN_BLOCK), groups(bits, SORT_BITS)};
}

/// A picture of one cloud.
struct Plan {
    Refused refused{Refused::no};
    std::uint32_t width_px{}, height_px{};
    std::uint32_t across{}, down{}, tiles{};
    std::uint32_t splat_groups{};
    std::uint32_t splat_scan_blocks{};
    std::uint32_t start_groups{};
    Sort by_distance{};
    Sort by_tile{};
};

constexpr Plan plan(std::uint32_t splats, std::uint32_t width_px, std::uint32_t height_px, std::uint32_t room) noexcept {
    Plan made{};
    if (width_px == 0 || height_px == 0 || width_px > MOST_SIDE_PX || height_px > MOST_SIDE_PX) {
        made.refused = width_px == 0 || height_px == 0 ? Refused::no_picture : Refused::too_large_picture;
        return made;
    }
    made.width_px = width_px;
    made.height_px = height_px;
    made.across = groups(width_px, TILE_PX);
    made.down = groups(height_px, TILE_PX);
    made.tiles = made.across * made.down;
    std::uint32_t bits = 1;
    while (bits < KEY_BITS && ((made.tiles - 1) >> bits) != 0) {
        ++bits;
    }
    made.splat_groups = groups(splats, SPLAT_THREADS);
    made.splat_scan_blocks = groups(splats, SCAN_BLOCK);
    made.start_groups = groups(room + 1, START_THREADS);
    made.by_distance = sort_of(splats, KEY_BITS);
    made.by_tile = sort_of(room, bits);
    return made;
}

/// Room for `wanted` pairs: the room there is, while that is enough, else doubled until it is. It never shrinks.
constexpr std::uint32_t grown(std::uint32_t room, std::uint64_t wanted) noexcept {
    std::uint64_t made = room < LEAST_PAIRS ? LEAST_PAIRS : room;
    while (made < wanted && made < MOST_PAIRS) {
        made *= 2;
    }
    return made < MOST_PAIRS ? static_cast<std::uint32_t>(made) : MOST_PAIRS;
}

} // namespace cyclorama::splat
