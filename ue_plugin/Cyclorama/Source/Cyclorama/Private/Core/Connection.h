// A connection that comes back: dials, speaks ZMTP, hangs up when nothing is heard, waits longer after each failure.
#pragma once

#include "Zmtp.h"

#include <cstdint>

namespace cyclorama {

/// How a stream is got. No call waits.
class Dialer {
public:
    enum class Outcome : std::uint8_t { waiting, connected, failed };

    /// Begin a connection, or look how far the begun one is.
    virtual Outcome dial() noexcept = 0;
    /// Of the connection that `dial` made.
    virtual Stream& stream() noexcept = 0;
    /// End it, or the attempt.
    virtual void hang_up() noexcept = 0;

    Dialer() = default;
    Dialer(const Dialer&) = delete;
    Dialer& operator=(const Dialer&) = delete;

protected:
    ~Dialer() = default;
};

/// Times are nanoseconds of any clock that only goes forward, and are passed in.
class Connection {
public:
    enum class State : std::uint8_t { resting, dialling, greeting, open };

    Connection(Dialer& dialer, zmtp::Role role) noexcept : dialer_(dialer), peer_(role) {}

    /// As `zmtp::Peer` has it; to be said before the first step, or at any time.
    bool subscribe(const void* prefix, std::size_t count) noexcept { return peer_.subscribe(prefix, count); }
    bool send(const zmtp::Part* parts, std::size_t count) noexcept { return peer_.send(parts, count); }

    /// Do what can be done now; true while there is more to do at once, else call again when bytes come or in 20 ms.
    bool step(std::int64_t now_ns, zmtp::Inbox& inbox) noexcept;
    /// Hang up for good, or until the next `step`.
    void close() noexcept;

    State state() const noexcept { return state_; }
    /// What ended the last connection, for people.
    zmtp::Fault last_fault() const noexcept { return last_fault_; }
    /// How often a connection was made.
    std::uint32_t connects() const noexcept { return connects_; }
    /// Whether the last connection ended because nothing was heard.
    bool fell_silent() const noexcept { return fell_silent_; }

    static constexpr std::int64_t FIRST_REST_NS = 20'000'000;
    static constexpr std::int64_t LONGEST_REST_NS = 320'000'000; ///< so that a bridge that returns is heard within a second
    static constexpr std::int64_t DIALLING_NS = 2'000'000'000;
    static constexpr std::int64_t GREETING_NS = 2'000'000'000;
    static constexpr std::int64_t SILENCE_NS = 5'000'000'000; ///< the bridge says a heartbeat every second

private:
    void rest(std::int64_t now_ns) noexcept;

    Dialer& dialer_;
    zmtp::Peer peer_;
    State state_{State::resting};
    zmtp::Fault last_fault_{zmtp::Fault::none};
    bool fell_silent_{};
    bool began_{};
    std::uint32_t connects_{};
    std::int64_t until_ns_{}; ///< of a rest, or the time limit of dialling and greeting
    std::int64_t heard_ns_{};
    std::int64_t rest_ns_{FIRST_REST_NS};
};

} // namespace cyclorama
