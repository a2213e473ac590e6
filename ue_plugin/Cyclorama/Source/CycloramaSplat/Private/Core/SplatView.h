// An engine's view as the shaders want it, in the splats' own frame and unit.
//
// The splats stay as their file has them. Not they are turned, mirrored and scaled into Unreal's world but the camera is
// taken into theirs, for a mirrored camera needs no mirrored covariances and no mirrored harmonics. This is the only place of
// the module that knows an axis or a centimetre.
#pragma once

#include "SplatPly.h"

namespace cyclorama::splat {

/// Unreal's view: row vectors, p * M; X right, Y up, Z forward in the view; world in centimetres.
struct EngineView {
    double view_from_world[4][4]{};
    double clip_from_view[4][4]{};
    std::uint32_t width_px{}, height_px{};
};

/// Where the splats' actor is in the engine's world.
struct Placement {
    double rotation_xyzw[4]{0.0, 0.0, 0.0, 1.0};
    double translation_cm[3]{};
    double scale{1.0};
};

/// The uniforms of SplatFootprint.ush, word for word.
struct ViewWords {
    float eye[4]; ///< position; nearest depth
    float right[4];
    float down[4];
    float forward[4];
    float lens[4];
    float picture[4];
    float borders[4];
    std::uint32_t counts[4];
};
static_assert(sizeof(ViewWords) == 128, "SplatFootprint.ush");

inline constexpr double CM_PER_METRE = 100.0;
inline constexpr double NEAREST_CM = 5.0; ///< nothing nearer is drawn

/// Splats' units in one centimetre of the engine.
double units_per_cm(const Frame& frame, const Placement& placement) noexcept;

/// Eye, axes, lens and borders; picture and counts are the caller's. False for what has no perspective, or no extent.
bool view_words(const EngineView& view, const Frame& frame, const Placement& placement, ViewWords& words) noexcept;

} // namespace cyclorama::splat
