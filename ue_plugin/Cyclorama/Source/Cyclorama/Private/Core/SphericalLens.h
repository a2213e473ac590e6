// Unreal's spherical lens model (k1 k2 k3 p1 p2) for a lens that was calibrated with OpenCV's rational one (k4 k5 k6 below
// the fraction line): as near as it comes within the picture, and by how much it misses.
#pragma once

#include "WireGenerated.h"

#include <cstdint>

namespace cyclorama {

struct SphericalLens {
    float parameters[5]{}; ///< k1 k2 k3 p1 p2, undistorted to distorted
    float miss_px{}; ///< farthest that a point of the picture is off, in pixels of a picture 1920 wide
    bool known{}; ///< false: the picture folds over itself before its corner, or its focal length is not known
};

/// The same numbers where k4 to k6 are 0; else a least-squares fit over the picture's radii.
SphericalLens spherical_lens(const wire::Camera& camera) noexcept;

/// Fits only when the lens has changed.
class SphericalFit {
public:
    const SphericalLens& of(const wire::Camera& camera) noexcept;
    /// What it was last; before the first, one that misses nothing.
    const SphericalLens& last() const noexcept { return lens_; }

private:
    bool any_{};
    float distortion_[8]{};
    float fxfy_[2]{};
    float principal_point_[2]{};
    SphericalLens lens_{{}, 0.0F, true};
};

} // namespace cyclorama
