#include "Zmtp.h"

#include <cstring>

namespace cyclorama::zmtp {

namespace {

constexpr unsigned char MORE = 1;
constexpr unsigned char LONG = 2;
constexpr unsigned char COMMAND = 4;
constexpr std::size_t MECHANISM_BYTES = 20;

/// Whether bytes are a name as ZMTP has it: a length and as many letters.
bool is_name(const unsigned char* bytes, std::size_t count, const char* name) noexcept {
    const std::size_t length = std::strlen(name);
    return count > length && bytes[0] == length && std::memcmp(bytes + 1, name, length) == 0;
}

bool is_word(const unsigned char* bytes, std::size_t count, const char* word) noexcept {
    return count == std::strlen(word) && std::memcmp(bytes, word, count) == 0;
}

std::uint64_t big_endian(const unsigned char* bytes, std::size_t count) noexcept {
    std::uint64_t value = 0;
    for (std::size_t at = 0; at < count; ++at) {
        value = value << 8 | bytes[at];
    }
    return value;
}

} // namespace

const char* describe(Fault fault) noexcept {
    switch (fault) {
        case Fault::none: return "";
        case Fault::closed: return "the bridge closed the connection";
        case Fault::not_zmtp: return "what answers there does not speak ZeroMQ: is the port the engine's?";
        case Fault::old_version: return "what answers there speaks ZeroMQ older than 3.0";
        case Fault::not_null: return "the bridge wants an encrypted connection on this port, which the plugin does not have";
        case Fault::wrong_peer: return "another kind of ZeroMQ socket answers there: is the port the engine's?";
        case Fault::bad_frame: return "a frame came that ZeroMQ does not have";
        case Fault::bad_command: return "a command came that is not laid out as ZeroMQ's are";
        case Fault::too_long: return "a part of a message is longer than any picture";
        case Fault::refused: return "the bridge refused the connection";
    }
    return "";
}

Peer::Peer(Role role) noexcept : role_(role) {
    restart();
}

void Peer::restart() noexcept {
    fault_ = Fault::none;
    stage_ = Stage::greeting;
    said_ready_ = skipping_ = false;
    flags_ = 0;
    part_index_ = held_ = written_ = queued_ = 0;
    into_ = nullptr;
    left_ = 0;
    // signature, version 3.0, mechanism, as-server 0, filler
    unsigned char greeting[GREETING_BYTES]{};
    greeting[0] = 0xFF;
    greeting[9] = 0x7F;
    greeting[10] = 3;
    std::memcpy(greeting + 12, "NULL", 4);
    queue(greeting, sizeof(greeting));
}

bool Peer::subscribe(const void* prefix, std::size_t count) noexcept {
    if (role_ != Role::sub || prefix_count_ == MOST_SUBSCRIPTIONS || count > MOST_PREFIX_BYTES) {
        return false;
    }
    Prefix& added = prefixes_[prefix_count_++];
    added.count = static_cast<std::uint8_t>(count);
    if (count > 0) {
        std::memcpy(added.bytes, prefix, count);
    }
    if (ready()) {
        say_subscription(added);
    }
    return true;
}

bool Peer::send(const Part* parts, std::size_t count) noexcept {
    std::size_t bytes = 0;
    for (std::size_t at = 0; at < count; ++at) {
        if (parts[at].count > QUEUE_BYTES) {
            return false;
        }
        bytes += parts[at].count + 9;
    }
    if (role_ != Role::dealer || !ready() || count == 0 || bytes > QUEUE_BYTES - waiting()) {
        return false;
    }
    for (std::size_t at = 0; at < count; ++at) {
        queue_frame(at + 1 < count ? MORE : 0, parts[at].bytes, parts[at].count);
    }
    return true;
}

bool Peer::pump(Stream& stream, Inbox& inbox, std::size_t most_bytes) noexcept {
    flush(stream);
    std::size_t read = 0;
    bool more = true;
    while (more && fault_ == Fault::none && read < most_bytes) {
        if (stage_ == Stage::part && left_ >= BUFFER_BYTES && into_ != nullptr) {
            more = read_straight(stream, inbox, read);
            continue;
        }
        const Stream::Moved moved = stream.read(in_, sizeof(in_));
        read += moved.bytes;
        take(inbox, in_, moved.bytes);
        if (!moved.open) {
            fail(Fault::closed);
        }
        more = moved.bytes == sizeof(in_);
    }
    flush(stream);
    return more && fault_ == Fault::none;
}

bool Peer::read_straight(Stream& stream, Inbox& inbox, std::size_t& read) noexcept {
    const Stream::Moved moved = stream.read(into_, static_cast<std::size_t>(left_));
    read += moved.bytes;
    into_ += moved.bytes;
    left_ -= moved.bytes;
    if (left_ == 0) {
        on_part_end(inbox);
    }
    if (!moved.open) {
        fail(Fault::closed);
    }
    return moved.bytes > 0;
}

void Peer::flush(Stream& stream) noexcept {
    while (written_ < queued_ && fault_ == Fault::none) {
        const Stream::Moved moved = stream.write(out_ + written_, queued_ - written_);
        written_ += moved.bytes;
        if (!moved.open) {
            fail(Fault::closed);
        }
        if (moved.bytes == 0) {
            break;
        }
    }
    if (written_ == queued_) {
        written_ = queued_ = 0;
    }
}

void Peer::take(Inbox& inbox, const unsigned char* bytes, std::size_t count) noexcept {
    while (count > 0 && fault_ == Fault::none) {
        const std::size_t taken = take_some(inbox, bytes, count);
        bytes += taken;
        count -= taken;
    }
}

std::size_t Peer::take_some(Inbox& inbox, const unsigned char* bytes, std::size_t count) noexcept {
    const std::size_t before = count;
    switch (stage_) {
        case Stage::greeting:
            if (gather(bytes, count, GREETING_BYTES)) {
                on_greeting();
            } else if (small_[0] != 0xFF) {
                fail(Fault::not_zmtp); // an HTTP server would keep us waiting for the rest
            }
            break;
        case Stage::flags:
            on_flags(bytes[0]);
            --count;
            break;
        case Stage::length:
            if (gather(bytes, count, (flags_ & LONG) != 0 ? 8 : 1)) {
                on_length(inbox, big_endian(small_, (flags_ & LONG) != 0 ? 8 : 1));
            }
            break;
        case Stage::command:
            if (gather(bytes, count, static_cast<std::size_t>(left_))) {
                on_command();
            }
            break;
        case Stage::part: {
            const std::size_t here = count < left_ ? count : static_cast<std::size_t>(left_);
            if (into_ != nullptr) {
                std::memcpy(into_, bytes, here);
                into_ += here;
            }
            left_ -= here;
            count -= here;
            if (left_ == 0) {
                on_part_end(inbox);
            }
            break;
        }
    }
    return before - count;
}

/// Collects in `small_`; true once `wanted` bytes are there, which the next stage finds at its beginning.
bool Peer::gather(const unsigned char*& bytes, std::size_t& count, std::size_t wanted) noexcept {
    const std::size_t missing = wanted - held_;
    const std::size_t here = count < missing ? count : missing;
    std::memcpy(small_ + held_, bytes, here);
    bytes += here;
    count -= here;
    held_ += here;
    if (held_ < wanted) {
        return false;
    }
    held_ = 0;
    return true;
}

void Peer::on_greeting() noexcept {
    if (small_[0] != 0xFF || (small_[9] & 1) == 0) {
        fail(Fault::not_zmtp);
        return;
    }
    if (small_[10] < 3) {
        fail(Fault::old_version);
        return;
    }
    unsigned char null[MECHANISM_BYTES]{};
    std::memcpy(null, "NULL", 4);
    if (std::memcmp(small_ + 12, null, sizeof(null)) != 0) {
        fail(Fault::not_null);
        return;
    }
    stage_ = Stage::flags;
    say_ready();
}

void Peer::on_flags(unsigned char flags) noexcept {
    const bool is_command = (flags & COMMAND) != 0;
    // A command may come between the parts of a message: libzmq pings whenever its clock says so.
    if ((flags & ~(MORE | LONG | COMMAND)) != 0 || (is_command && (flags & MORE) != 0) ||
        (!is_command && !said_ready_)) {
        fail(Fault::bad_frame);
        return;
    }
    flags_ = flags;
    stage_ = Stage::length;
}

void Peer::on_length(Inbox& inbox, std::uint64_t length) noexcept {
    left_ = length;
    if ((flags_ & COMMAND) != 0) {
        stage_ = Stage::command;
        if (length > COMMAND_BYTES) {
            fail(Fault::too_long);
        } else if (length == 0) {
            fail(Fault::bad_command);
        }
        return;
    }
    if (length > MOST_PART_BYTES) {
        fail(Fault::too_long);
        return;
    }
    stage_ = Stage::part;
    if (!skipping_) {
        into_ = static_cast<unsigned char*>(inbox.room(part_index_, static_cast<std::size_t>(length)));
        skipping_ = into_ == nullptr;
    }
    if (length == 0) {
        on_part_end(inbox);
    }
}

void Peer::on_part_end(Inbox& inbox) noexcept {
    stage_ = Stage::flags;
    into_ = nullptr;
    ++part_index_;
    if ((flags_ & MORE) != 0) {
        return;
    }
    if (!skipping_) {
        inbox.whole(part_index_);
    }
    skipping_ = false;
    part_index_ = 0;
}

void Peer::on_command() noexcept {
    const std::size_t count = static_cast<std::size_t>(left_);
    left_ = 0;
    stage_ = Stage::flags;
    if (small_[0] == 0 || small_[0] >= count) {
        fail(Fault::bad_command);
    } else if (is_name(small_, count, "READY")) {
        on_ready(small_ + 6, count - 6);
    } else if (is_name(small_, count, "ERROR")) {
        fail(Fault::refused);
    } else if (is_name(small_, count, "PING")) {
        on_ping(small_ + 5, count - 5);
    } // any other, as one of a later version: not ours to understand
}

/// Properties: a name, its length before it in one byte; a value, its length before it in four.
void Peer::on_ready(const unsigned char* bytes, std::size_t count) noexcept {
    if (said_ready_) {
        fail(Fault::bad_command);
        return;
    }
    bool may = false;
    while (count > 0) {
        const std::size_t name = bytes[0];
        if (name == 0 || count < name + 5) {
            fail(Fault::bad_command);
            return;
        }
        const std::uint64_t value = big_endian(bytes + 1 + name, 4);
        if (value > count - name - 5) {
            fail(Fault::bad_command);
            return;
        }
        const unsigned char* at = bytes + name + 5;
        if (is_word(bytes + 1, name, "Socket-Type")) {
            may = may_talk_to(at, static_cast<std::size_t>(value));
        }
        bytes = at + value;
        count -= name + 5 + static_cast<std::size_t>(value);
    }
    if (!may) {
        fail(Fault::wrong_peer);
        return;
    }
    said_ready_ = true;
    for (std::size_t at = 0; at < prefix_count_; ++at) {
        say_subscription(prefixes_[at]);
    }
}

bool Peer::may_talk_to(const unsigned char* type, std::size_t count) const noexcept {
    if (role_ == Role::sub) {
        return is_word(type, count, "PUB") || is_word(type, count, "XPUB");
    }
    return is_word(type, count, "ROUTER") || is_word(type, count, "REP") || is_word(type, count, "DEALER");
}

/// ZMTP 3.1's heartbeat, which libzmq sends to 3.0 too: PING carries a time to live and a context, PONG gives it back.
void Peer::on_ping(const unsigned char* bytes, std::size_t count) noexcept {
    constexpr std::size_t TTL_BYTES = 2;
    constexpr std::size_t MOST_CONTEXT_BYTES = 16;
    if (count < TTL_BYTES || count > TTL_BYTES + MOST_CONTEXT_BYTES) {
        fail(Fault::bad_command);
        return;
    }
    unsigned char pong[5 + MOST_CONTEXT_BYTES] = {4, 'P', 'O', 'N', 'G'};
    std::memcpy(pong + 5, bytes + TTL_BYTES, count - TTL_BYTES);
    queue_frame(COMMAND, pong, 5 + count - TTL_BYTES);
}

void Peer::say_ready() noexcept {
    const char* type = role_ == Role::sub ? "SUB" : "DEALER";
    const std::size_t length = std::strlen(type);
    unsigned char ready[64] = {5, 'R', 'E', 'A', 'D', 'Y', 11, 'S', 'o', 'c', 'k', 'e', 't', '-', 'T', 'y', 'p', 'e'};
    ready[21] = static_cast<unsigned char>(length);
    std::memcpy(ready + 22, type, length);
    queue_frame(COMMAND, ready, 22 + length);
}

void Peer::say_subscription(const Prefix& prefix) noexcept {
    unsigned char message[1 + MOST_PREFIX_BYTES] = {1};
    std::memcpy(message + 1, prefix.bytes, prefix.count);
    queue_frame(0, message, 1U + prefix.count);
}

bool Peer::queue_frame(unsigned char flags, const void* bytes, std::size_t count) noexcept {
    unsigned char head[9] = {flags};
    std::size_t length = 2;
    if (count < 256) {
        head[1] = static_cast<unsigned char>(count);
    } else {
        head[0] = static_cast<unsigned char>(flags | LONG);
        for (std::size_t at = 0; at < 8; ++at) {
            head[1 + at] = static_cast<unsigned char>(static_cast<std::uint64_t>(count) >> (56 - 8 * at));
        }
        length = 9;
    }
    return queue(head, length) && queue(bytes, count);
}

bool Peer::queue(const void* bytes, std::size_t count) noexcept {
    if (written_ > 0 && count > QUEUE_BYTES - queued_) {
        std::memmove(out_, out_ + written_, queued_ - written_);
        queued_ -= written_;
        written_ = 0;
    }
    if (count > QUEUE_BYTES - queued_) {
        fail(Fault::too_long); // whoever pings faster than it reads
        return false;
    }
    if (count > 0) {
        std::memcpy(out_ + queued_, bytes, count);
    }
    queued_ += count;
    return true;
}

void Peer::fail(Fault fault) noexcept {
    if (fault_ == Fault::none) {
        fault_ = fault;
    }
}

} // namespace cyclorama::zmtp
