#include "Router.h"

#include <cstring>

namespace cyclorama {

void* Router::room(std::size_t index, std::size_t size) noexcept {
    switch (index) {
        case 0:
            if (size <= TOPIC_BYTES) {
                return topic_;
            }
            break;
        case 1:
            if (size <= HEADER_BYTES) {
                header_bytes_ = size;
                return header_;
            }
            break;
        case 2:
            if (size <= PAYLOAD_BYTES) {
                payload_bytes_ = size;
                return payload_;
            }
            break;
        case 3:
            return picture_room(size);
        default:
            break;
    }
    ++malformed_;
    return nullptr;
}

/// The pixels go straight to their listener, so their header must be read before they come.
void* Router::picture_room(std::size_t size) noexcept {
    opened_ = wire::decode(header_, header_bytes_, payload_, payload_bytes_, message_);
    if (opened_ != wire::Outcome::picture) {
        const bool known = opened_ < wire::Outcome::unknown_type;
        hear(known ? wire::Outcome::refused_length : opened_);
        return nullptr;
    }
    if (wire::pixels_length(message_.picture) != size) {
        hear(wire::Outcome::refused_length);
        return nullptr;
    }
    void* room = listener_.pixels(message_);
    if (room == nullptr) {
        ++unwanted_;
        count_in(now_());
    }
    return room;
}

void Router::whole(std::size_t parts) noexcept {
    if (parts == 4) {
        hear(opened_);
        deliver(opened_, now_());
        return;
    }
    if (parts != 3) {
        ++malformed_;
        return;
    }
    wire::Outcome outcome = wire::decode(header_, header_bytes_, payload_, payload_bytes_, message_);
    if (outcome == wire::Outcome::picture) {
        outcome = wire::Outcome::refused_length; // its pixels are missing
    }
    hear(outcome);
    if (outcome < wire::Outcome::unknown_type) {
        deliver(outcome, now_());
    }
}

void Router::hear(wire::Outcome outcome) noexcept {
    ++counts_[static_cast<std::size_t>(outcome)];
}

void Router::deliver(wire::Outcome outcome, std::int64_t arrived_ns) noexcept {
    count_in(arrived_ns);
    switch (outcome) {
        case wire::Outcome::camera:
            clock_.hear(message_.header.clock_id, message_.camera.t_sent_ns, arrived_ns);
            listener_.on_camera(message_, arrived_ns);
            break;
        case wire::Outcome::heartbeat:
            clock_.hear(message_.header.clock_id, message_.heartbeat.t_sent_ns, arrived_ns);
            boots_ += boot_ != 0 && message_.heartbeat.boot != boot_ ? 1U : 0U;
            boot_ = message_.heartbeat.boot;
            break;
        case wire::Outcome::skeleton: listener_.on_skeleton(message_, arrived_ns); break;
        case wire::Outcome::pose: listener_.on_pose(message_, arrived_ns); break;
        case wire::Outcome::face: listener_.on_face(message_, arrived_ns); break;
        case wire::Outcome::picture: listener_.on_picture(message_, arrived_ns); break;
        default: break;
    }
}

void Router::count_in(std::int64_t arrived_ns) noexcept {
    Tally* tally = tally_of(message_.header);
    if (tally == nullptr) {
        ++uncounted_;
        return;
    }
    const std::uint64_t sequence = message_.header.sequence;
    if (tally->received > 0) {
        if (sequence > tally->last_sequence) {
            tally->lost += sequence - tally->last_sequence - 1;
        } else {
            ++tally->restarts;
        }
        const std::int64_t gap_ns = arrived_ns - tally->last_arrived_ns;
        tally->longest_gap_ns = gap_ns > tally->longest_gap_ns ? gap_ns : tally->longest_gap_ns;
    }
    ++tally->received;
    tally->last_sequence = sequence;
    tally->last_arrived_ns = arrived_ns;
}

Tally* Router::tally_of(const wire::Header& header) noexcept {
    for (std::size_t at = 0; at < tally_count_; ++at) {
        if (tallies_[at].type == header.type && std::memcmp(tallies_[at].name, header.name, sizeof(header.name)) == 0) {
            return &tallies_[at];
        }
    }
    if (tally_count_ == MOST_TALLIES) {
        return nullptr;
    }
    Tally& tally = tallies_[tally_count_++];
    tally.type = header.type;
    std::memcpy(tally.name, header.name, sizeof(header.name));
    return &tally;
}

} // namespace cyclorama
