#include "Place.h"

#include <cstdio>
#include <cstring>

namespace cyclorama {

namespace {

/// A piece of a text.
struct Piece {
    const char* first{};
    std::size_t count{};
    const char* find(char one) const noexcept { return static_cast<const char*>(std::memchr(first, one, count)); }
    const char* end() const noexcept { return first + count; }
};

bool is_space(char one) noexcept {
    return one == ' ' || one == '\t' || one == '\r' || one == '\n';
}

bool is_digit(char one) noexcept {
    return one >= '0' && one <= '9';
}

bool is_hex(char one) noexcept {
    return is_digit(one) || (one >= 'a' && one <= 'f') || (one >= 'A' && one <= 'F');
}

Piece trimmed(const char* text) noexcept {
    while (is_space(*text)) {
        ++text;
    }
    std::size_t count = std::strlen(text);
    while (count > 0 && is_space(text[count - 1])) {
        --count;
    }
    return Piece{text, count};
}

/// Letters beyond ASCII are left to whoever looks the name up.
bool is_host(const Piece& host) noexcept {
    for (const char* at = host.first; at != host.end(); ++at) {
        const unsigned char one = static_cast<unsigned char>(*at);
        if (one <= ' ' || one == 0x7F || std::strchr("/\\[]:@,;?#%\"'<>|", *at) != nullptr) {
            return false;
        }
    }
    return host.count > 0;
}

bool is_number(const Piece& text) noexcept {
    std::size_t digits = 0;
    while (digits < text.count && is_digit(text.first[digits])) {
        ++digits;
    }
    return digits == text.count;
}

/// Whether it looks like one: the system says whether it is. A zone may follow, as in fe80::1%eth0.
bool is_ipv6_text(const Piece& host) noexcept {
    const char* zone = host.find('%');
    const char* end = zone != nullptr ? zone : host.end();
    int colons = 0;
    for (const char* at = host.first; at != end; ++at) {
        if (!is_hex(*at) && *at != ':' && *at != '.') {
            return false;
        }
        colons += *at == ':' ? 1 : 0;
    }
    const Piece after{end + 1, zone != nullptr ? static_cast<std::size_t>(host.end() - end) - 1 : 0};
    return colons >= 2 && colons <= 8 && (zone == nullptr || is_host(after));
}

bool read_port(const Piece& text, std::uint16_t& port) noexcept {
    std::uint32_t value = 0;
    for (const char* at = text.first; at != text.end(); ++at) {
        if (!is_digit(*at) || text.count > 5) {
            return false;
        }
        value = value * 10 + static_cast<std::uint32_t>(*at - '0');
    }
    if (value == 0 || value > 65535) {
        return false;
    }
    port = static_cast<std::uint16_t>(value);
    return true;
}

/// Host and port apart; a port without first byte: none was said.
Misplaced split(const Piece& text, Piece& host, Piece& port) noexcept {
    if (text.count > 0 && *text.first == '[') {
        const char* close = text.find(']');
        if (close == nullptr || (close + 1 != text.end() && close[1] != ':')) {
            return Misplaced::bad_ipv6;
        }
        host = Piece{text.first + 1, static_cast<std::size_t>(close - text.first) - 1};
        if (close + 1 != text.end()) {
            port = Piece{close + 2, static_cast<std::size_t>(text.end() - close) - 2};
        }
        return is_ipv6_text(host) ? Misplaced::none : Misplaced::bad_ipv6;
    }
    const char* colon = text.find(':');
    const bool several = colon != nullptr && std::memchr(colon + 1, ':', static_cast<std::size_t>(text.end() - colon) - 1) != nullptr;
    if (several) {
        host = text; // IPv6 without brackets: where its port would begin cannot be told, so it has none
        return is_ipv6_text(host) ? Misplaced::none : Misplaced::bad_ipv6;
    }
    host = Piece{text.first, colon != nullptr ? static_cast<std::size_t>(colon - text.first) : text.count};
    if (colon != nullptr) {
        port = Piece{colon + 1, static_cast<std::size_t>(text.end() - colon) - 1};
    }
    if (host.count == 0 ? colon != nullptr : is_number(host)) {
        return Misplaced::no_host; // a number alone is a port; the system would take it for an address
    }
    return host.count == 0 || is_host(host) ? Misplaced::none : Misplaced::bad_host;
}

} // namespace

bool Place::is_ipv6() const noexcept {
    return std::strchr(host, ':') != nullptr;
}

const char* describe(Misplaced fault) noexcept {
    switch (fault) {
        case Misplaced::none: return "a place";
        case Misplaced::no_host: return "there is no host in it: write HOST:PORT, as in 10.0.0.5:5560";
        case Misplaced::bad_port: return "the port is a number from 1 to 65535, as in 10.0.0.5:5560";
        case Misplaced::bad_host: return "the host is a name or an address without spaces or slashes, as in stage-pc or 10.0.0.5";
        case Misplaced::bad_ipv6: return "not an IPv6 address: with a port write it in brackets, as in [fd00::5]:5560";
        case Misplaced::long_host: return "the host is longer than the 253 bytes a name may have";
        case Misplaced::other_transport: return "the plugin speaks tcp only: write HOST:PORT or tcp://HOST:PORT";
    }
    return "";
}

Misplaced read_place(const char* text, Place& place) noexcept {
    constexpr char TCP[] = "tcp://";
    Piece piece = trimmed(text);
    if (piece.count >= sizeof(TCP) - 1 && std::memcmp(piece.first, TCP, sizeof(TCP) - 1) == 0) {
        piece = Piece{piece.first + sizeof(TCP) - 1, piece.count - (sizeof(TCP) - 1)};
    }
    const char* slashes = std::strstr(piece.first, "://");
    if (slashes != nullptr && slashes < piece.end()) {
        return Misplaced::other_transport;
    }
    Piece host;
    Piece port;
    const Misplaced fault = split(piece, host, port);
    if (fault != Misplaced::none) {
        return fault;
    }
    if (host.count > Place::MOST_HOST_BYTES) {
        return Misplaced::long_host;
    }
    std::uint16_t number = place.port;
    if (port.first != nullptr && !read_port(port, number)) {
        return Misplaced::bad_port;
    }
    place.port = number;
    if (host.count > 0) {
        std::memcpy(place.host, host.first, host.count);
        place.host[host.count] = '\0';
    }
    return Misplaced::none;
}

void write_place(const Place& place, char* into, std::size_t room) noexcept {
    std::snprintf(into, room, place.is_ipv6() ? "[%s]:%u" : "%s:%u", place.host, static_cast<unsigned>(place.port));
}

} // namespace cyclorama
