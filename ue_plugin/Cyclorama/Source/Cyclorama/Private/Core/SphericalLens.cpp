#include "SphericalLens.h"

#include <cmath>
#include <cstring>

namespace cyclorama {

namespace {

constexpr int RADII = 128;
constexpr double PICTURE_PX = 1920.0;

/// k1 k2 p1 p2 k3 k4 k5 k6.
double above(const float (&k)[8], double s) noexcept {
    return 1.0 + s * (static_cast<double>(k[0]) + s * (static_cast<double>(k[1]) + s * static_cast<double>(k[4])));
}

double below(const float (&k)[8], double s) noexcept {
    return 1.0 + s * (static_cast<double>(k[5]) + s * (static_cast<double>(k[6]) + s * static_cast<double>(k[7])));
}

/// The distorted radius of the farthest corner, the focal length as unit.
double corner_radius(const wire::Camera& camera) noexcept {
    const double fx = static_cast<double>(camera.fxfy[0]);
    const double fy = static_cast<double>(camera.fxfy[1]);
    const double cx = static_cast<double>(camera.principal_point[0]);
    const double cy = static_cast<double>(camera.principal_point[1]);
    if (!(fx > 0.0) || !(fy > 0.0)) {
        return 0.0;
    }
    return std::hypot(std::fmax(cx, 1.0 - cx) / fx, std::fmax(cy, 1.0 - cy) / fy);
}

/// The undistorted radius that is shown at `distorted`, by small steps outwards; 0: the picture folds over itself before.
double undistorted_radius(const float (&k)[8], double distorted) noexcept {
    constexpr int STEPS = 4096;
    constexpr double FARTHEST = 8.0; // times the distorted radius: no lens bends more
    double before = 0.0;
    double shown = 0.0;
    for (int step = 1; step <= STEPS; ++step) {
        const double radius = FARTHEST * distorted * step / STEPS;
        const double down = below(k, radius * radius);
        const double now = down > 0.0 ? radius * above(k, radius * radius) / down : 0.0;
        if (!(now > shown)) {
            return 0.0;
        }
        if (now >= distorted) {
            return before + (radius - before) * (distorted - shown) / (now - shown);
        }
        before = radius;
        shown = now;
    }
    return 0.0;
}

/// Three unknowns of three equations, by elimination with pivots. False: they do not say.
bool solved(double (&m)[3][4], double (&x)[3]) noexcept {
    for (int at = 0; at < 3; ++at) {
        int pivot = at;
        for (int row = at + 1; row < 3; ++row) {
            pivot = std::fabs(m[row][at]) > std::fabs(m[pivot][at]) ? row : pivot;
        }
        if (!(std::fabs(m[pivot][at]) > 1e-12)) {
            return false;
        }
        for (int column = 0; column < 4; ++column) {
            const double held = m[at][column];
            m[at][column] = m[pivot][column];
            m[pivot][column] = held;
        }
        for (int row = 0; row < 3; ++row) {
            const double share = row == at ? 0.0 : m[row][at] / m[at][at];
            for (int column = 0; column < 4; ++column) {
                m[row][column] -= share * m[at][column];
            }
        }
    }
    for (int at = 0; at < 3; ++at) {
        x[at] = m[at][3] / m[at][at];
    }
    return true;
}

/// Radii as shares of the farthest, so that the equations are of one size; weighed by how much of the picture is at each.
bool fitted(const float (&k)[8], double farthest, double (&fit)[3]) noexcept {
    double m[3][4] = {};
    for (int at = 1; at <= RADII; ++at) {
        const double share = static_cast<double>(at) / RADII;
        const double s = farthest * farthest * share * share;
        const double wanted = above(k, s) / below(k, s) - 1.0;
        const double weight = share * share * share; // the ring's area, times the square of what a radius makes of a factor
        const double powers[3] = {share * share, std::pow(share, 4.0), std::pow(share, 6.0)};
        for (int row = 0; row < 3; ++row) {
            for (int column = 0; column < 3; ++column) {
                m[row][column] += weight * powers[row] * powers[column];
            }
            m[row][3] += weight * powers[row] * wanted;
        }
    }
    if (!solved(m, fit)) {
        return false;
    }
    for (int at = 0; at < 3; ++at) {
        fit[at] /= std::pow(farthest, 2.0 * (at + 1));
    }
    return true;
}

double farthest_miss(const float (&k)[8], double farthest, const double (&fit)[3]) noexcept {
    double most = 0.0;
    for (int at = 1; at <= RADII; ++at) {
        const double radius = farthest * at / RADII;
        const double s = radius * radius;
        const double off = radius * (1.0 + s * (fit[0] + s * (fit[1] + s * fit[2])) - above(k, s) / below(k, s));
        most = std::fmax(most, std::fabs(off));
    }
    return most;
}

} // namespace

SphericalLens spherical_lens(const wire::Camera& camera) noexcept {
    const float(&k)[8] = camera.distortion;
    SphericalLens lens;
    lens.parameters[3] = k[2];
    lens.parameters[4] = k[3];
    if (k[5] == 0.0F && k[6] == 0.0F && k[7] == 0.0F) {
        lens.parameters[0] = k[0];
        lens.parameters[1] = k[1];
        lens.parameters[2] = k[4];
        lens.known = true;
        return lens;
    }
    const double distorted = corner_radius(camera);
    const double farthest = distorted > 0.0 ? undistorted_radius(k, distorted) : 0.0;
    double fit[3] = {};
    if (!(farthest > 0.0) || !fitted(k, farthest, fit)) {
        return lens;
    }
    for (int at = 0; at < 3; ++at) {
        lens.parameters[at] = static_cast<float>(fit[at]);
    }
    lens.miss_px = static_cast<float>(farthest_miss(k, farthest, fit) * static_cast<double>(camera.fxfy[0]) * PICTURE_PX);
    lens.known = true;
    return lens;
}

const SphericalLens& SphericalFit::of(const wire::Camera& camera) noexcept {
    const bool same = any_ && std::memcmp(distortion_, camera.distortion, sizeof(distortion_)) == 0 &&
                      std::memcmp(fxfy_, camera.fxfy, sizeof(fxfy_)) == 0 &&
                      std::memcmp(principal_point_, camera.principal_point, sizeof(principal_point_)) == 0;
    if (!same) {
        any_ = true;
        std::memcpy(distortion_, camera.distortion, sizeof(distortion_));
        std::memcpy(fxfy_, camera.fxfy, sizeof(fxfy_));
        std::memcpy(principal_point_, camera.principal_point, sizeof(principal_point_));
        lens_ = spherical_lens(camera);
    }
    return lens_;
}

} // namespace cyclorama
