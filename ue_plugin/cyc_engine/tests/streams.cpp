// Byte streams through the core, good and broken: what came of each, one line a stream. Driven by tests/plugin.
//
// stdin: `whole HEX` a stream as it is, in pieces of every size; `cut HEX` it is cut off at every byte;
// `mutate SEED COUNT HEX` so many streams of it with bytes changed, dropped, doubled. Sanitizers watch.
#include "Connection.h"
#include "Router.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <memory>

namespace {

using namespace cyclorama;

std::int64_t still() noexcept {
    return 1'000'000'000;
}

/// A stream that gives what it has in pieces, then says that it is closed.
class Tape final : public Stream {
public:
    Tape(const unsigned char* bytes, std::size_t count, std::size_t piece) noexcept
        : bytes_(bytes), left_(count), piece_(piece) {}

    Moved read(void* into, std::size_t most) noexcept override {
        std::size_t here = most < piece_ ? most : piece_;
        here = here < left_ ? here : left_;
        std::memcpy(into, bytes_, here);
        bytes_ += here;
        left_ -= here;
        return Moved{here, left_ > 0 || here > 0};
    }
    Moved write(const void*, std::size_t count) noexcept override {
        written += count;
        return Moved{count, true};
    }
    std::size_t written{};

private:
    const unsigned char* bytes_;
    std::size_t left_;
    std::size_t piece_;
};

/// Takes every picture of up to a megabyte, in memory of just its size.
class Sink final : public Listener {
public:
    void on_camera(const wire::Message& message, std::int64_t) noexcept override { add(&message.camera, sizeof(message.camera)); }
    void on_skeleton(const wire::Message& m, std::int64_t) noexcept override {
        add(m.skeleton_bones.first, m.skeleton_bones.count * sizeof(wire::Bone));
        add(m.skeleton_curves.first, m.skeleton_curves.count * sizeof(wire::Curve));
    }
    void on_pose(const wire::Message& m, std::int64_t) noexcept override {
        add(m.pose_bones.first, m.pose_bones.count * sizeof(wire::BonePose));
        add(m.pose_curves.first, m.pose_curves.count * sizeof(wire::Value));
    }
    void on_face(const wire::Message& m, std::int64_t) noexcept override {
        add(m.face_shapes.first, m.face_shapes.count * sizeof(wire::Value));
    }
    void* pixels(const wire::Message& message) noexcept override {
        const std::uint64_t wanted = wire::pixels_length(message.picture);
        if (wanted > (1U << 20)) {
            return nullptr;
        }
        pixels_ = std::make_unique<unsigned char[]>(static_cast<std::size_t>(wanted));
        return pixels_.get();
    }
    void on_picture(const wire::Message& message, std::int64_t) noexcept override {
        add(pixels_.get(), static_cast<std::size_t>(wire::pixels_length(message.picture)));
    }
    std::uint32_t sum{}; ///< of all bytes: so that all of them are read

private:
    void add(const void* bytes, std::size_t count) noexcept {
        for (std::size_t at = 0; at < count; ++at) {
            sum = sum * 31 + static_cast<const unsigned char*>(bytes)[at];
        }
    }
    std::unique_ptr<unsigned char[]> pixels_;
};

struct Total {
    std::uint64_t streams{}, messages{}, refused{}, malformed{}, faults[10]{};
};

void run(const unsigned char* bytes, std::size_t count, std::size_t piece, Total& total, std::uint32_t& sum) {
    const auto peer = std::make_unique<zmtp::Peer>(zmtp::Role::sub);
    peer->subscribe("", 0);
    Sink sink;
    const auto router = std::make_unique<Router>(sink, &still);
    Tape tape(bytes, count, piece);
    while (peer->fault() == zmtp::Fault::none) {
        peer->pump(tape, *router, 1U << 20);
    }
    for (std::size_t outcome = 0; outcome < Router::OUTCOMES; ++outcome) {
        const auto which = static_cast<wire::Outcome>(outcome);
        (which <= wire::Outcome::unknown_type ? total.messages : total.refused) += router->count(which);
    }
    ++total.streams;
    total.malformed += router->malformed();
    ++total.faults[static_cast<std::size_t>(peer->fault())];
    sum = sink.sum;
}

void print(const Total& total, std::uint32_t sum) {
    std::printf(
        "%llu %llu %llu %llu %u",
        static_cast<unsigned long long>(total.streams),
        static_cast<unsigned long long>(total.messages),
        static_cast<unsigned long long>(total.refused),
        static_cast<unsigned long long>(total.malformed),
        sum
    );
    for (const std::uint64_t faults : total.faults) {
        std::printf(" %llu", static_cast<unsigned long long>(faults));
    }
    std::printf("\n");
}

std::uint64_t dice(std::uint64_t& state) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

void mutate(const unsigned char* bytes, std::size_t count, std::uint64_t seed, std::uint64_t times, Total& total) {
    std::uint64_t state = seed * 2654435761U + 88172645463325252ULL;
    const auto changed = std::make_unique<unsigned char[]>(count * 2);
    std::uint32_t sum = 0;
    for (std::uint64_t turn = 0; turn < times; ++turn) {
        std::memcpy(changed.get(), bytes, count);
        std::size_t length = count;
        for (std::uint64_t change = 1 + dice(state) % 4; change > 0; --change) {
            const std::size_t at = static_cast<std::size_t>(dice(state) % length);
            switch (dice(state) % 4) {
                case 0: changed[at] = static_cast<unsigned char>(dice(state)); break;
                case 1: changed[at] = static_cast<unsigned char>(changed[at] ^ (1U << dice(state) % 8)); break;
                case 2: // drop a few
                    std::memmove(changed.get() + at, changed.get() + at + 1, length - at - 1);
                    --length;
                    break;
                default: // double one
                    std::memmove(changed.get() + at + 1, changed.get() + at, length - at);
                    ++length;
            }
        }
        run(changed.get(), length, 1 + static_cast<std::size_t>(dice(state) % 4096), total, sum);
    }
}

} // namespace

int main() {
    constexpr std::size_t MOST = 1 << 20;
    static char verb[16], hex[MOST];
    static unsigned char bytes[MOST / 2];
    while (std::scanf("%15s", verb) == 1) {
        unsigned long long seed = 0, times = 0;
        if (std::strcmp(verb, "mutate") == 0 && std::scanf("%llu %llu", &seed, &times) != 2) {
            return 2;
        }
        if (std::scanf("%1048575s", hex) != 1) {
            return 2;
        }
        const std::size_t count = std::strlen(hex) / 2;
        for (std::size_t at = 0; at < count; ++at) {
            const char digits[3] = {hex[2 * at], hex[2 * at + 1], '\0'};
            bytes[at] = static_cast<unsigned char>(std::strtoul(digits, nullptr, 16));
        }
        Total total;
        std::uint32_t sum = 0;
        if (std::strcmp(verb, "whole") == 0) {
            for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{64}, std::size_t{1000}, MOST}) {
                Total one;
                run(bytes, count, piece, one, sum);
                print(one, sum);
            }
        } else if (std::strcmp(verb, "cut") == 0) {
            for (std::size_t length = 0; length < count; ++length) {
                run(bytes, length, MOST, total, sum);
            }
            print(total, sum);
        } else {
            mutate(bytes, count, seed, times, total);
            print(total, sum);
        }
        std::fflush(stdout);
    }
    return 0;
}
