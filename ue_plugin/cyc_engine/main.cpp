// cyc-engine: what the plugin would have received, without Unreal. The plugin's own core, a socket, and a page of counts.
#include "Listening.h"
#include "Report.h"
#include "TcpDialer.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>

namespace {

using namespace cyclorama;

std::atomic<bool> stopped{false};

extern "C" void on_signal(int) {
    stopped.store(true);
}

std::int64_t now() noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

struct Wishes {
    const char* address{""};
    const char* prefix{""};
    std::uint32_t clock_id{};
    double seconds{};
    double every_s{1.0};
    bool frames{};
    bool sums{};
    bool until_eof{};
};

int usage(std::FILE* where, int code) {
    std::fprintf(
        where,
        "usage: cyc-engine [HOST:PORT] [--prefix TOPIC] [--frames [--sums]] [--every S] [--seconds S] [--clock-id N]\n\n"
        "Subscribes to a running bridge with the plugin's own core and says each second, as one line of JSON, what the\n"
        "plugin would have received. HOST:PORT is the engine's port of the stage, default 127.0.0.1:5560; pictures come\n"
        "out of the port above it. An IPv6 address with a port stands in brackets, [fd00::5]:5560.\n\n"
        "  --prefix TOPIC  only messages whose topic begins so: cam/ pose/ skel/ face/ pic/ (default: all)\n"
        "  --frames        a line for every message, too\n"
        "  --sums          in a picture's line the Adler-32 of its pixels\n"
        "  --every S       seconds from line to line (default 1)\n"
        "  --seconds S     stop after so long (default: at Ctrl-C)\n"
        "  --until-eof     stop when standard input ends: whoever started this is gone\n"
        "  --clock-id N    of this machine, as the bridge has it: messages of its clock are timed\n\n"
        "example:\n  cyc-engine 127.0.0.1:5560 --seconds 10\n"
    );
    return code;
}

bool is_option(const char* text, const char* name, int at, int count) {
    return std::strcmp(text, name) == 0 && at + 1 < count;
}

/// False: something was not understood.
bool read_wishes(int count, char** words, Wishes& wishes) {
    bool aimed = false;
    for (int at = 1; at < count; ++at) {
        const char* text = words[at];
        if (std::strcmp(text, "--frames") == 0) {
            wishes.frames = true;
        } else if (std::strcmp(text, "--sums") == 0) {
            wishes.sums = true;
        } else if (std::strcmp(text, "--until-eof") == 0) {
            wishes.until_eof = true;
        } else if (is_option(text, "--prefix", at, count)) {
            wishes.prefix = words[++at];
        } else if (is_option(text, "--every", at, count)) {
            wishes.every_s = std::strtod(words[++at], nullptr);
        } else if (is_option(text, "--seconds", at, count)) {
            wishes.seconds = std::strtod(words[++at], nullptr);
        } else if (is_option(text, "--clock-id", at, count)) {
            wishes.clock_id = static_cast<std::uint32_t>(std::strtoull(words[++at], nullptr, 10));
        } else if (text[0] != '-' && !aimed) {
            wishes.address = text;
            aimed = true;
        } else {
            std::fprintf(stderr, "cyc-engine: not understood: %s\n", text);
            return false;
        }
    }
    if (!(wishes.every_s > 0.0) || !(wishes.seconds >= 0.0)) {
        std::fprintf(stderr, "cyc-engine: --every and --seconds are numbers of seconds above 0\n");
        return false;
    }
    return true;
}

int listen(const Wishes& wishes) {
    constexpr int LONGEST_WAIT_MS = 20;
    constexpr double NS_PER_S = 1e9;
    Place place{"127.0.0.1", 5560};
    const Misplaced misplaced = read_place(wishes.address, place);
    if (misplaced != Misplaced::none) {
        std::fprintf(stderr, "cyc-engine: %s: %s\n", wishes.address, describe(misplaced));
        return 2;
    }
    TcpDialer dialer;
    if (!dialer.aim(place)) {
        std::fprintf(stderr, "cyc-engine: %s: no host of that name\n", place.host);
        return 1;
    }
    // On the heap: together they are larger than some threads' stack.
    const auto listening = std::make_unique<Listening>(wishes.clock_id, wishes.frames, wishes.sums);
    const auto router = std::make_unique<Router>(*listening, &now);
    const auto connection = std::make_unique<Connection>(dialer, zmtp::Role::sub);
    if (!connection->subscribe(wishes.prefix, std::strlen(wishes.prefix))) {
        std::fprintf(stderr, "cyc-engine: --prefix: at most 63 bytes\n");
        return 2;
    }
    const std::int64_t begun_ns = now();
    std::int64_t told_ns = begun_ns;
    bool more = false;
    while (!stopped.load()) {
        if (!more) {
            dialer.wait(LONGEST_WAIT_MS);
        }
        const std::int64_t now_ns = now();
        more = connection->step(now_ns, *router);
        if (wishes.frames) {
            std::fflush(stdout); // their lines, of one step at once
        }
        const bool over = wishes.seconds > 0.0 && static_cast<double>(now_ns - begun_ns) >= wishes.seconds * NS_PER_S;
        if (over || static_cast<double>(now_ns - told_ns) >= wishes.every_s * NS_PER_S) {
            told_ns = now_ns;
            print_report(now_ns, *connection, *router, *listening);
        }
        if (over) {
            return 0;
        }
    }
    print_report(now(), *connection, *router, *listening);
    return 0;
}

} // namespace

int main(int count, char** words) {
    for (int at = 1; at < count; ++at) {
        if (std::strcmp(words[at], "--help") == 0 || std::strcmp(words[at], "-h") == 0) {
            return usage(stdout, 0);
        }
    }
    Wishes wishes;
    if (!read_wishes(count, words, wishes)) {
        return usage(stderr, 2);
    }
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
    if (wishes.until_eof) {
        std::thread([] {
            while (std::getchar() != EOF) {
            }
            stopped.store(true);
        }).detach();
    }
    return listen(wishes);
}
