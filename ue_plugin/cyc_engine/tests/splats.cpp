// The splats' reader and view, one answer a line. Driven by tests/plugin; sanitizers watch.
//
// stdin: `read PATH OUT MOST` unpacks a file into OUT, `cut PATH` reads it cut off at every byte of its header and some beyond,
// `mutate PATH SEED COUNT` reads so many copies with bytes changed, `view 16+16+2+8 numbers` an engine's view in the frame and
// with the placement that follow, `plan SPLATS WIDTH HEIGHT ROOM` and `grown ROOM WANTED` what that takes.
#include "SplatPlan.h"
#include "SplatView.h"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace {

using namespace cyclorama::splat;

struct File {
    std::unique_ptr<unsigned char[]> bytes;
    std::size_t count{};
};

File opened(const char* path) {
    File file;
    std::FILE* stream = std::fopen(path, "rb");
    if (stream == nullptr) {
        std::fprintf(stderr, "splats: cannot open %s\n", path);
        std::exit(2);
    }
    std::fseek(stream, 0, SEEK_END);
    file.count = static_cast<std::size_t>(std::ftell(stream));
    std::rewind(stream);
    file.bytes = std::make_unique<unsigned char[]>(file.count);
    file.count = std::fread(file.bytes.get(), 1, file.count, stream);
    std::fclose(stream);
    return file;
}

/// Everything of a file, in memory of just its size: the sanitizers see a byte too many.
Fault read_all(const unsigned char* bytes, std::size_t count, const char* out, std::uint32_t most) {
    const auto exact = std::make_unique<unsigned char[]>(count);
    std::memcpy(exact.get(), bytes, count);
    Header header;
    const Fault fault = read_header(exact.get(), count, header);
    if (fault != Fault::none) {
        return fault;
    }
    const std::uint32_t coefficients = coefficients_used(header, exact.get(), most);
    const auto splats = std::make_unique<Splat[]>(header.splats);
    const std::size_t numbers = std::size_t{3} * coefficients * header.splats;
    const auto harmonics = std::make_unique<float[]>(numbers);
    const Unpacked unpacked = unpack(header, exact.get(), coefficients, splats.get(), harmonics.get());
    if (unpacked.fault == Fault::none && out != nullptr) {
        std::FILE* stream = std::fopen(out, "wb");
        std::fwrite(splats.get(), sizeof(Splat), header.splats, stream);
        std::fwrite(harmonics.get(), sizeof(float), numbers, stream);
        std::fclose(stream);
        std::printf(
            "%" PRIu32 " %" PRIu32 " %.3s %.17g %.9g ", header.splats, coefficients, header.frame.axes,
            header.frame.metres_per_unit, static_cast<double>(header.white)
        );
    }
    return unpacked.fault;
}

std::uint64_t dice(std::uint64_t& state) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

void mutate(const File& file, std::uint64_t seed, std::uint64_t times) {
    std::uint64_t state = seed * 2654435761U + 88172645463325252ULL;
    std::uint64_t read = 0, refused = 0;
    const auto changed = std::make_unique<unsigned char[]>(file.count);
    for (std::uint64_t turn = 0; turn < times; ++turn) {
        std::memcpy(changed.get(), file.bytes.get(), file.count);
        for (std::uint64_t change = 1 + dice(state) % 4; change > 0; --change) {
            const std::size_t header = dice(state) % 4 != 0 && file.count > 1600 ? 1600 : file.count;
            changed[dice(state) % header] = static_cast<unsigned char>(dice(state) % 3 == 0 ? dice(state) : 48 + dice(state) % 10);
        }
        const std::size_t count = dice(state) % 8 == 0 ? dice(state) % file.count : file.count;
        (read_all(changed.get(), count, nullptr, 16) == Fault::none ? read : refused) += 1;
    }
    std::printf("%" PRIu64 " %" PRIu64 "\n", read, refused);
}

bool numbers(double* into, int count) {
    for (int at = 0; at < count; ++at) {
        if (std::scanf("%lf", into + at) != 1) {
            return false;
        }
    }
    return true;
}

void view() {
    EngineView engine;
    Placement placement;
    Frame frame;
    double rest[11];
    char axes[4];
    if (!numbers(&engine.view_from_world[0][0], 16) || !numbers(&engine.clip_from_view[0][0], 16) || std::scanf("%3s", axes) != 1 || !numbers(rest, 11)) {
        std::exit(2);
    }
    std::memcpy(frame.axes, axes, sizeof(frame.axes));
    engine.width_px = static_cast<std::uint32_t>(rest[0]);
    engine.height_px = static_cast<std::uint32_t>(rest[1]);
    frame.metres_per_unit = rest[2];
    std::memcpy(placement.rotation_xyzw, rest + 3, sizeof(placement.rotation_xyzw));
    std::memcpy(placement.translation_cm, rest + 7, sizeof(placement.translation_cm));
    placement.scale = rest[10];
    ViewWords words{};
    const bool good = view_words(engine, frame, placement, words);
    std::printf("%d %.9g", good ? 1 : 0, units_per_cm(frame, placement));
    const float* rows[] = {words.eye, words.right, words.down, words.forward, words.lens, words.borders};
    for (const float* row : rows) {
        std::printf(" %.9g %.9g %.9g %.9g", static_cast<double>(row[0]), static_cast<double>(row[1]), static_cast<double>(row[2]), static_cast<double>(row[3]));
    }
    std::printf("\n");
}

} // namespace

int main() {
    char verb[16], path[1024], out[1024];
    while (std::scanf("%15s", verb) == 1) {
        std::uint32_t a = 0, b = 0, c = 0, d = 0;
        std::uint64_t seed = 0, times = 0;
        if (std::strcmp(verb, "read") == 0 && std::scanf("%1023s %1023s %" SCNu32, path, out, &a) == 3) {
            const File file = opened(path);
            std::printf("%s\n", words(read_all(file.bytes.get(), file.count, out, a)));
        } else if (std::strcmp(verb, "cut") == 0 && std::scanf("%1023s", path) == 1) {
            const File file = opened(path);
            std::uint64_t refused = 0;
            for (std::size_t count = 0; count < file.count; ++count) {
                refused += read_all(file.bytes.get(), count, nullptr, 16) != Fault::none ? 1U : 0U;
            }
            std::printf("%" PRIu64 " of %zu\n", refused, file.count);
        } else if (std::strcmp(verb, "mutate") == 0 && std::scanf("%1023s %" SCNu64 " %" SCNu64, path, &seed, &times) == 3) {
            mutate(opened(path), seed, times);
        } else if (std::strcmp(verb, "view") == 0) {
            view();
        } else if (std::strcmp(verb, "plan") == 0 && std::scanf("%" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32, &a, &b, &c, &d) == 4) {
            const Plan made = plan(a, b, c, d);
            std::printf(
                "%d %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 "\n", static_cast<int>(made.refused), made.tiles,
                made.splat_groups, made.start_groups, made.by_distance.blocks, made.by_tile.passes
            );
        } else if (std::strcmp(verb, "grown") == 0 && std::scanf("%" SCNu32 " %" SCNu64, &a, &times) == 2) {
            std::printf("%" PRIu32 "\n", grown(a, times));
        } else {
            return 2;
        }
        std::fflush(stdout);
    }
    return 0;
}
