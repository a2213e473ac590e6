// The moment of a cluster's frame, by this machine's clock. All nodes are told the same time of a frame, but come to read it
// sooner or later; the least delay of the last seconds is the same everywhere.
#pragma once

#include "ClockOffset.h"

namespace cyclorama {

class SharedTick {
public:
    /// `shared_ns` is what all nodes are told of this frame, `now_ns` when this one reads it.
    std::int64_t moment_ns(std::int64_t shared_ns, std::int64_t now_ns) noexcept {
        offset_.hear(begun_, shared_ns, now_ns);
        const std::int64_t told_ns = shared_ns + offset_.offset_ns(now_ns);
        const std::int64_t late_ns = now_ns - told_ns;
        // What all are told stood still or jumped, as over a long hitch: the past says nothing any more.
        if (late_ns > LATEST_NS || late_ns < -LATEST_NS) {
            offset_.hear(++begun_, shared_ns, now_ns);
            return now_ns;
        }
        return told_ns;
    }

private:
    static constexpr std::int64_t LATEST_NS = 50'000'000;

    ClockOffset offset_{};
    std::uint32_t begun_{1};
};

} // namespace cyclorama
