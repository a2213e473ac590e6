// What another machine's clock says now. The least of (arrival - sent) of each second is the offset plus the quickest way
// over the network; the straight line that lies close under those of the last seconds is the offset and how it drifts.
// Late messages do not move it, a drifting clock does.
#pragma once

#include <cstdint>

namespace cyclorama {

class ClockOffset {
public:
    /// A message of clock `clock_id`, sent at `sent_ns` by that clock, arrived at `arrived_ns` by ours. Another clock's
    /// message, as after the bridge was restarted on another machine, begins anew.
    void hear(std::uint32_t clock_id, std::int64_t sent_ns, std::int64_t arrived_ns) noexcept {
        const std::int64_t second = arrived_ns / SECOND_NS;
        if (clock_id != clock_id_ || !known_) {
            clock_id_ = clock_id;
            known_ = true;
            for (Least& least : window_) {
                least = Least{};
            }
        }
        const std::int64_t apart_ns = difference(arrived_ns, sent_ns);
        Least& least = window_[static_cast<std::uint64_t>(second) % SECONDS];
        if (!least.any || least.second != second || apart_ns < least.apart_ns) {
            least = Least{apart_ns, arrived_ns, second, true};
            newest_ = second;
            draw_line();
        }
    }

    bool known() const noexcept { return known_; }
    /// Of the clock that was heard last; 0 while nothing was.
    std::uint32_t clock_id() const noexcept { return clock_id_; }
    /// Whether a time of that clock can be moved to ours.
    bool is_of(std::uint32_t clock_id) const noexcept { return known_ && clock_id == clock_id_; }

    /// Whether `t_ns` of that clock, which arrived at `arrived_ns`, can be moved to ours. Farther from its arrival than this it
    /// is of no clock that we know: a file's, or one set by hand.
    bool moves(std::uint32_t clock_id, std::int64_t t_ns, std::int64_t arrived_ns) const noexcept {
        const std::int64_t journey_ns = difference(arrived_ns, sum(t_ns, offset_ns(arrived_ns)));
        return is_of(clock_id) && journey_ns > -LONGEST_JOURNEY_NS && journey_ns < LONGEST_JOURNEY_NS;
    }

    /// Nanoseconds to add to the sender's time to have ours, at our time `at_ns`. 0 while nothing was heard.
    std::int64_t offset_ns(std::int64_t at_ns) const noexcept {
        const std::int64_t since_ns = difference(at_ns, line_at_ns_);
        const bool close = since_ns > -LONGEST_NS && since_ns < LONGEST_NS;
        return close ? sum(line_ns_, static_cast<std::int64_t>(slope_ * static_cast<double>(since_ns))) : line_ns_;
    }

private:
    static constexpr std::int64_t SECOND_NS = 1'000'000'000;
    static constexpr std::int64_t SECONDS = 16;
    static constexpr std::int64_t LONGEST_JOURNEY_NS = 5 * SECOND_NS;
    static constexpr std::int64_t LONGEST_NS = 2 * SECONDS * SECOND_NS;
    /// Fewer seconds than this show no drift, only jitter.
    static constexpr int FEWEST_SECONDS = 5;
    /// No two clocks drift apart faster: what looks so is the network.
    static constexpr double STEEPEST = 200e-6;

    struct Least {
        std::int64_t apart_ns{};
        std::int64_t arrived_ns{};
        std::int64_t second{};
        bool any{};
    };

    /// These wrap instead of overflowing: a hostile sender chooses its times.
    static std::int64_t difference(std::int64_t a, std::int64_t b) noexcept {
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
    }
    static std::int64_t sum(std::int64_t a, std::int64_t b) noexcept {
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
    }

    /// The line through two of the points with none below it that is highest at their mean time; flat through the lowest
    /// while there are few.
    void draw_line() noexcept {
        const Least* points[SECONDS] = {};
        int count = 0;
        for (const Least& least : window_) {
            if (least.any && newest_ - least.second < SECONDS && newest_ >= least.second) {
                points[count++] = &least;
            }
        }
        const Least* lowest = points[0];
        double mean_ns = 0.0;
        for (int at = 0; at < count; ++at) {
            lowest = points[at]->apart_ns < lowest->apart_ns ? points[at] : lowest;
            mean_ns += static_cast<double>(difference(points[at]->arrived_ns, points[0]->arrived_ns)) / count;
        }
        line_ns_ = lowest->apart_ns;
        line_at_ns_ = lowest->arrived_ns;
        slope_ = 0.0;
        double highest_ns = 0.0;
        bool drawn = false;
        for (int a = 0; a < count && count >= FEWEST_SECONDS; ++a) {
            for (int b = a + 1; b < count; ++b) {
                const double slope = rise(*points[a], *points[b]) / run(*points[a], *points[b]);
                const double here_ns = rise(*lowest, *points[a])
                    + slope * (mean_ns - static_cast<double>(difference(points[a]->arrived_ns, points[0]->arrived_ns)));
                if (slope <= STEEPEST && slope >= -STEEPEST && (!drawn || here_ns > highest_ns) && is_under(points, count, *points[a], slope)) {
                    drawn = true;
                    highest_ns = here_ns;
                    slope_ = slope;
                    line_ns_ = points[a]->apart_ns;
                    line_at_ns_ = points[a]->arrived_ns;
                }
            }
        }
    }

    static double rise(const Least& from, const Least& to) noexcept { return static_cast<double>(difference(to.apart_ns, from.apart_ns)); }
    static double run(const Least& from, const Least& to) noexcept { return static_cast<double>(difference(to.arrived_ns, from.arrived_ns)); }

    static bool is_under(const Least* const* points, int count, const Least& from, double slope) noexcept {
        for (int at = 0; at < count; ++at) {
            if (rise(from, *points[at]) < slope * run(from, *points[at]) - 1.0) {
                return false;
            }
        }
        return true;
    }

    Least window_[SECONDS]{};
    std::int64_t newest_{};
    std::int64_t line_ns_{};
    std::int64_t line_at_ns_{};
    double slope_{};
    std::uint32_t clock_id_{};
    bool known_{};
};

} // namespace cyclorama
