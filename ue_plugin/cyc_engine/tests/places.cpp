// What the core makes of a text that names a place: a text on each line in, a line of host, port, how it is written again out,
// or the sentence that refuses it. The defaults are a-host and 5560.
#include "Place.h"

#include <cstdio>
#include <cstring>

int main() {
    char text[1024];
    while (std::fgets(text, sizeof(text), stdin) != nullptr) {
        text[std::strcspn(text, "\n")] = '\0';
        cyclorama::Place place;
        std::strcpy(place.host, "a-host");
        place.port = 5560;
        const cyclorama::Misplaced fault = cyclorama::read_place(text, place);
        if (fault != cyclorama::Misplaced::none) {
            std::printf("!%s\n", cyclorama::describe(fault));
            continue;
        }
        char again[300];
        cyclorama::write_place(place, again, sizeof(again));
        std::printf("%s %u %s\n", place.host, static_cast<unsigned>(place.port), again);
    }
    return 0;
}
