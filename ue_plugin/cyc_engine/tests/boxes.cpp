// The latest box and the held frames under two threads, and the clock offset against a clock whose truth is known. Exit code 1 and a
// sentence where one of them does not keep its word.
#include "ClockOffset.h"
#include "HeldFrames.h"
#include "Label.h"
#include "LatestBox.h"
#include "SharedTick.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>

namespace {

using namespace cyclorama;

void must(bool holds, const char* sentence) {
    if (!holds) {
        std::fprintf(stderr, "%s\n", sentence);
        std::exit(1);
    }
}

struct Sheet {
    std::uint64_t numbers[64]{};
};

/// Every sheet that is fetched is whole, newer than the one before, and the last one posted is fetched in the end.
void newest_wins() {
    constexpr std::uint64_t POSTS = 200'000;
    static LatestBox<Sheet> box;
    std::thread writer([] {
        for (std::uint64_t post = 1; post <= POSTS; ++post) {
            for (std::uint64_t& number : box.back().numbers) {
                number = post;
            }
            box.post();
        }
    });
    std::uint64_t last = 0;
    std::uint64_t fetched = 0;
    while (last < POSTS) {
        const Sheet* sheet = box.fetch();
        if (sheet == nullptr) {
            std::this_thread::yield();
            continue;
        }
        ++fetched;
        must(sheet->numbers[0] > last, "an older sheet came after a newer one");
        for (const std::uint64_t number : sheet->numbers) {
            must(number == sheet->numbers[0], "a sheet was written while it was read");
        }
        last = sheet->numbers[0];
    }
    writer.join();
    must(box.fetch() == nullptr, "a sheet was fetched twice");
    must(fetched + box.dropped() == POSTS, "what was posted was neither fetched nor counted as dropped");
}

/// A sender 5 s ahead that gains 100 us a second, over a way of 200 us and more: the offset is the quickest way's.
void quickest_way() {
    ClockOffset offset;
    must(!offset.known() && offset.clock_id() == 0 && !offset.is_of(0) && offset.offset_ns(0) == 0, "an offset was known before anything was heard");
    constexpr std::int64_t AHEAD_NS = 5'000'000'000;
    constexpr std::int64_t QUICKEST_NS = 200'000;
    constexpr std::int64_t PERIOD_NS = 16'666'667;
    for (std::int64_t step = 0; step < 3600; ++step) {
        const std::int64_t now_ns = 1'000'000'000 + step * PERIOD_NS;
        const std::int64_t late_ns = QUICKEST_NS + (step * 7919 % 13) * 300'000;
        const std::int64_t gained_ns = step * PERIOD_NS / 10'000;
        offset.hear(7, now_ns + AHEAD_NS + gained_ns, now_ns + late_ns);
        if (step % 60 == 59) {
            const std::int64_t wrong_ns = offset.offset_ns(now_ns) - (QUICKEST_NS - AHEAD_NS - gained_ns);
            must(step < 600 ? wrong_ns >= 0 && wrong_ns < 1'200'000 : wrong_ns > -1'000 && wrong_ns < 1'000, "the offset does not follow the drift");
        }
    }
    must(offset.is_of(7) && !offset.is_of(8), "a time of another clock was taken for this one's");
    offset.hear(9, INT64_MIN, INT64_MAX);
    must(offset.known(), "the farthest times are heard");
}

/// The bridge comes back on another machine, or this one was started again: its clock begins elsewhere.
void another_clock() {
    ClockOffset offset;
    for (std::int64_t second = 1; second <= 20; ++second) {
        offset.hear(7, second * 1'000'000'000 + 900, second * 1'000'000'000);
    }
    must(offset.clock_id() == 7 && offset.offset_ns(20'000'000'000) == -900, "twenty seconds of one clock");
    offset.hear(8, 3'000'000'000, 21'000'000'000);
    must(offset.clock_id() == 8 && offset.offset_ns(21'000'000'000) == 18'000'000'000, "another clock's offset was kept");
    must(!offset.is_of(7), "a time of the clock before would be moved by this one's offset");
    offset.hear(8, 3'500'000'000, 21'600'000'000);
    must(offset.offset_ns(21'600'000'000) == 18'000'000'000, "a late message moved the new offset");
    offset.hear(7, 22'000'000'900, 22'000'000'000);
    must(offset.clock_id() == 7 && offset.offset_ns(22'000'000'000) == -900, "back to the first");
}

/// What all nodes are told of a frame stands still for longer than a hitch may be: the moment is now, at once.
void a_frame_after_a_hitch() {
    SharedTick tick;
    for (std::int64_t frame = 0; frame < 600; ++frame) {
        const std::int64_t shared_ns = frame * 16'000'000;
        const std::int64_t moment_ns = tick.moment_ns(shared_ns, 7'000'000'000 + shared_ns + frame % 7 * 200'000);
        must(moment_ns - shared_ns == 7'000'000'000, "the moment of a frame depends on when it was read");
    }
    must(tick.moment_ns(9'600'000'000, 18'000'000'000) == 18'000'000'000, "after a hitch the moment is now");
    must(tick.moment_ns(9'616'000'000, 18'016'500'000) == 18'016'000'000, "and the next is from there");
}

/// Of a picture for each place and more, with one thread that writes and one that holds.
void held_in_order() {
    constexpr std::uint64_t POSTS = 200'000;
    static HeldFrames<Sheet> ring;
    std::thread writer([] {
        for (std::uint64_t post = 1; post <= POSTS; ++post) {
            for (std::uint64_t& number : ring.back().numbers) {
                number = post;
            }
            ring.post(Stamp{static_cast<std::int64_t>(post), NO_LABEL});
        }
    });
    std::uint64_t last = 0;
    std::uint64_t now = 0;
    while (last < POSTS) {
        const Moment moment{static_cast<std::int64_t>(now++), NO_LABEL, 5};
        const Sheet* sheet = ring.fetch(last + 20 >= POSTS ? Moment{} : moment);
        if (sheet == nullptr) {
            std::this_thread::yield();
            continue;
        }
        must(sheet->numbers[0] > last, "what is shown went back");
        for (const std::uint64_t number : sheet->numbers) {
            must(number == sheet->numbers[0], "a sheet was written while it was shown");
        }
        last = sheet->numbers[0];
    }
    writer.join();
    must(ring.fetch(Moment{}) == nullptr, "a sheet was fetched twice");
}

/// The rule, one case after the other.
void old_enough() {
    static HeldFrames<int> ring;
    for (int at = 1; at <= 5; ++at) {
        ring.back() = at;
        ring.post(Stamp{at * 10, at < 4 ? at * 1000 : NO_LABEL});
    }
    const auto shown = [](const Moment& moment) {
        const int* found = ring.fetch(moment);
        return found != nullptr ? *found : 0;
    };
    must(shown(Moment{29, NO_LABEL, 20}) == 0, "one was shown before it was old enough");
    must(shown(Moment{30, NO_LABEL, 20}) == 1 && shown(Moment{30, NO_LABEL, 20}) == 0, "one is old enough, once");
    must(shown(Moment{0, 2020, 20}) == 2 && ring.by_label(), "the label decides where there are two");
    must(shown(Moment{60, 2020, 20}) == 4 && !ring.by_label(), "without a label of its own the clock decides, and 3 is passed over");
    must(shown(Moment{0, NO_LABEL, 0}) == 5, "not held: the newest");
    ring.back() = 6;
    ring.post(Stamp{60, DAY_NS - 10});
    must(shown(Moment{0, 5, 20}) == 0 && shown(Moment{0, 10, 20}) == 6, "over midnight");
    for (int at = 7; at < 21; ++at) {
        must(shown(Moment{0, NO_LABEL, 20}) == 0, "the future is not due");
        ring.back() = at;
        ring.post(Stamp{1'000'000, NO_LABEL});
    }
    must(shown(Moment{0, NO_LABEL, 20}) == 7, "where all places are full, the oldest is shown: better early than never");
    ring.back() = 21;
    ring.post(Stamp{10, DAY_NS / 2});
    must(shown(Moment{30, 40, 20}) == 21 && !ring.by_label(), "labels half a day apart are not of one generator: the clock decides");
    bool by_label = true;
    const std::int64_t hour_ns = 3'600'000'000'000;
    must(age_ns(Stamp{0, hour_ns}, Moment{50, hour_ns * 1000 / 1001, 0}, by_label) == 50 && !by_label, "23.976 is not 24");
    must(age_ns(Stamp{0, hour_ns}, Moment{50, hour_ns + 90, 0}, by_label) == 90 && by_label, "one generator");
}

/// Pictures and frames locked to each other: a picture is old enough `early_ns` before a frame, give or take 20 us.
std::int64_t edge_of(std::int64_t early_ns) {
    const auto ring = std::make_unique<HeldFrames<int>>();
    for (std::int64_t frame = 0; frame < 2000; ++frame) {
        ring->back() = 0;
        ring->post(Stamp{frame * 16'000'000, NO_LABEL});
        static_cast<void>(ring->fetch(Moment{frame * 16'000'000 + frame % 5 * 10'000 - 20'000 + early_ns, NO_LABEL, 32'000'000}));
    }
    return ring->edge_ns();
}

void on_the_edge() {
    must(edge_of(0) < 30'000, "a choice on the edge was not noticed");
    must(edge_of(4'000'000) > 3'000'000 && edge_of(8'000'000) > 6'000'000, "a choice far from the edge was taken for one on it");
}

/// SMPTE 12M's own cases, counted by hand.
void labels() {
    wire::Header header;
    must(label_ns(header) == NO_LABEL, "a label that is not valid");
    header.flags = static_cast<std::uint16_t>(wire::Flag::timecode_valid) | static_cast<std::uint16_t>(wire::Flag::drop_frame);
    header.rate_num = 30000;
    header.rate_den = 1001;
    header.minutes = 10;
    must(label_ns(header) == frames_ns(17982, 30000, 1001), "ten minutes of drop frame are 17982 frames");
    header.minutes = 1;
    header.frames = 2;
    must(label_ns(header) == frames_ns(1800, 30000, 1001), "the first label after a minute is frame 1800");
    header.rate_num = 60000;
    header.frames = 4;
    must(label_ns(header) == frames_ns(3600, 60000, 1001), "at 60 four labels are dropped");
    header.hours = 23;
    must(frames_ns(24LL * 3600 * 120, 120000, 1001) == 86'486'400'000'000, "a day at 119.88");
}

} // namespace

int main() {
    newest_wins();
    quickest_way();
    another_clock();
    a_frame_after_a_hitch();
    held_in_order();
    old_enough();
    labels();
    on_the_edge();
    return 0;
}
