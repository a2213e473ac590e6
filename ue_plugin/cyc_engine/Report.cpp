#include "Report.h"

#include <cinttypes>
#include <cstdio>
#include <cstring>

namespace cyclorama {

namespace {

const char* word(Connection::State state) noexcept {
    switch (state) {
        case Connection::State::resting: return "resting";
        case Connection::State::dialling: return "dialling";
        case Connection::State::greeting: return "greeting";
        case Connection::State::open: return "open";
    }
    return "";
}

const char* kind(std::uint16_t type) noexcept {
    return wire::is_known(type) ? wire::describe(static_cast<wire::Outcome>(type - 1)) : "unknown";
}

/// A name as JSON has it; names are UTF-8, for others were refused.
void print_name(const char (&name)[sizeof(wire::Header::name)]) noexcept {
    std::putchar('"');
    for (std::size_t at = 0; at < wire::length_of(name); ++at) {
        const unsigned char letter = static_cast<unsigned char>(name[at]);
        if (letter < 0x20 || letter == '"' || letter == '\\') {
            std::printf("\\u%04x", static_cast<unsigned>(letter));
        } else {
            std::putchar(letter);
        }
    }
    std::putchar('"');
}

void print_hop(const char* hop, const Times& times) noexcept {
    const Times::Said said = times.said();
    std::printf(
        ",\"%s\":[%" PRId64 ",%" PRId64 ",%" PRId64 ",%zu]", hop, said.p50_ns, said.p99_ns, said.most_ns, said.count
    );
}

void print_subject(const Tally& tally, Listening& listening) noexcept {
    std::printf("{\"kind\":\"%s\",\"name\":", kind(tally.type));
    print_name(tally.name);
    std::printf(
        ",\"received\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"restarts\":%" PRIu64 ",\"longest_gap_ns\":%" PRId64,
        tally.received,
        tally.lost,
        tally.restarts,
        tally.longest_gap_ns
    );
    for (std::size_t at = 0; at < listening.count(); ++at) {
        Hops& hops = listening.hops(at);
        if (hops.type == tally.type && std::memcmp(hops.name, tally.name, sizeof(hops.name)) == 0) {
            std::printf(",\"measured\":%" PRIu64 ",\"gap_ns\":%" PRId64, hops.measured, hops.gap_ns);
            print_hop("in_bridge_ns", hops.in_bridge);
            print_hop("on_wire_ns", hops.on_wire);
            print_hop("whole_ns", hops.whole);
            hops.in_bridge.clear();
            hops.on_wire.clear();
            hops.whole.clear();
            hops.gap_ns = 0;
        }
    }
    std::putchar('}');
}

template <typename Number, std::size_t Count>
void print_numbers(const char* name, const Number (&numbers)[Count]) noexcept {
    std::printf(",\"%s\":[", name);
    for (std::size_t at = 0; at < Count; ++at) {
        std::printf("%s%.17g", at == 0 ? "" : ",", static_cast<double>(numbers[at]));
    }
    std::putchar(']');
}

/// As zlib has it (RFC 1950).
std::uint32_t adler32(const unsigned char* bytes, std::uint64_t count) noexcept {
    constexpr std::uint32_t MODULUS = 65521;
    constexpr std::uint64_t SAFELY = 5552; // bytes that no sum runs over in
    std::uint32_t low = 1;
    std::uint32_t high = 0;
    while (count > 0) {
        const std::uint64_t here = count < SAFELY ? count : SAFELY;
        for (std::uint64_t at = 0; at < here; ++at) {
            low += bytes[at];
            high += low;
        }
        low %= MODULUS;
        high %= MODULUS;
        bytes += here;
        count -= here;
    }
    return high << 16 | low;
}

} // namespace

void print_report(
    std::int64_t now_ns, const Connection& connection, const Router& router, Listening& listening
) noexcept {
    std::printf(
        "{\"t_ns\":%" PRId64 ",\"state\":\"%s\",\"connects\":%" PRIu32 ",\"fault\":\"%s\",\"silent\":%s",
        now_ns,
        word(connection.state()),
        connection.connects(),
        zmtp::describe(connection.last_fault()),
        connection.fell_silent() ? "true" : "false"
    );
    std::printf(",\"offset_ns\":%" PRId64 ",\"boots\":%" PRIu32, router.clock().offset_ns(now_ns), router.boots());
    std::printf(
        ",\"malformed\":%" PRIu64 ",\"uncounted\":%" PRIu64 ",\"unwanted\":%" PRIu64 ",\"allocations\":%" PRIu64
        ",\"heartbeats\":%" PRIu64 ",\"unknown\":%" PRIu64,
        router.malformed(),
        router.uncounted(),
        router.unwanted(),
        listening.allocations(),
        router.count(wire::Outcome::heartbeat),
        router.count(wire::Outcome::unknown_type)
    );
    std::printf(
        ",\"refused\":{\"length\":%" PRIu64 ",\"magic\":%" PRIu64 ",\"version\":%" PRIu64 ",\"frame\":%" PRIu64
        ",\"field\":%" PRIu64 "},\"subjects\":[",
        router.count(wire::Outcome::refused_length),
        router.count(wire::Outcome::refused_magic),
        router.count(wire::Outcome::refused_version),
        router.count(wire::Outcome::refused_frame),
        router.count(wire::Outcome::refused_field)
    );
    for (std::size_t at = 0; at < router.tally_count(); ++at) {
        if (at > 0) {
            std::putchar(',');
        }
        print_subject(router.tally(at), listening);
    }
    std::printf("]}\n");
    std::fflush(stdout);
}

void print_frame(const wire::Message& message, const Way& way, bool measured, const unsigned char* pixels) noexcept {
    const wire::Header& header = message.header;
    std::printf("{\"frame\":\"%s\",\"name\":", kind(header.type));
    print_name(header.name);
    std::printf(
        ",\"sequence\":%" PRIu64 ",\"t_ns\":%" PRId64 ",\"rows\":[%u,%u]",
        header.sequence,
        header.t_ns,
        static_cast<unsigned>(header.count_0),
        static_cast<unsigned>(header.count_1)
    );
    std::printf(
        ",\"received_ns\":%" PRId64 ",\"sent_ns\":%" PRId64 ",\"arrived_ns\":%" PRId64 ",\"measured\":%s",
        way.received_ns,
        way.sent_ns,
        way.arrived_ns,
        measured ? "true" : "false"
    );
    if (header.type == static_cast<std::uint16_t>(wire::Type::camera)) {
        print_numbers("position_cm", message.camera.position_cm);
        print_numbers("rotation_xyzw", message.camera.rotation_xyzw);
        std::printf(",\"focal_length_mm\":%.9g", static_cast<double>(message.camera.focal_length_mm));
        const double encoders[3] = {message.camera.zoom_raw, message.camera.focus_raw, message.camera.iris_raw};
        print_numbers("encoders_raw", encoders);
    } else if (header.type == static_cast<std::uint16_t>(wire::Type::picture)) {
        const wire::Picture& picture = message.picture;
        std::printf(
            ",\"frame_id\":%" PRIu64 ",\"size_px\":[%" PRIu32 ",%" PRIu32 "],\"pixels\":%u",
            picture.frame_id,
            picture.width_px,
            picture.height_px,
            static_cast<unsigned>(picture.pixels)
        );
        if (pixels != nullptr) {
            std::printf(",\"adler32\":%" PRIu32, adler32(pixels, wire::pixels_length(picture)));
        }
    }
    std::printf("}\n");
}

} // namespace cyclorama
