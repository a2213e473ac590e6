// The floor of `cyc bench plugin`: what cyc-engine does, with libzmq in the place of the core's own ZMTP. It is linked
// with the libzmq that pyzmq brings, which has no header: these few lines are its public interface (api.zeromq.org).
#include "Listening.h"
#include "Report.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

extern "C" {
struct zmq_msg {
    alignas(8) unsigned char opaque[64];
};
void* zmq_ctx_new(void);
void* zmq_socket(void* context, int type);
int zmq_connect(void* socket, const char* address);
int zmq_setsockopt(void* socket, int option, const void* value, std::size_t bytes);
int zmq_msg_init(zmq_msg* message);
int zmq_msg_recv(zmq_msg* message, void* socket, int flags);
void* zmq_msg_data(zmq_msg* message);
std::size_t zmq_msg_size(const zmq_msg* message);
int zmq_msg_more(const zmq_msg* message);
}

namespace {

using namespace cyclorama;

constexpr int ZMQ_SUB = 2;
constexpr int ZMQ_SUBSCRIBE = 6;
constexpr int ZMQ_RCVTIMEO = 27;

volatile std::sig_atomic_t stopped = 0;

extern "C" void on_signal(int) {
    stopped = 1;
}

std::int64_t now() noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

class NoLine final : public Dialer, public Stream {
public:
    Outcome dial() noexcept override { return Outcome::failed; }
    Stream& stream() noexcept override { return *this; }
    void hang_up() noexcept override {}
    Moved read(void*, std::size_t) noexcept override { return {}; }
    Moved write(const void*, std::size_t) noexcept override { return {}; }
};

} // namespace

int main(int count, char** words) {
    if (count != 4) {
        std::fprintf(stderr, "usage: zmq_peer tcp://HOST:PORT CLOCK_ID SECONDS_PER_LINE\n");
        return 2;
    }
    std::signal(SIGTERM, on_signal);
    void* socket = zmq_socket(zmq_ctx_new(), ZMQ_SUB);
    const int patience_ms = 20;
    zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0);
    zmq_setsockopt(socket, ZMQ_RCVTIMEO, &patience_ms, sizeof(patience_ms));
    if (zmq_connect(socket, words[1]) != 0) {
        return 1;
    }
    const auto listening = std::make_unique<Listening>(static_cast<std::uint32_t>(std::strtoull(words[2], nullptr, 10)), false);
    const auto router = std::make_unique<Router>(*listening, &now);
    NoLine line;
    const auto connection = std::make_unique<Connection>(line, zmtp::Role::sub);
    const double every_ns = std::strtod(words[3], nullptr) * 1e9;
    std::int64_t told_ns = now();
    zmq_msg message;
    zmq_msg_init(&message);
    std::size_t parts = 0;
    bool wanted = true;
    while (stopped == 0) {
        if (zmq_msg_recv(&message, socket, 0) >= 0) {
            const std::size_t size = zmq_msg_size(&message);
            void* room = wanted ? router->room(parts, size) : nullptr;
            wanted = room != nullptr;
            if (wanted && size > 0) {
                std::memcpy(room, zmq_msg_data(&message), size);
            }
            ++parts;
            if (zmq_msg_more(&message) == 0) {
                if (wanted) {
                    router->whole(parts);
                }
                parts = 0;
                wanted = true;
            }
        }
        if (static_cast<double>(now() - told_ns) >= every_ns) {
            told_ns = now();
            print_report(told_ns, *connection, *router, *listening);
        }
    }
    return 0;
}
