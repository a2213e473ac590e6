// Which picture to show, so that the nodes of a cluster show the same one without asking each other: the newest that has
// been true for a fixed time. Every node that has it comes to the same answer, as far as their clocks agree.
//
// Two ways to tell how long it has been true. By timecode, where the engine has one (nDisplay gives all nodes the primary's):
// the same two labels are compared everywhere, and the answer is the same to the bit. Else by clock, each node through its own
// estimate of the sender's: two nodes differ in as many frames as their estimates differ by, of a frame's duration.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace cyclorama {

inline constexpr std::int64_t NO_LABEL = -1;

/// When a picture was true.
struct Stamp {
    std::int64_t true_ns{}; ///< by the receiver's clock
    std::int64_t label_ns{NO_LABEL}; ///< its timecode, since midnight
};

/// When it is shown.
struct Moment {
    std::int64_t now_ns{}; ///< by the receiver's clock, the same moment on every node
    std::int64_t label_ns{NO_LABEL}; ///< the engine's timecode, since midnight
    std::int64_t hold_ns{}; ///< 0: whatever is newest
};

/// Labels that say another age than the clocks, by more than this, are of another generator or another rate: the clocks decide.
inline constexpr std::int64_t MOST_CONTRADICTION_NS = 500'000'000;
inline constexpr std::int64_t DAY_NS = 86'400'000'000'000;

/// How long a picture has been true, over midnight as well. `by_label` says what it was told by.
inline std::int64_t age_ns(const Stamp& stamp, const Moment& moment, bool& by_label) noexcept {
    const std::int64_t by_clock_ns = moment.now_ns - stamp.true_ns;
    std::int64_t by_label_ns = (moment.label_ns - stamp.label_ns) % DAY_NS;
    by_label_ns += by_label_ns < -DAY_NS / 2 ? DAY_NS : 0;
    by_label_ns -= by_label_ns > DAY_NS / 2 ? DAY_NS : 0;
    const std::int64_t apart_ns = by_label_ns - by_clock_ns;
    by_label = stamp.label_ns != NO_LABEL && moment.label_ns != NO_LABEL && apart_ns > -MOST_CONTRADICTION_NS &&
               apart_ns < MOST_CONTRADICTION_NS;
    return by_label ? by_label_ns : by_clock_ns;
}

/// Pictures on their way from one thread to another, neither of which ever waits: the newest few, one of which is shown.
/// What is shown never goes back. Places are taken into use as they are needed, and used again.
template <typename Value>
class HeldFrames {
public:
    static constexpr std::size_t PLACES = 16;
    /// One is written, one is shown, one is between them: as few as there may be, and all that `hold_ns` of 0 needs.
    static constexpr std::size_t FEWEST = 3;

    explicit HeldFrames(std::size_t places = PLACES) noexcept
        : count_(places < FEWEST ? FEWEST : places > PLACES ? PLACES : places) {}

    /// The writer's place; what is in it may be of an older picture, so that memory is used again.
    Value& back() noexcept {
        while (writing_ == NONE) {
            const std::size_t at = oldest_to_reuse();
            State seen = places_[at].state.load(std::memory_order_acquire);
            const bool was_ready = seen == State::ready;
            if (seen != State::shown && places_[at].state.compare_exchange_strong(seen, State::written, std::memory_order_acq_rel)) {
                writing_ = at;
                if (was_ready) {
                    dropped_.fetch_add(1, std::memory_order_relaxed);
                }
            }
        }
        return places_[writing_].value;
    }

    /// The writer: what is in `back` is now the newest.
    void post(const Stamp& stamp) noexcept {
        Place& place = places_[writing_];
        place.true_ns.store(stamp.true_ns, std::memory_order_relaxed);
        place.label_ns.store(stamp.label_ns, std::memory_order_relaxed);
        place.order.store(++posted_, std::memory_order_relaxed);
        place.state.store(State::ready, std::memory_order_release);
        writing_ = NONE;
    }

    /// The reader: the newest that has been true for long enough and is newer than what was fetched before; else null. Valid
    /// until another one is fetched. Where all places are full the oldest counts as old enough: better early than never.
    Value* fetch(const Moment& moment) noexcept {
        for (;;) {
            const Choice choice = choose(moment);
            edge_ns_ += choice.edge_ns == FAR_NS ? 0 : (choice.edge_ns - edge_ns_) / FADING;
            if (choice.at == NONE) {
                return nullptr;
            }
            State seen = State::ready;
            Place& place = places_[choice.at];
            if (!place.state.compare_exchange_strong(seen, State::shown, std::memory_order_acq_rel)) {
                continue; // the writer was faster: it is a newer picture's now
            }
            if (place.order.load(std::memory_order_relaxed) != choice.order) {
                place.state.store(State::ready, std::memory_order_release);
                continue;
            }
            if (showing_ != NONE) {
                places_[showing_].state.store(State::spent, std::memory_order_release);
            }
            showing_ = choice.at;
            shown_order_.store(choice.order, std::memory_order_release);
            by_label_ = choice.by_label;
            return &place.value;
        }
    }

    /// The reader: whether what was fetched last was chosen by timecode.
    bool by_label() const noexcept { return by_label_; }
    /// The reader: how near choices by clock come to falling otherwise, over the last seconds. Near 0 where pictures and frames are
    /// locked to each other and a picture is just old enough at the very moment of a frame: then clocks cannot agree.
    std::int64_t edge_ns() const noexcept { return edge_ns_; }
    /// Posted and never fetched, as far as their places were used again.
    std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

private:
    static constexpr std::size_t NONE = PLACES;
    static constexpr std::int64_t FAR_NS = 1'000'000'000;
    static constexpr std::int64_t FADING = 128; ///< frames

    enum class State : std::uint8_t { unused, spent, ready, shown, written };

    struct Place {
        Value value{};
        std::atomic<State> state{State::unused};
        std::atomic<std::uint64_t> order{0}; ///< counts posts from 1; with the stamp, read again once the place is one's own
        std::atomic<std::int64_t> true_ns{0};
        std::atomic<std::int64_t> label_ns{NO_LABEL};
    };

    struct Choice {
        std::size_t at{NONE};
        std::uint64_t order{};
        bool by_label{};
        std::int64_t edge_ns{FAR_NS};
    };

    /// First what can never be shown any more, then what was never used, then the oldest.
    std::size_t oldest_to_reuse() const noexcept {
        const std::uint64_t shown = shown_order_.load(std::memory_order_acquire);
        std::size_t unused = NONE;
        std::size_t oldest = NONE;
        for (std::size_t at = 0; at < count_; ++at) {
            const State state = places_[at].state.load(std::memory_order_acquire);
            const std::uint64_t order = places_[at].order.load(std::memory_order_relaxed);
            if (state == State::spent || (state == State::ready && order < shown)) {
                return at;
            }
            unused = state == State::unused && unused == NONE ? at : unused;
            const bool older = oldest == NONE || order < places_[oldest].order.load(std::memory_order_relaxed);
            oldest = state == State::ready && older ? at : oldest;
        }
        return unused != NONE ? unused : oldest != NONE ? oldest : 0;
    }

    Choice choose(const Moment& moment) const noexcept {
        const std::uint64_t shown = shown_order_.load(std::memory_order_relaxed);
        Choice newest;
        Choice oldest;
        std::size_t waiting = 0;
        std::int64_t nearest_ns = FAR_NS;
        for (std::size_t at = 0; at < count_; ++at) {
            const Place& place = places_[at];
            if (place.state.load(std::memory_order_acquire) != State::ready) {
                continue;
            }
            Choice one{at, place.order.load(std::memory_order_relaxed), false};
            const Stamp stamp{place.true_ns.load(std::memory_order_relaxed), place.label_ns.load(std::memory_order_relaxed)};
            if (one.order <= shown) {
                continue;
            }
            ++waiting;
            const std::int64_t spare_ns = age_ns(stamp, moment, one.by_label) - moment.hold_ns;
            const bool due = moment.hold_ns <= 0 || spare_ns >= 0;
            const std::int64_t apart_ns = spare_ns < 0 ? -spare_ns : spare_ns;
            nearest_ns = !one.by_label && moment.hold_ns > 0 && apart_ns < nearest_ns ? apart_ns : nearest_ns;
            newest = due && one.order > newest.order ? one : newest;
            oldest = oldest.at == NONE || one.order < oldest.order ? one : oldest;
        }
        const bool full = waiting + 2 >= count_; // but for the writer's place and the one that is shown
        Choice chosen = newest.at == NONE && full ? oldest : newest;
        chosen.edge_ns = nearest_ns;
        return chosen;
    }

    const std::size_t count_;
    Place places_[PLACES]{};
    std::atomic<std::uint64_t> shown_order_{0};
    std::atomic<std::uint64_t> dropped_{0};
    std::uint64_t posted_{}; ///< the writer's alone, as is the next
    std::size_t writing_{NONE};
    std::size_t showing_{NONE}; ///< the reader's alone, as is the next
    bool by_label_{};
    std::int64_t edge_ns_{FAR_NS};
};

} // namespace cyclorama
