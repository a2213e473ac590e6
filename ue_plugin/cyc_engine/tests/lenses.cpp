// What the core makes of a lens for Unreal's spherical model: on each line fx fy cx cy and the eight of OpenCV in, known, miss
// and the five out.
#include "SphericalLens.h"

#include <cstdio>

int main() {
    cyclorama::wire::Camera camera;
    cyclorama::SphericalFit fit;
    float* d = camera.distortion;
    float* f = camera.fxfy;
    float* c = camera.principal_point;
    while (std::scanf("%f %f %f %f", f, f + 1, c, c + 1) == 4) {
        for (int at = 0; at < 8; ++at) {
            if (std::scanf("%f", d + at) != 1) {
                return 1;
            }
        }
        const cyclorama::SphericalLens& lens = fit.of(camera);
        std::printf("%d %.9g", lens.known ? 1 : 0, static_cast<double>(lens.miss_px));
        for (const float one : lens.parameters) {
            std::printf(" %.9g", static_cast<double>(one));
        }
        std::printf("\n");
    }
    return 0;
}
