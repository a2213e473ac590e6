// Bytes to and from one peer: all that the core asks of a network. FSocket implements it in Unreal, a socket in cyc-engine.
#pragma once

#include <cstddef>

namespace cyclorama {

/// Neither call ever waits.
class Stream {
public:
    struct Moved {
        std::size_t bytes{};
        bool open{true}; ///< false: the peer is gone; what was moved before counts all the same
    };

    virtual Moved read(void* into, std::size_t most) noexcept = 0;
    virtual Moved write(const void* from, std::size_t count) noexcept = 0;

    Stream() = default;
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

protected:
    ~Stream() = default;
};

} // namespace cyclorama
