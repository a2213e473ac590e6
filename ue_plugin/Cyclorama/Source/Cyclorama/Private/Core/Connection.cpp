#include "Connection.h"

namespace cyclorama {

namespace {

/// Bytes of one step: a picture or two, so that other work of the caller's thread gets its turn.
constexpr std::size_t STEP_BYTES = 8U << 20;

/// Passes an inbox through and sees whether anything came.
class Listening final : public zmtp::Inbox {
public:
    explicit Listening(zmtp::Inbox& inner) noexcept : inner_(inner) {}
    void* room(std::size_t index, std::size_t size) noexcept override {
        heard = true;
        return inner_.room(index, size);
    }
    void whole(std::size_t parts) noexcept override { inner_.whole(parts); }
    bool heard{};

private:
    zmtp::Inbox& inner_;
};

} // namespace

bool Connection::step(std::int64_t now_ns, zmtp::Inbox& inbox) noexcept {
    if (state_ == State::resting) {
        if (began_ && now_ns < until_ns_) {
            return false;
        }
        began_ = true;
        state_ = State::dialling;
        until_ns_ = now_ns + DIALLING_NS;
    }
    if (state_ == State::dialling) {
        const Dialer::Outcome outcome = dialer_.dial();
        if (outcome == Dialer::Outcome::failed || (outcome == Dialer::Outcome::waiting && now_ns >= until_ns_)) {
            rest(now_ns);
        }
        if (outcome != Dialer::Outcome::connected) {
            return false;
        }
        peer_.restart();
        state_ = State::greeting;
        until_ns_ = now_ns + GREETING_NS;
    }
    Listening listening(inbox);
    const bool more = peer_.pump(dialer_.stream(), listening, STEP_BYTES);
    if (listening.heard) {
        heard_ns_ = now_ns;
    }
    if (state_ == State::greeting && peer_.ready()) {
        state_ = State::open;
        heard_ns_ = now_ns;
        rest_ns_ = FIRST_REST_NS;
        fell_silent_ = false;
        ++connects_;
    }
    const bool silent = state_ == State::open ? now_ns - heard_ns_ >= SILENCE_NS : now_ns >= until_ns_;
    if (peer_.fault() != zmtp::Fault::none || silent) {
        last_fault_ = peer_.fault();
        fell_silent_ = silent && last_fault_ == zmtp::Fault::none;
        rest(now_ns);
        return false;
    }
    return more;
}

void Connection::rest(std::int64_t now_ns) noexcept {
    dialer_.hang_up();
    state_ = State::resting;
    until_ns_ = now_ns + rest_ns_;
    rest_ns_ = rest_ns_ * 2 < LONGEST_REST_NS ? rest_ns_ * 2 : LONGEST_REST_NS;
}

void Connection::close() noexcept {
    dialer_.hang_up();
    state_ = State::resting;
    began_ = false;
}

} // namespace cyclorama
