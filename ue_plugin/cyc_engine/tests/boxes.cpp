// The latest box under two threads, and the clock offset against a clock whose truth is known. Exit code 1 and a
// sentence where one of them does not keep its word.
#include "ClockOffset.h"
#include "LatestBox.h"

#include <cstdio>
#include <cstdlib>
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
    must(!offset.known() && offset.offset_ns() == 0, "an offset was known before anything was heard");
    constexpr std::int64_t AHEAD_NS = 5'000'000'000;
    constexpr std::int64_t QUICKEST_NS = 200'000;
    constexpr std::int64_t PERIOD_NS = 16'666'667;
    for (std::int64_t step = 0; step < 3600; ++step) {
        const std::int64_t now_ns = 1'000'000'000 + step * PERIOD_NS;
        const std::int64_t late_ns = QUICKEST_NS + (step * 7919 % 13) * 300'000;
        const std::int64_t gained_ns = step * PERIOD_NS / 10'000;
        offset.hear(7, now_ns + AHEAD_NS + gained_ns, now_ns + late_ns);
        if (step % 60 == 59) {
            const std::int64_t wrong_ns = offset.offset_ns() - (QUICKEST_NS - AHEAD_NS - gained_ns);
            must(wrong_ns >= 0 && wrong_ns < 1'200'000, "the offset is further off than ten seconds of drift");
        }
    }
    offset.hear(8, 0, 42);
    must(offset.offset_ns() == 42, "another clock's offset was kept");
    offset.hear(9, INT64_MIN, INT64_MAX);
    must(offset.known(), "the farthest times are heard");
}

} // namespace

int main() {
    newest_wins();
    quickest_way();
    return 0;
}
