#include "Listening.h"

#include "Report.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace cyclorama {

void Times::add(std::int64_t time_ns) noexcept {
    times_ns_[count_ % KEPT] = time_ns;
    ++count_;
}

Times::Said Times::said() const noexcept {
    const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(count_, KEPT));
    if (count == 0) {
        return Said{};
    }
    std::int64_t ordered[KEPT];
    std::copy_n(times_ns_, count, ordered);
    std::sort(ordered, ordered + count);
    const std::size_t late = (99 * (count - 1) + 50) / 100;
    return Said{ordered[count / 2], ordered[late], ordered[count - 1], count};
}

void Listening::on_camera(const wire::Message& message, std::int64_t arrived_ns) noexcept {
    hear(message, Way{message.camera.t_arrival_ns, message.camera.t_sent_ns, arrived_ns});
}

void Listening::on_skeleton(const wire::Message& message, std::int64_t arrived_ns) noexcept {
    hear(message, Way{0, message.skeleton.t_sent_ns, arrived_ns});
}

void Listening::on_pose(const wire::Message& message, std::int64_t arrived_ns) noexcept {
    hear(message, Way{message.pose.t_arrival_ns, message.pose.t_sent_ns, arrived_ns});
}

void Listening::on_face(const wire::Message& message, std::int64_t arrived_ns) noexcept {
    hear(message, Way{message.face.t_arrival_ns, message.face.t_sent_ns, arrived_ns});
}

void* Listening::pixels(const wire::Message& message) noexcept {
    Frame& frame = box_.back();
    const std::size_t wanted = static_cast<std::size_t>(wire::pixels_length(message.picture));
    if (wanted > frame.capacity) {
        frame.pixels.reset(new (std::nothrow) unsigned char[wanted]);
        frame.capacity = frame.pixels ? wanted : 0;
        ++allocations_;
    }
    return frame.pixels.get();
}

void Listening::on_picture(const wire::Message& message, std::int64_t arrived_ns) noexcept {
    const Way way{message.picture.t_arrival_ns, message.picture.t_sent_ns, arrived_ns};
    box_.back().picture = message.picture;
    hear(message, way, sums_ ? box_.back().pixels.get() : nullptr);
    box_.post();
}

void Listening::hear(const wire::Message& message, const Way& way, const unsigned char* pixels) noexcept {
    const wire::Header& header = message.header;
    const bool measured = !wire::has(header, wire::Flag::concealed) && !wire::has(header, wire::Flag::stale) &&
        !wire::has(header, wire::Flag::lost);
    if (frames_) {
        print_frame(message, way, measured, pixels);
    }
    Hops* hops = hops_of(header);
    if (hops == nullptr) {
        return;
    }
    if (hops->last_arrived_ns != 0) {
        hops->gap_ns = std::max(hops->gap_ns, way.arrived_ns - hops->last_arrived_ns);
    }
    hops->last_arrived_ns = way.arrived_ns;
    if (!measured) {
        return;
    }
    ++hops->measured;
    if (header.clock_id == clock_id_) {
        hops->on_wire.add(way.arrived_ns - way.sent_ns);
        if (way.received_ns != 0) {
            hops->in_bridge.add(way.sent_ns - way.received_ns);
            hops->whole.add(way.arrived_ns - way.received_ns);
        }
    }
}

Hops* Listening::hops_of(const wire::Header& header) noexcept {
    for (std::size_t at = 0; at < count_; ++at) {
        if (hops_[at]->type == header.type && std::memcmp(hops_[at]->name, header.name, sizeof(header.name)) == 0) {
            return hops_[at].get();
        }
    }
    if (count_ == MOST) {
        return nullptr;
    }
    hops_[count_].reset(new (std::nothrow) Hops);
    if (!hops_[count_]) {
        return nullptr;
    }
    Hops& made = *hops_[count_++];
    made.type = header.type;
    std::memcpy(made.name, header.name, sizeof(header.name));
    return &made;
}

} // namespace cyclorama
