#include "TcpDialer.h"

#include <cstdio>
#include <cstring>

#if defined(_WIN32)
#include <winsock2.h>
#include <ws2tcpip.h>
#else
#include <cerrno>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

namespace cyclorama {

namespace {

constexpr int RECEIVE_BUFFER_BYTES = 8 << 20;
constexpr std::intptr_t NONE = -1;

#if defined(_WIN32)
using Handle = SOCKET;
using Length = int;
using Count = int;
constexpr int SEND_FLAGS = 0;

bool would_wait() noexcept {
    return WSAGetLastError() == WSAEWOULDBLOCK || WSAGetLastError() == WSAEINPROGRESS;
}
void shut(Handle handle) noexcept {
    closesocket(handle);
}
void do_not_wait(Handle handle) noexcept {
    u_long yes = 1;
    ioctlsocket(handle, FIONBIO, &yes);
}
int poll_one(Handle handle, short events, int most_ms) noexcept {
    WSAPOLLFD one{handle, events, 0};
    return WSAPoll(&one, 1, most_ms);
}
void start() noexcept {
    WSADATA data;
    WSAStartup(MAKEWORD(2, 2), &data);
}
#else
using Handle = int;
using Length = socklen_t;
using Count = std::size_t;
constexpr int SEND_FLAGS = MSG_NOSIGNAL;

bool would_wait() noexcept {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINPROGRESS || errno == EINTR;
}
void shut(Handle handle) noexcept {
    close(handle);
}
void do_not_wait(Handle handle) noexcept {
    fcntl(handle, F_SETFL, fcntl(handle, F_GETFL) | O_NONBLOCK);
}
int poll_one(Handle handle, short events, int most_ms) noexcept {
    pollfd one{handle, events, 0};
    return poll(&one, 1, most_ms);
}
void start() noexcept {}
#endif

Handle handle_of(std::intptr_t value) noexcept {
    return static_cast<Handle>(value);
}

} // namespace

bool TcpDialer::aim(const Place& place) noexcept {
    start();
    char port[8];
    std::snprintf(port, sizeof(port), "%u", static_cast<unsigned>(place.port));
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(place.host, port, &wanted, &found) != 0 || found == nullptr || found->ai_addrlen > ADDRESS_BYTES) {
        return false;
    }
    std::memcpy(address_, found->ai_addr, found->ai_addrlen);
    address_bytes_ = found->ai_addrlen;
    family_ = found->ai_family;
    freeaddrinfo(found);
    return true;
}

Dialer::Outcome TcpDialer::dial() noexcept {
    if (stream_.handle == NONE) {
        const Handle made = socket(family_, SOCK_STREAM, 0);
        stream_.handle = static_cast<std::intptr_t>(made);
        if (stream_.handle == NONE) {
            return Outcome::failed;
        }
        do_not_wait(made);
        const int yes = 1;
        setsockopt(made, IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<const char*>(&yes), sizeof(yes));
        setsockopt(made, SOL_SOCKET, SO_RCVBUF, reinterpret_cast<const char*>(&RECEIVE_BUFFER_BYTES), sizeof(int));
        const auto* to = reinterpret_cast<const sockaddr*>(address_);
        if (connect(made, to, static_cast<Length>(address_bytes_)) == 0) {
            return Outcome::connected;
        }
        return would_wait() ? Outcome::waiting : Outcome::failed;
    }
    if (poll_one(handle_of(stream_.handle), POLLOUT, 0) == 0) {
        return Outcome::waiting;
    }
    int error = 0;
    Length length = sizeof(error);
    getsockopt(handle_of(stream_.handle), SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&error), &length);
    return error == 0 ? Outcome::connected : Outcome::failed;
}

void TcpDialer::hang_up() noexcept {
    if (stream_.handle != NONE) {
        shut(handle_of(stream_.handle));
        stream_.handle = NONE;
    }
}

void TcpDialer::wait(int most_ms) const noexcept {
    if (stream_.handle != NONE) {
        poll_one(handle_of(stream_.handle), POLLIN, most_ms);
        return;
    }
#if defined(_WIN32)
    Sleep(static_cast<DWORD>(most_ms));
#else
    poll(nullptr, 0, most_ms);
#endif
}

Stream::Moved TcpDialer::Socket::read(void* into, std::size_t most) noexcept {
    const auto got = recv(handle_of(handle), static_cast<char*>(into), static_cast<Count>(most), 0);
    if (got > 0) {
        return Moved{static_cast<std::size_t>(got), true};
    }
    return Moved{0, got < 0 && would_wait()};
}

Stream::Moved TcpDialer::Socket::write(const void* from, std::size_t count) noexcept {
    const auto put = send(handle_of(handle), static_cast<const char*>(from), static_cast<Count>(count), SEND_FLAGS);
    if (put >= 0) {
        return Moved{static_cast<std::size_t>(put), true};
    }
    return Moved{0, would_wait()};
}

} // namespace cyclorama
