// One end of a ZeroMQ connection, ZMTP 3.0 (rfc.zeromq.org/spec/23), mechanism NULL: a SUB or a DEALER.
//
// No socket and no clock: `Peer::pump` moves what a stream has. Nothing is allocated; a part of a message is read
// straight to where its receiver wants it, so that a picture is copied once, by the system.
#pragma once

#include "Stream.h"

#include <cstddef>
#include <cstdint>

namespace cyclorama::zmtp {

enum class Role : std::uint8_t { sub, dealer };

/// Why a connection cannot go on. Any but `none` is final.
enum class Fault : std::uint8_t {
    none,
    closed,
    not_zmtp,
    old_version, ///< below 3.0
    not_null, ///< the peer wants a mechanism other than NULL
    wrong_peer, ///< not a socket this role may talk to
    bad_frame, ///< reserved flags, or a command where none may be
    bad_command, ///< one that is not laid out as the specification says
    too_long,
    refused, ///< the peer said ERROR
};

/// One sentence for the log.
const char* describe(Fault fault) noexcept;

/// Where the parts of messages go. Called in order: room, room, ..., then `whole` once.
class Inbox {
public:
    /// Memory for part `index` of `size` bytes. Null: this message is not wanted; its rest is thrown away, `whole` is not called.
    virtual void* room(std::size_t index, std::size_t size) noexcept = 0;
    /// A message of so many parts is complete.
    virtual void whole(std::size_t parts) noexcept = 0;

    Inbox() = default;
    Inbox(const Inbox&) = delete;
    Inbox& operator=(const Inbox&) = delete;

protected:
    ~Inbox() = default;
};

/// A part to be sent.
struct Part {
    const void* bytes{};
    std::size_t count{};
};

/// The longest part that is believed: larger ones are no stage's pictures but a broken or hostile length.
inline constexpr std::uint64_t MOST_PART_BYTES = std::uint64_t{1} << 28;

class Peer {
public:
    explicit Peer(Role role) noexcept;

    /// Start anew, as after a new connection. Subscriptions are kept and said again.
    void restart() noexcept;

    /// SUB: messages whose topic begins with these bytes; nothing is all. False: no room for more (16, of up to 63 bytes).
    bool subscribe(const void* prefix, std::size_t count) noexcept;

    /// DEALER: queue one message, all of it or nothing. False: not connected yet, or the queue is full.
    bool send(const Part* parts, std::size_t count) noexcept;

    /// Move what can be moved without waiting, up to about `most_bytes` in; true while there may be more to read.
    bool pump(Stream& stream, Inbox& inbox, std::size_t most_bytes) noexcept;

    /// Whether both sides have said READY.
    bool ready() const noexcept { return stage_ >= Stage::flags && said_ready_; }
    Fault fault() const noexcept { return fault_; }
    /// Bytes that wait to be written.
    std::size_t waiting() const noexcept { return queued_ - written_; }

private:
    enum class Stage : std::uint8_t { greeting, flags, length, command, part };

    static constexpr std::size_t BUFFER_BYTES = 16384;
    static constexpr std::size_t QUEUE_BYTES = 65536;
    static constexpr std::size_t COMMAND_BYTES = 512;
    static constexpr std::size_t GREETING_BYTES = 64;
    static constexpr std::size_t MOST_SUBSCRIPTIONS = 16;
    static constexpr std::size_t MOST_PREFIX_BYTES = 63;

    struct Prefix {
        unsigned char bytes[MOST_PREFIX_BYTES];
        std::uint8_t count;
    };

    void flush(Stream& stream) noexcept;
    bool read_straight(Stream& stream, Inbox& inbox, std::size_t& read) noexcept;
    void take(Inbox& inbox, const unsigned char* bytes, std::size_t count) noexcept;
    std::size_t take_some(Inbox& inbox, const unsigned char* bytes, std::size_t count) noexcept;
    bool gather(const unsigned char*& bytes, std::size_t& count, std::size_t wanted) noexcept;
    void on_greeting() noexcept;
    void on_flags(unsigned char flags) noexcept;
    void on_length(Inbox& inbox, std::uint64_t length) noexcept;
    void on_part_end(Inbox& inbox) noexcept;
    void on_command() noexcept;
    void on_ready(const unsigned char* bytes, std::size_t count) noexcept;
    void on_ping(const unsigned char* bytes, std::size_t count) noexcept;
    bool may_talk_to(const unsigned char* type, std::size_t count) const noexcept;
    void say_ready() noexcept;
    void say_subscription(const Prefix& prefix) noexcept;
    bool queue(const void* bytes, std::size_t count) noexcept;
    bool queue_frame(unsigned char flags, const void* bytes, std::size_t count) noexcept;
    void fail(Fault fault) noexcept;

    Role role_;
    Fault fault_{Fault::none};
    Stage stage_{Stage::greeting};
    bool said_ready_{};
    unsigned char flags_{};
    bool skipping_{};
    std::size_t part_index_{};
    unsigned char* into_{}; ///< where the rest of a part goes; null while skipping
    std::uint64_t left_{};
    unsigned char small_[COMMAND_BYTES]{}; ///< greeting, lengths and commands, as far as they are here
    std::size_t held_{};
    Prefix prefixes_[MOST_SUBSCRIPTIONS]{};
    std::size_t prefix_count_{};
    std::size_t written_{};
    std::size_t queued_{};
    unsigned char out_[QUEUE_BYTES]{};
    unsigned char in_[BUFFER_BYTES]{};
};

} // namespace cyclorama::zmtp
