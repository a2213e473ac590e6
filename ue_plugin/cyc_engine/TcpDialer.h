// The system's TCP sockets, for cyc-engine. In Unreal FSocket takes this place.
#pragma once

#include "Connection.h"
#include "Place.h"

#include <cstdint>

namespace cyclorama {

/// Never waits, but for the name of a host to be found, which happens once.
class TcpDialer final : public Dialer {
public:
    TcpDialer() = default;
    ~TcpDialer() { hang_up(); }

    /// False: there is no such host.
    bool aim(const Place& place) noexcept;

    Outcome dial() noexcept override;
    Stream& stream() noexcept override { return stream_; }
    void hang_up() noexcept override;

    /// Wait until bytes can be read, or a begun connection is made, or for so many milliseconds.
    void wait(int most_ms) const noexcept;

private:
    class Socket final : public Stream {
    public:
        Moved read(void* into, std::size_t most) noexcept override;
        Moved write(const void* from, std::size_t count) noexcept override;
        std::intptr_t handle{-1};
    };

    static constexpr std::size_t ADDRESS_BYTES = 128;

    Socket stream_;
    alignas(8) unsigned char address_[ADDRESS_BYTES]{};
    std::size_t address_bytes_{};
    int family_{};
};

} // namespace cyclorama
