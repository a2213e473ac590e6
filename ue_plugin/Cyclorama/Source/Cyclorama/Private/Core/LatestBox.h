// The newest of a stream, from one thread to another, neither of which ever waits: three places, one in the middle.
#pragma once

#include <atomic>
#include <cstdint>

namespace cyclorama {

/// One writer, one reader. What is not fetched before the next is posted is dropped, and counted.
template <typename Value>
class LatestBox {
public:
    /// The writer's place; its content is of three posts ago, so memory in it is used again.
    Value& back() noexcept { return places_[back_]; }

    /// The writer: what is in `back` is now the newest.
    void post() noexcept {
        const std::uint8_t before = middle_.exchange(static_cast<std::uint8_t>(back_ | FRESH), std::memory_order_acq_rel);
        back_ = static_cast<std::uint8_t>(before & PLACE);
        if ((before & FRESH) != 0) {
            dropped_.fetch_add(1, std::memory_order_relaxed);
        }
    }

    /// The reader: the newest, if it was not fetched before; else null. Valid until the next call.
    Value* fetch() noexcept {
        if ((middle_.load(std::memory_order_relaxed) & FRESH) == 0) {
            return nullptr;
        }
        front_ = static_cast<std::uint8_t>(middle_.exchange(front_, std::memory_order_acq_rel) & PLACE);
        return &places_[front_];
    }

    /// Posted and never fetched.
    std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

private:
    static constexpr std::uint8_t FRESH = 4;
    static constexpr std::uint8_t PLACE = 3;

    Value places_[3]{};
    std::atomic<std::uint8_t> middle_{1};
    std::atomic<std::uint64_t> dropped_{0};
    std::uint8_t back_{0}; ///< the writer's alone
    std::uint8_t front_{2}; ///< the reader's alone
};

} // namespace cyclorama
