#include "SplatView.h"

#include <cmath>

namespace cyclorama::splat {

namespace {

/// A direction of the engine's (X forward, Y right, Z up) along one letter's.
double along(char letter, const double direction[3]) noexcept {
    switch (letter) {
        case 'F': return direction[0];
        case 'B': return -direction[0];
        case 'R': return direction[1];
        case 'L': return -direction[1];
        case 'U': return direction[2];
        default: return -direction[2];
    }
}

/// Into the splats' frame: back out of the actor's turn, then along the file's axes. Lengths stay as they are.
void turned(const Frame& frame, const Placement& placement, const double world[3], double made[3]) noexcept {
    const double x = -placement.rotation_xyzw[0], y = -placement.rotation_xyzw[1], z = -placement.rotation_xyzw[2];
    const double w = placement.rotation_xyzw[3];
    const double t[3] = {
        2.0 * (y * world[2] - z * world[1]), 2.0 * (z * world[0] - x * world[2]), 2.0 * (x * world[1] - y * world[0])
    };
    const double local[3] = {
        world[0] + w * t[0] + y * t[2] - z * t[1],
        world[1] + w * t[1] + z * t[0] - x * t[2],
        world[2] + w * t[2] + x * t[1] - y * t[0],
    };
    for (int axis = 0; axis < 3; ++axis) {
        made[axis] = along(frame.axes[axis], local);
    }
}

/// How far outside the picture the perspective is still followed: generators/raster/projection_kernels.py, borders.
void borders(double focal_px, double centre_px, double size_px, float& first, float& last) noexcept {
    const double margin = std::fmax(0.15 * size_px / focal_px, 0.3);
    first = static_cast<float>(-centre_px / focal_px - margin);
    last = static_cast<float>((size_px - centre_px) / focal_px + margin);
}

} // namespace

double units_per_cm(const Frame& frame, const Placement& placement) noexcept {
    return 1.0 / (CM_PER_METRE * frame.metres_per_unit * placement.scale);
}

bool view_words(const EngineView& view, const Frame& frame, const Placement& placement, ViewWords& words) noexcept {
    const auto& v = view.view_from_world;
    const auto& p = view.clip_from_view;
    const double w = p[2][3];
    if (!(w > 0.0) || p[3][3] != 0.0 || !(p[0][0] > 0.0) || !(p[1][1] > 0.0) || !(placement.scale > 0.0)) {
        return false;
    }
    const double units = units_per_cm(frame, placement);
    double eye[3]{};
    for (int axis = 0; axis < 3; ++axis) {
        eye[axis] = -(v[3][0] * v[axis][0] + v[3][1] * v[axis][1] + v[3][2] * v[axis][2]) - placement.translation_cm[axis];
    }
    const double right[3] = {v[0][0], v[1][0], v[2][0]};
    const double down[3] = {-v[0][1], -v[1][1], -v[2][1]};
    const double forward[3] = {v[0][2], v[1][2], v[2][2]};
    const double* directions[4] = {eye, right, down, forward};
    float* rows[4] = {words.eye, words.right, words.down, words.forward};
    for (int row = 0; row < 4; ++row) {
        double made[3]{};
        turned(frame, placement, directions[row], made);
        for (int axis = 0; axis < 3; ++axis) {
            rows[row][axis] = static_cast<float>(row == 0 ? units * made[axis] : made[axis]);
        }
        rows[row][3] = row == 0 ? static_cast<float>(NEAREST_CM * units) : 0.0F;
    }
    const double width = view.width_px, height = view.height_px;
    const double focal_x = 0.5 * width * p[0][0] / w, focal_y = 0.5 * height * p[1][1] / w;
    const double centre_x = 0.5 * width * (1.0 + p[2][0] / w), centre_y = 0.5 * height * (1.0 - p[2][1] / w);
    const double lens[4] = {focal_x, focal_y, centre_x, centre_y};
    for (int part = 0; part < 4; ++part) {
        words.lens[part] = static_cast<float>(lens[part]);
    }
    borders(focal_x, centre_x, width, words.borders[0], words.borders[1]);
    borders(focal_y, centre_y, height, words.borders[2], words.borders[3]);
    return std::isfinite(eye[0] + eye[1] + eye[2]) && std::isfinite(focal_x + focal_y + centre_x + centre_y);
}

} // namespace cyclorama::splat
