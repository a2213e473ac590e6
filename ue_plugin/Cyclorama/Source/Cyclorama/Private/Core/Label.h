// Timecode as time since midnight, in integers: two machines that are told the same label have the same number.
#pragma once

#include "HeldFrames.h"
#include "WireGenerated.h"

namespace cyclorama {

/// So many frames at a rate, in nanoseconds, rounded down. Below a day at any rate that is filmed at, nothing overflows.
inline std::int64_t frames_ns(std::int64_t frames, std::uint32_t rate_num, std::uint32_t rate_den) noexcept {
    constexpr std::int64_t NS_PER_S = 1'000'000'000;
    const std::int64_t units = frames * rate_den; // seconds are units / rate_num
    return units / rate_num * NS_PER_S + units % rate_num * NS_PER_S / rate_num;
}

/// A message's timecode since midnight; NO_LABEL: it has none, or a rate that is none.
inline std::int64_t label_ns(const wire::Header& header) noexcept {
    constexpr std::uint32_t MOST_RATE = 1'000'000;
    if (!wire::has(header, wire::Flag::timecode_valid) || header.rate_num == 0 || header.rate_den == 0 ||
        header.rate_num > MOST_RATE || header.rate_den > MOST_RATE) {
        return NO_LABEL;
    }
    const std::int64_t nominal = (std::int64_t{header.rate_num} + header.rate_den / 2) / header.rate_den;
    const std::int64_t minutes = header.hours * std::int64_t{60} + header.minutes;
    std::int64_t frames = (minutes * 60 + header.seconds) * nominal + header.frames;
    if (wire::has(header, wire::Flag::drop_frame)) {
        frames -= nominal / 15 * (minutes - minutes / 10); // two labels of each minute but every tenth, at 30
    }
    return frames_ns(frames, header.rate_num, header.rate_den);
}

} // namespace cyclorama
