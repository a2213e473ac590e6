// A DEALER that asks a ROUTER so many questions, one after the other, each of a small and a large part, and checks that
// every answer is its question. Says how often it had to connect. Driven by tests/plugin.
#include "Connection.h"
#include "TcpDialer.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace {

using namespace cyclorama;

constexpr std::size_t LARGE_BYTES = 20'000;

std::int64_t now() noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

struct Question {
    std::uint32_t number{};
    unsigned char large[LARGE_BYTES]{};
};

class Answers final : public zmtp::Inbox {
public:
    void* room(std::size_t index, std::size_t size) noexcept override {
        if (index == 0 && size == sizeof(heard.number)) {
            return &heard.number;
        }
        return index == 1 && size == LARGE_BYTES ? heard.large : nullptr;
    }
    void whole(std::size_t parts) noexcept override { came = parts == 2; }
    Question heard;
    bool came{};
};

} // namespace

int main(int count, char** words) {
    TcpDialer dialer;
    Place place;
    if (count != 3 || read_place(words[1], place) != Misplaced::none || !dialer.aim(place)) {
        return 2;
    }
    const auto connection = std::make_unique<Connection>(dialer, zmtp::Role::dealer);
    const auto asked = std::make_unique<Question>();
    const auto answers = std::make_unique<Answers>();
    const std::uint32_t most = static_cast<std::uint32_t>(std::strtoul(words[2], nullptr, 10));
    const zmtp::Part parts[2] = {{&asked->number, sizeof(asked->number)}, {asked->large, LARGE_BYTES}};
    const std::int64_t give_up_ns = now() + 60'000'000'000;
    bool waiting = false;
    while (asked->number < most && now() < give_up_ns) {
        if (!waiting) {
            std::memset(asked->large, static_cast<int>(asked->number & 0xFF), LARGE_BYTES);
            waiting = connection->send(parts, 2);
        }
        if (!connection->step(now(), *answers)) {
            dialer.wait(2);
        }
        if (answers->came) {
            answers->came = false;
            if (std::memcmp(&answers->heard, asked.get(), sizeof(Question)) != 0) {
                std::fprintf(stderr, "answer %u is not its question\n", asked->number);
                return 1;
            }
            ++asked->number;
            waiting = false;
        }
    }
    std::printf("%u %u\n", asked->number, connection->connects());
    return asked->number == most ? 0 : 1;
}
