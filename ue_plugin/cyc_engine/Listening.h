// What cyc-engine does with what it hears: no more than measure. The plugin's Live Link source stands in its place.
#pragma once

#include "LatestBox.h"
#include "Router.h"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace cyclorama {

/// Times of one hop since they were last told, the newest 4096.
class Times {
public:
    void add(std::int64_t time_ns) noexcept;
    void clear() noexcept { count_ = 0; }

    struct Said {
        std::int64_t p50_ns{};
        std::int64_t p99_ns{};
        std::int64_t most_ns{};
        std::size_t count{};
    };
    Said said() const noexcept;

private:
    static constexpr std::size_t KEPT = 4096;
    std::int64_t times_ns_[KEPT]{};
    std::uint64_t count_{};
};

/// When a message was where, each on the clock of who had it; 0: not known.
struct Way {
    std::int64_t received_ns{}; ///< what it was made from, by the bridge
    std::int64_t sent_ns{};
    std::int64_t arrived_ns{};
};

/// The hops of one subject, as bridge/engine/reader.py has them.
struct Hops {
    char name[sizeof(wire::Header::name)]{};
    std::uint16_t type{};
    std::uint64_t measured{}; ///< poses that come from a packet: not concealed, stale or lost
    Times in_bridge; ///< packet or picture received -> sent
    Times on_wire; ///< sent -> decoded here
    Times whole;
    std::int64_t last_arrived_ns{};
    std::int64_t gap_ns{}; ///< longest from one message to the next, since it was last told
};

/// A picture with memory of its own, which is used again for the next.
struct Frame {
    wire::Picture picture{};
    std::unique_ptr<unsigned char[]> pixels;
    std::size_t capacity{};
};

class Listening final : public Listener {
public:
    /// Frames of another machine's clock are not timed. `frames`: each one is printed as a line; `sums`: with its pixels' sum.
    Listening(std::uint32_t clock_id, bool frames, bool sums = false) noexcept
        : clock_id_(clock_id), frames_(frames), sums_(sums) {}

    void on_camera(const wire::Message& message, std::int64_t arrived_ns) noexcept override;
    void on_skeleton(const wire::Message& message, std::int64_t arrived_ns) noexcept override;
    void on_pose(const wire::Message& message, std::int64_t arrived_ns) noexcept override;
    void on_face(const wire::Message& message, std::int64_t arrived_ns) noexcept override;
    void* pixels(const wire::Message& message) noexcept override;
    void on_picture(const wire::Message& message, std::int64_t arrived_ns) noexcept override;

    static constexpr std::size_t MOST = 32;
    std::size_t count() const noexcept { return count_; }
    Hops& hops(std::size_t at) noexcept { return *hops_[at]; }
    /// Times that memory for pixels was taken from the system.
    std::uint64_t allocations() const noexcept { return allocations_; }

private:
    void hear(const wire::Message& message, const Way& way, const unsigned char* pixels = nullptr) noexcept;
    Hops* hops_of(const wire::Header& header) noexcept;

    std::uint32_t clock_id_;
    bool frames_;
    bool sums_;
    std::unique_ptr<Hops> hops_[MOST];
    std::size_t count_{};
    std::uint64_t allocations_{};
    LatestBox<Frame> box_;
};

} // namespace cyclorama
