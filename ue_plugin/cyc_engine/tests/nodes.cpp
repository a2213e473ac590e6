// Two nodes of a cluster that hear the same bridge, simulated: clocks hours apart that drift, a network with jitter, frames
// that both are told of at once and read at different times. How often do they show the same picture?
// Says for each case, as a line of JSON, in how many of a million frames they differed, how old the pictures were, and how
// often a picture went back.
#include "ClockOffset.h"
#include "HeldFrames.h"
#include "Label.h"
#include "SharedTick.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <queue>
#include <vector>

namespace {

using namespace cyclorama;

constexpr double NS = 1e9;

/// SplitMix64: the same numbers on every machine.
class Chance {
public:
    explicit Chance(std::uint64_t seed) : state_(seed) {}
    double unit() {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
    }
    double exponential(double mean) { return -mean * std::log(1.0 - unit()); }

private:
    std::uint64_t state_;
};

struct Case {
    const char* name;
    double hold_s;
    double pictures_hz;
    double display_hz;
    bool timecode;
    double second_way_s; ///< quickest way to the second node; to the first 60 us
    double missed_share; ///< pictures that the second node never gets
    double seconds;
};

struct Clock {
    double begun_s;
    double drift;
    std::int64_t ns(double true_s) const { return static_cast<std::int64_t>((begun_s + true_s * (1.0 + drift)) * NS); }
};

struct Heard {
    double arrives_s;
    bool picture;
    std::uint64_t frame_id;
    std::int64_t sent_ns;
    std::int64_t true_ns;
    bool operator<(const Heard& other) const { return arrives_s > other.arrives_s; } // the earliest first
};

struct Node {
    Node(const Clock& its_clock, double its_way_s, std::uint64_t seed) : clock(its_clock), way_s(its_way_s), chance(seed) {}

    /// TCP: nothing overtakes.
    void send(double true_s, double transfer_s, Heard heard) {
        const double spike_s = chance.unit() < 0.002 ? chance.unit() * 0.02 : 0.0;
        last_s = std::max(last_s + 1e-9, true_s + way_s + transfer_s + chance.exponential(150e-6) + spike_s);
        heard.arrives_s = last_s;
        line.push(heard);
    }

    void hear_until(double true_s, bool timecode) {
        while (!line.empty() && line.top().arrives_s <= true_s) {
            const Heard heard = line.top();
            line.pop();
            const std::int64_t arrived_ns = clock.ns(heard.arrives_s);
            offset.hear(7, heard.sent_ns, arrived_ns);
            if (heard.picture) {
                ring.back() = heard.frame_id;
                const std::int64_t label_ns = timecode ? frames_ns(static_cast<std::int64_t>(heard.frame_id), 24, 1) : NO_LABEL;
                ring.post(Stamp{heard.true_ns + offset.offset_ns(arrived_ns), label_ns});
            }
        }
    }

    std::uint64_t show(double true_s, std::int64_t shared_ns, std::int64_t label_ns, double hold_s) {
        const double read_s = true_s + chance.unit() * 0.002;
        hear_until(read_s, label_ns != NO_LABEL);
        const Moment moment{tick.moment_ns(shared_ns, clock.ns(read_s)), label_ns, static_cast<std::int64_t>(hold_s * NS)};
        if (const std::uint64_t* frame = ring.fetch(moment)) {
            backwards += *frame < shown ? 1U : 0U;
            shown = *frame;
        }
        return shown;
    }

    Clock clock;
    double way_s;
    Chance chance;
    double last_s{};
    std::priority_queue<Heard> line{};
    ClockOffset offset{};
    SharedTick tick{};
    HeldFrames<std::uint64_t> ring{};
    std::uint64_t shown{};
    std::uint64_t backwards{};
};

void run(const Case& one, std::uint64_t seed) {
    const Clock bridge{5000.0, 30e-6};
    const Clock shared{3.0, -12e-6}; // the primary's clock, of which all nodes are told
    Node first(Clock{123456.0, -20e-6}, 60e-6, seed);
    Node second(Clock{17.25, 25e-6}, one.second_way_s, seed + 1);
    Chance chance(seed + 2);
    constexpr double WARM_S = 10.0;
    double camera_s = 0.0;
    double picture_s = 0.003;
    std::uint64_t pictures = 0;
    std::uint64_t differed = 0;
    std::uint64_t frames = 0;
    double age_s = 0.0;
    for (double frame_s = 1.0; frame_s < one.seconds; frame_s += 1.0 / one.display_hz) {
        for (; camera_s < frame_s + 0.01; camera_s += 1.0 / 60.0) {
            for (Node* node : {&first, &second}) {
                node->send(camera_s, 0.0, Heard{0.0, false, 0, bridge.ns(camera_s), 0});
            }
        }
        for (; picture_s + 0.06 < frame_s + 0.01; picture_s += 1.0 / one.pictures_hz) {
            const double sent_s = picture_s + 0.03 + chance.unit() * 0.02; // a matte takes its time, and not always the same
            const Heard heard{0.0, true, ++pictures, bridge.ns(sent_s), bridge.ns(picture_s)};
            first.send(sent_s, 0.002, heard);
            if (chance.unit() >= one.missed_share) {
                second.send(sent_s, 0.002, heard);
            }
        }
        const std::int64_t label_ns = one.timecode ? frames_ns(static_cast<std::int64_t>((frame_s + 0.03) * 24.0), 24, 1) : NO_LABEL;
        const std::uint64_t a = first.show(frame_s, shared.ns(frame_s), label_ns, one.hold_s);
        const std::uint64_t b = second.show(frame_s, shared.ns(frame_s), label_ns, one.hold_s);
        if (frame_s >= WARM_S) {
            ++frames;
            differed += a != b ? 1U : 0U;
            age_s += frame_s - (0.003 + (static_cast<double>(a) - 1.0) / one.pictures_hz);
        }
    }
    const double count = static_cast<double>(frames);
    std::printf(
        "{\"case\":\"%s\",\"frames\":%llu,\"differed_ppm\":%.0f,\"age_ms\":%.1f,\"backwards\":%llu}\n",
        one.name,
        static_cast<unsigned long long>(frames),
        1e6 * static_cast<double>(differed) / count,
        1e3 * age_s / count,
        static_cast<unsigned long long>(first.backwards + second.backwards)
    );
}

} // namespace

int main(int count, char** words) {
    const double seconds = count > 1 ? std::atof(words[1]) : 1800.0;
    const Case cases[] = {
        {"newest", 0.0, 60.0, 59.94, false, 60e-6, 0.0, seconds},
        {"clocks, 60 on 59.94", 0.1, 60.0, 59.94, false, 65e-6, 0.0, seconds},
        {"clocks, 24 on 60", 0.1, 24.0, 60.0, false, 65e-6, 0.0, seconds},
        {"clocks, 24 on 59.94", 0.1, 24.0, 59.94, false, 65e-6, 0.0, seconds},
        {"clocks, way 1 ms longer", 0.1, 60.0, 59.94, false, 1060e-6, 0.0, seconds},
        {"timecode, way 1 ms longer", 0.1, 24.0, 24.0, true, 1060e-6, 0.0, seconds},
        {"timecode, 24 on 60", 0.1, 24.0, 60.0, true, 1060e-6, 0.0, seconds},
        {"one in a hundred missed", 0.1, 60.0, 59.94, false, 65e-6, 0.01, seconds},
        {"held shorter than a matte takes", 0.03, 60.0, 59.94, false, 65e-6, 0.0, seconds},
        {"held longer than there are places for", 0.4, 60.0, 59.94, false, 65e-6, 0.0, seconds},
    };
    std::uint64_t seed = 1;
    for (const Case& one : cases) {
        run(one, seed += 10);
    }
    return 0;
}
