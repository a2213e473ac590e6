// Where the bridge is, as people write it: HOST, HOST:PORT, IPv6 bare or in brackets, with or without tcp:// before it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cyclorama {

struct Place {
    static constexpr std::size_t MOST_HOST_BYTES = 253; ///< of a name in the domain name system

    char host[MOST_HOST_BYTES + 1]{}; ///< without brackets
    std::uint16_t port{};

    bool is_ipv6() const noexcept;
};

/// Why a text is no place.
enum class Misplaced : std::uint8_t { none, no_host, bad_port, bad_host, bad_ipv6, long_host, other_transport };

/// One sentence that says what would be right.
const char* describe(Misplaced fault) noexcept;

/// What the text does not say stays as it is in `place`: give the defaults there. On a fault `place` is unchanged.
Misplaced read_place(const char* text, Place& place) noexcept;

/// As HOST:PORT, IPv6 in brackets; cut off where there is no room.
void write_place(const Place& place, char* into, std::size_t room) noexcept;

} // namespace cyclorama
