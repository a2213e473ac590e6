// Messages to whom they concern, counted on the way: what came, what was missing in the numbers, what was refused.
#pragma once

#include "ClockOffset.h"
#include "WireGenerated.h"
#include "Zmtp.h"

#include <cstddef>
#include <cstdint>

namespace cyclorama {

/// What the bridge says, as it comes. Pointers in a message are valid during the call only.
class Listener {
public:
    virtual void on_camera(const wire::Message& message, std::int64_t arrived_ns) noexcept = 0;
    virtual void on_skeleton(const wire::Message& message, std::int64_t arrived_ns) noexcept = 0;
    virtual void on_pose(const wire::Message& message, std::int64_t arrived_ns) noexcept = 0;
    virtual void on_face(const wire::Message& message, std::int64_t arrived_ns) noexcept = 0;
    /// Memory for the pixels of a picture that is coming, `wire::pixels_length` bytes. Null: it is not wanted.
    virtual void* pixels(const wire::Message& message) noexcept = 0;
    /// The pixels that were asked for are there.
    virtual void on_picture(const wire::Message& message, std::int64_t arrived_ns) noexcept = 0;

    Listener() = default;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

protected:
    ~Listener() = default;
};

/// Of one name and type.
struct Tally {
    char name[sizeof(wire::Header::name)]{};
    std::uint16_t type{};
    std::uint64_t received{};
    std::uint64_t lost{}; ///< missing in the numbers
    std::uint64_t restarts{}; ///< times the numbers went back
    std::uint64_t last_sequence{};
    std::int64_t last_arrived_ns{};
    std::int64_t longest_gap_ns{};
};

class Router final : public zmtp::Inbox {
public:
    using Now = std::int64_t (*)() noexcept;

    /// `now` is asked when a message is complete: that is its arrival.
    Router(Listener& listener, Now now) noexcept : listener_(listener), now_(now) {}

    void* room(std::size_t index, std::size_t size) noexcept override;
    void whole(std::size_t parts) noexcept override;

    static constexpr std::size_t MOST_TALLIES = 64;
    static constexpr std::size_t OUTCOMES = static_cast<std::size_t>(wire::Outcome::refused_field) + 1;

    std::size_t tally_count() const noexcept { return tally_count_; }
    const Tally& tally(std::size_t at) const noexcept { return tallies_[at]; }
    /// Messages by what was made of them.
    std::uint64_t count(wire::Outcome outcome) const noexcept { return counts_[static_cast<std::size_t>(outcome)]; }
    /// Messages with too few or too many parts, or a part too long for what it is.
    std::uint64_t malformed() const noexcept { return malformed_; }
    /// Messages of more subjects than are kept count of; they were passed on all the same.
    std::uint64_t uncounted() const noexcept { return uncounted_; }
    /// Pictures that their listener had no room for.
    std::uint64_t unwanted() const noexcept { return unwanted_; }
    const ClockOffset& clock() const noexcept { return clock_; }
    /// Times the bridge said another boot.
    std::uint32_t boots() const noexcept { return boots_; }

private:
    static constexpr std::size_t TOPIC_BYTES = 256;
    static constexpr std::size_t HEADER_BYTES = 256;
    static constexpr std::size_t PAYLOAD_BYTES = 131072; ///< 1000 bones and 1000 curves with their names

    void hear(wire::Outcome outcome) noexcept;
    void* picture_room(std::size_t size) noexcept;
    void deliver(wire::Outcome outcome, std::int64_t arrived_ns) noexcept;
    void count_in(std::int64_t arrived_ns) noexcept;
    Tally* tally_of(const wire::Header& header) noexcept;

    Listener& listener_;
    Now now_;
    std::size_t header_bytes_{};
    std::size_t payload_bytes_{};
    wire::Message message_{};
    wire::Outcome opened_{wire::Outcome::unknown_type}; ///< of a picture whose pixels are coming
    ClockOffset clock_{};
    std::uint32_t boot_{};
    std::uint32_t boots_{};
    std::uint64_t counts_[OUTCOMES]{};
    std::uint64_t malformed_{};
    std::uint64_t uncounted_{};
    std::uint64_t unwanted_{};
    std::size_t tally_count_{};
    Tally tallies_[MOST_TALLIES]{};
    alignas(16) unsigned char topic_[TOPIC_BYTES]{};
    alignas(16) unsigned char header_[HEADER_BYTES]{};
    alignas(16) unsigned char payload_[PAYLOAD_BYTES]{};
};

} // namespace cyclorama
