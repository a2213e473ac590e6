// What another machine's clock says now: the least of (arrival - sent) over the last seconds is the offset plus the
// quickest way over the network. Late messages do not move it, a drifting clock does.
#pragma once

#include <cstdint>

namespace cyclorama {

class ClockOffset {
public:
    /// A message of clock `clock_id`, sent at `sent_ns` by that clock, arrived at `arrived_ns` by ours.
    void hear(std::uint32_t clock_id, std::int64_t sent_ns, std::int64_t arrived_ns) noexcept {
        const std::int64_t second = arrived_ns / SECOND_NS;
        if (clock_id != clock_id_ || !known_) {
            clock_id_ = clock_id;
            known_ = true;
            for (Least& least : window_) {
                least = Least{};
            }
        }
        // Wraps instead of overflowing: a hostile sender chooses sent_ns.
        const std::int64_t apart =
            static_cast<std::int64_t>(static_cast<std::uint64_t>(arrived_ns) - static_cast<std::uint64_t>(sent_ns));
        Least& least = window_[static_cast<std::uint64_t>(second) % SECONDS];
        if (!least.any || least.second != second || apart < least.apart_ns) {
            least = Least{apart, second, true};
        }
        newest_ = second;
    }

    bool known() const noexcept { return known_; }

    /// Nanoseconds to add to the sender's time to have ours. 0 while nothing was heard.
    std::int64_t offset_ns() const noexcept {
        std::int64_t best = 0;
        bool any = false;
        for (const Least& least : window_) {
            if (least.any && newest_ - least.second < SECONDS && (!any || least.apart_ns < best)) {
                best = least.apart_ns;
                any = true;
            }
        }
        return best;
    }

private:
    static constexpr std::int64_t SECOND_NS = 1'000'000'000;
    static constexpr std::int64_t SECONDS = 10;

    struct Least {
        std::int64_t apart_ns{};
        std::int64_t second{};
        bool any{};
    };

    Least window_[SECONDS]{};
    std::int64_t newest_{};
    std::uint32_t clock_id_{};
    bool known_{};
};

} // namespace cyclorama
