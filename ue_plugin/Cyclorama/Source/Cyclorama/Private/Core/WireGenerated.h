// Made from bridge/wire/engine_table.py by `cyc plugin header --write`. Do not edit: change the table.
//
// Cyclorama's wire to the engine: one ZeroMQ message is [topic][header][payload], and [pixels] behind a picture's,
// little-endian. The structs below are laid out as the bytes are. No engine header, exceptions, RTTI or heap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if !defined(_WIN32)
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the wire is little-endian, and so must this machine be");
#endif

namespace cyclorama::wire {

static_assert(sizeof(float) == 4 && sizeof(double) == 8, "the wire carries IEEE 754 floats and doubles");

inline constexpr char MAGIC[4] = {'U', 'V', 'P', '1'};
inline constexpr std::uint8_t MAJOR_VERSION = 1;
inline constexpr std::uint8_t MINOR_VERSION = 2;
/// The header of 1.0: none is shorter, a later minor version's may be longer.
inline constexpr std::size_t LEAST_HEADER_BYTES = 80;
/// crc32 of this reader's table; a sender with another one has appended fields.
inline constexpr std::uint32_t SCHEMA_HASH = 0xFABCF19DU;

/// Bits of `Header::flags`.
enum class Flag : std::uint16_t {
    timecode_valid = 1,
    drop_frame = 2,
    coordinates_unreal_cm = 4,
    concealed = 8,
    predicted = 16,
    stale = 32,
    lost = 64,
    frozen = 128,
    frustum_off = 256,
};

/// `Header::type`.
enum class Type : std::uint16_t {
    camera = 1,
    heartbeat = 2,
    skeleton = 3,
    pose = 4,
    face = 5,
    picture = 6,
};

/// `Picture::pixels`.
enum class Pixels : std::uint16_t {
    r8 = 1,
    r16f = 2,
    r32f = 3,
    rgba8 = 4,
    rgba16f = 5,
};

struct Header {
    char magic[4]{}; ///< UVP1
    std::uint8_t major{}; ///< another major version is refused
    std::uint8_t minor{}; ///< a higher minor version only appends
    std::uint16_t type{}; ///< what the payload is; an unknown type is counted and skipped
    std::uint16_t header_bytes{}; ///< length of this header; skip what you do not know
    std::uint16_t flags{}; ///< bits of FLAGS
    std::uint32_t schema_hash{}; ///< crc32 of the sender's table
    std::uint64_t sequence{}; ///< counts the messages of this name and type; a gap is a loss
    std::int64_t t_ns{}; ///< when the thing was true, on the sender's monotonic clock
    std::uint32_t clock_id{}; ///< which host and boot t_ns belongs to
    std::uint8_t hours{}; ///< timecode
    std::uint8_t minutes{}; ///< timecode
    std::uint8_t seconds{}; ///< timecode
    std::uint8_t frames{}; ///< timecode
    std::uint32_t rate_num{}; ///< timecode rate, numerator
    std::uint32_t rate_den{}; ///< timecode rate, denominator
    std::uint16_t count_0{}; ///< rows of the payload's first array
    std::uint16_t count_1{}; ///< rows of the payload's second array
    std::uint32_t payload_bytes{}; ///< length of the payload
    char name[24]{}; ///< the subject, UTF-8, padded with zeros
};
static_assert(offsetof(Header, magic) == 0, "Header.magic");
static_assert(offsetof(Header, major) == 4, "Header.major");
static_assert(offsetof(Header, minor) == 5, "Header.minor");
static_assert(offsetof(Header, type) == 6, "Header.type");
static_assert(offsetof(Header, header_bytes) == 8, "Header.header_bytes");
static_assert(offsetof(Header, flags) == 10, "Header.flags");
static_assert(offsetof(Header, schema_hash) == 12, "Header.schema_hash");
static_assert(offsetof(Header, sequence) == 16, "Header.sequence");
static_assert(offsetof(Header, t_ns) == 24, "Header.t_ns");
static_assert(offsetof(Header, clock_id) == 32, "Header.clock_id");
static_assert(offsetof(Header, hours) == 36, "Header.hours");
static_assert(offsetof(Header, minutes) == 37, "Header.minutes");
static_assert(offsetof(Header, seconds) == 38, "Header.seconds");
static_assert(offsetof(Header, frames) == 39, "Header.frames");
static_assert(offsetof(Header, rate_num) == 40, "Header.rate_num");
static_assert(offsetof(Header, rate_den) == 44, "Header.rate_den");
static_assert(offsetof(Header, count_0) == 48, "Header.count_0");
static_assert(offsetof(Header, count_1) == 50, "Header.count_1");
static_assert(offsetof(Header, payload_bytes) == 52, "Header.payload_bytes");
static_assert(offsetof(Header, name) == 56, "Header.name");
static_assert(sizeof(Header) == 80, "Header");

struct Camera {
    double position_cm[3]{}; ///< entrance pupil, Unreal's frame: X forward, Y right, Z up
    double rotation_xyzw[4]{}; ///< unit quaternion, Unreal's frame
    std::int64_t t_arrival_ns{}; ///< when the tracker's packet was received
    std::int64_t t_sent_ns{}; ///< when this was sent
    std::int64_t t_display_ns{}; ///< when the wall is expected to show it; the pose is predicted to then
    float focal_length_mm{}; ///< pinhole
    float sensor_width_mm{};
    float sensor_height_mm{};
    float focus_distance_cm{}; ///< 0: unknown
    float f_number{}; ///< 0: unknown
    float entrance_pupil_cm{}; ///< forward from the sensor; already in position_cm
    float principal_point[2]{}; ///< 0..1 of the sensor from the top left, 0.5 is the centre
    float fxfy[2]{}; ///< focal length over sensor width, height
    float distortion[8]{}; ///< OpenCV k1 k2 p1 p2 k3 k4 k5 k6, undistorted to distorted
    double zoom_raw{}; ///< encoder as the tracker sent it
    double focus_raw{}; ///< encoder as the tracker sent it
    double iris_raw{}; ///< encoder as the tracker sent it
};
static_assert(offsetof(Camera, position_cm) == 0, "Camera.position_cm");
static_assert(offsetof(Camera, rotation_xyzw) == 24, "Camera.rotation_xyzw");
static_assert(offsetof(Camera, t_arrival_ns) == 56, "Camera.t_arrival_ns");
static_assert(offsetof(Camera, t_sent_ns) == 64, "Camera.t_sent_ns");
static_assert(offsetof(Camera, t_display_ns) == 72, "Camera.t_display_ns");
static_assert(offsetof(Camera, focal_length_mm) == 80, "Camera.focal_length_mm");
static_assert(offsetof(Camera, sensor_width_mm) == 84, "Camera.sensor_width_mm");
static_assert(offsetof(Camera, sensor_height_mm) == 88, "Camera.sensor_height_mm");
static_assert(offsetof(Camera, focus_distance_cm) == 92, "Camera.focus_distance_cm");
static_assert(offsetof(Camera, f_number) == 96, "Camera.f_number");
static_assert(offsetof(Camera, entrance_pupil_cm) == 100, "Camera.entrance_pupil_cm");
static_assert(offsetof(Camera, principal_point) == 104, "Camera.principal_point");
static_assert(offsetof(Camera, fxfy) == 112, "Camera.fxfy");
static_assert(offsetof(Camera, distortion) == 120, "Camera.distortion");
static_assert(offsetof(Camera, zoom_raw) == 152, "Camera.zoom_raw");
static_assert(offsetof(Camera, focus_raw) == 160, "Camera.focus_raw");
static_assert(offsetof(Camera, iris_raw) == 168, "Camera.iris_raw");
static_assert(sizeof(Camera) == 176, "Camera");

struct Heartbeat {
    std::int64_t t_sent_ns{}; ///< when this was sent
    std::uint32_t boot{}; ///< changes when the sender restarts
    std::uint32_t spare{}; ///< 0
};
static_assert(offsetof(Heartbeat, t_sent_ns) == 0, "Heartbeat.t_sent_ns");
static_assert(offsetof(Heartbeat, boot) == 8, "Heartbeat.boot");
static_assert(offsetof(Heartbeat, spare) == 12, "Heartbeat.spare");
static_assert(sizeof(Heartbeat) == 16, "Heartbeat");

struct Skeleton {
    std::int64_t t_sent_ns{}; ///< when this was sent; it is said again every second, for those who come late
    std::uint32_t definition{}; ///< changes with any name or parent; poses name the definition they are of
    std::uint32_t spare{}; ///< 0
};
static_assert(offsetof(Skeleton, t_sent_ns) == 0, "Skeleton.t_sent_ns");
static_assert(offsetof(Skeleton, definition) == 8, "Skeleton.definition");
static_assert(offsetof(Skeleton, spare) == 12, "Skeleton.spare");
static_assert(sizeof(Skeleton) == 16, "Skeleton");

struct Pose {
    std::int64_t t_arrival_ns{}; ///< when the newest picture it was made from was received
    std::int64_t t_sent_ns{}; ///< when this was sent
    std::uint32_t definition{}; ///< of the skeleton whose bones and curves these are, in its order
    std::uint32_t spare{}; ///< 0
};
static_assert(offsetof(Pose, t_arrival_ns) == 0, "Pose.t_arrival_ns");
static_assert(offsetof(Pose, t_sent_ns) == 8, "Pose.t_sent_ns");
static_assert(offsetof(Pose, definition) == 16, "Pose.definition");
static_assert(offsetof(Pose, spare) == 20, "Pose.spare");
static_assert(sizeof(Pose) == 24, "Pose");

struct Face {
    std::int64_t t_arrival_ns{}; ///< when the newest picture it was made from was received
    std::int64_t t_sent_ns{}; ///< when this was sent
    float head_rotation_xyzw[4]{}; ///< unit quaternion, Unreal's frame
    float head_position_cm[3]{}; ///< Unreal's frame
    std::uint32_t spare{}; ///< 0
};
static_assert(offsetof(Face, t_arrival_ns) == 0, "Face.t_arrival_ns");
static_assert(offsetof(Face, t_sent_ns) == 8, "Face.t_sent_ns");
static_assert(offsetof(Face, head_rotation_xyzw) == 16, "Face.head_rotation_xyzw");
static_assert(offsetof(Face, head_position_cm) == 32, "Face.head_position_cm");
static_assert(offsetof(Face, spare) == 44, "Face.spare");
static_assert(sizeof(Face) == 48, "Face");

struct Picture {
    std::int64_t t_arrival_ns{}; ///< when the picture it was made from was received
    std::int64_t t_sent_ns{}; ///< when this was sent
    std::uint64_t frame_id{}; ///< the same on every node for the same picture
    std::uint64_t camera_sequence{}; ///< sequence of the camera pose that it belongs to; 0: none
    std::uint32_t width_px{};
    std::uint32_t height_px{};
    std::uint32_t stride_bytes{}; ///< from row to row; the message's fourth part is height times this
    std::uint16_t pixels{}; ///< a number of PIXELS
    std::uint16_t spare{}; ///< 0
    float nearest_cm{}; ///< depth: how far a value of 0 is; both 0: no depth, or centimetres as they are
    float farthest_cm{}; ///< depth: how far a value of 1 is; values beyond follow: 100 says metres
};
static_assert(offsetof(Picture, t_arrival_ns) == 0, "Picture.t_arrival_ns");
static_assert(offsetof(Picture, t_sent_ns) == 8, "Picture.t_sent_ns");
static_assert(offsetof(Picture, frame_id) == 16, "Picture.frame_id");
static_assert(offsetof(Picture, camera_sequence) == 24, "Picture.camera_sequence");
static_assert(offsetof(Picture, width_px) == 32, "Picture.width_px");
static_assert(offsetof(Picture, height_px) == 36, "Picture.height_px");
static_assert(offsetof(Picture, stride_bytes) == 40, "Picture.stride_bytes");
static_assert(offsetof(Picture, pixels) == 44, "Picture.pixels");
static_assert(offsetof(Picture, spare) == 46, "Picture.spare");
static_assert(offsetof(Picture, nearest_cm) == 48, "Picture.nearest_cm");
static_assert(offsetof(Picture, farthest_cm) == 52, "Picture.farthest_cm");
static_assert(sizeof(Picture) == 56, "Picture");

struct Bone {
    char name[60]{}; ///< UTF-8, padded with zeros
    std::int32_t parent{}; ///< row of the parent, always a row above; -1: a root
};
static_assert(offsetof(Bone, name) == 0, "Bone.name");
static_assert(offsetof(Bone, parent) == 60, "Bone.parent");
static_assert(sizeof(Bone) == 64, "Bone");

struct Curve {
    char name[64]{}; ///< UTF-8, padded with zeros
};
static_assert(offsetof(Curve, name) == 0, "Curve.name");
static_assert(sizeof(Curve) == 64, "Curve");

struct BonePose {
    float rotation_xyzw[4]{}; ///< unit quaternion in the parent's frame, Unreal's axes
    float position_cm[3]{}; ///< in the parent's frame, Unreal's axes
};
static_assert(offsetof(BonePose, rotation_xyzw) == 0, "BonePose.rotation_xyzw");
static_assert(offsetof(BonePose, position_cm) == 16, "BonePose.position_cm");
static_assert(sizeof(BonePose) == 28, "BonePose");

struct Value {
    float value{}; ///< 0..1 for a blend shape
};
static_assert(offsetof(Value, value) == 0, "Value.value");
static_assert(sizeof(Value) == 4, "Value");

/// What `decode` made of a message. Every refusal is to be counted; the text for people is `describe`.
enum class Outcome : std::uint8_t {
    camera,
    heartbeat,
    skeleton,
    pose,
    face,
    picture,
    unknown_type, ///< count and skip
    refused_length,
    refused_magic,
    refused_version, ///< another major version: the header's `major` and `minor` say which
    refused_frame, ///< a pose that is not in Unreal's frame
    refused_field,
};

/// One sentence for the log.
inline const char* describe(Outcome outcome) noexcept {
    switch (outcome) {
        case Outcome::camera: return "camera";
        case Outcome::heartbeat: return "heartbeat";
        case Outcome::skeleton: return "skeleton";
        case Outcome::pose: return "pose";
        case Outcome::face: return "face";
        case Outcome::picture: return "picture";
        case Outcome::unknown_type: return "a message of a type this reader does not know";
        case Outcome::refused_length: return "header or payload is not as long as the header says";
        case Outcome::refused_magic: return "header does not start with UVP1";
        case Outcome::refused_version: return "another major version of the wire; this reader speaks 1.2";
        case Outcome::refused_frame: return "pose is not in Unreal's frame (flag coordinates_unreal_cm is off)";
        case Outcome::refused_field:
            return "a name is not UTF-8, or timecode label, bone's parent or picture's format do not exist";
    }
    return "";
}

/// An array where it lies, in the bytes that were decoded: valid as long as they are.
template <typename Row>
struct Rows {
    const Row* first{};
    std::size_t count{};
};

/// The header, and whichever payload `Outcome` names; the others are all zero.
struct Message {
    Header header{};
    Camera camera{};
    Heartbeat heartbeat{};
    Skeleton skeleton{};
    Pose pose{};
    Face face{};
    Picture picture{};
    Rows<Bone> skeleton_bones{};
    Rows<Curve> skeleton_curves{};
    Rows<BonePose> pose_bones{};
    Rows<Value> pose_curves{};
    Rows<Value> face_shapes{};
};

inline bool has(const Header& header, Flag flag) noexcept {
    return (header.flags & static_cast<std::uint16_t>(flag)) != 0;
}

/// Bytes of a name before its zeros. One that fills its field has no closing zero.
template <std::size_t Size>
inline std::size_t length_of(const char (&name)[Size]) noexcept {
    std::size_t length = Size;
    while (length > 0 && name[length - 1] == '\0') {
        --length;
    }
    return length;
}

inline std::size_t name_length(const Header& header) noexcept {
    return length_of(header.name);
}

inline bool is_utf8(const char* text, std::size_t length) noexcept {
    std::size_t at = 0;
    while (at < length) {
        const unsigned lead = static_cast<unsigned char>(text[at]);
        const std::size_t more = lead < 0x80U ? 0 : lead < 0xE0U ? 1 : lead < 0xF0U ? 2 : 3;
        if ((lead >= 0x80U && lead < 0xC2U) || lead > 0xF4U || length - at <= more) {
            return false;
        }
        for (std::size_t i = 1; i <= more; ++i) {
            const unsigned next = static_cast<unsigned char>(text[at + i]);
            const unsigned low = i > 1 ? 0x80U : lead == 0xE0U ? 0xA0U : lead == 0xF0U ? 0x90U : 0x80U;
            const unsigned high = i > 1 ? 0xBFU : lead == 0xEDU ? 0x9FU : lead == 0xF4U ? 0x8FU : 0xBFU;
            if (next < low || next > high) {
                return false;
            }
        }
        at += more + 1;
    }
    return true;
}

/// Whether a header's timecode label exists: SMPTE ST 12-1, drop frame at 29.97 and 59.94 only.
inline bool timecode_exists(const Header& h) noexcept {
    if (h.rate_den < 1 || h.rate_num < h.rate_den || h.hours > 23 || h.minutes > 59 || h.seconds > 59) {
        return false;
    }
    const std::uint64_t labels = (static_cast<std::uint64_t>(h.rate_num) + h.rate_den - 1) / h.rate_den;
    if (h.frames >= labels) {
        return false;
    }
    if (!has(h, Flag::drop_frame)) {
        return true;
    }
    if (h.rate_den != 1001 || (h.rate_num != 30000 && h.rate_num != 60000)) {
        return false;
    }
    return h.seconds != 0 || h.minutes % 10 == 0 || h.frames >= (h.rate_num == 30000 ? 2 : 4);
}

/// Longer bytes: a newer sender appended. Shorter: an older one; what it left out reads as 0.
template <typename Struct>
inline void copy_fitted(Struct& target, const void* bytes, std::size_t count) noexcept {
    target = Struct{};
    if (count > 0) {
        std::memcpy(&target, bytes, count < sizeof(Struct) ? count : sizeof(Struct));
    }
}

/// The next array of a payload; false where it is cut short. `bytes` and `count` move behind it.
template <typename Row>
inline bool take_rows(Rows<Row>& rows, std::uint16_t wanted, const char*& bytes, std::size_t& count) noexcept {
    if (count / sizeof(Row) < wanted) {
        return false;
    }
    rows = Rows<Row>{static_cast<const Row*>(static_cast<const void*>(bytes)), wanted};
    bytes += wanted * sizeof(Row);
    count -= wanted * sizeof(Row);
    return true;
}

/// Bytes a pixel of a format, 0 for none that is known.
inline std::size_t pixel_bytes(std::uint16_t pixels) noexcept {
    switch (static_cast<Pixels>(pixels)) {
        case Pixels::r8: return 1;
        case Pixels::r16f: return 2;
        case Pixels::r32f: return 4;
        case Pixels::rgba8: return 4;
        case Pixels::rgba16f: return 8;
    }
    return 0;
}

/// How long the fourth part of a picture's message must be.
inline std::uint64_t pixels_length(const Picture& picture) noexcept {
    return static_cast<std::uint64_t>(picture.height_px) * picture.stride_bytes;
}

inline bool is_whole(const Picture& picture) noexcept {
    const std::uint64_t row = static_cast<std::uint64_t>(picture.width_px) * pixel_bytes(picture.pixels);
    return row > 0 && picture.height_px > 0 && picture.stride_bytes >= row;
}

inline bool is_whole(const Rows<Bone>& bones, const Rows<Curve>& curves) noexcept {
    for (std::size_t at = 0; at < bones.count; ++at) {
        const Bone& bone = bones.first[at];
        if (!is_utf8(bone.name, length_of(bone.name)) || bone.parent < -1 ||
            (bone.parent >= 0 && static_cast<std::size_t>(bone.parent) >= at)) {
            return false;
        }
    }
    for (std::size_t at = 0; at < curves.count; ++at) {
        if (!is_utf8(curves.first[at].name, length_of(curves.first[at].name))) {
            return false;
        }
    }
    return true;
}

inline bool is_known(std::uint16_t type) noexcept {
    return type >= 1 && type <= 6;
}

inline bool needs_unreals_frame(std::uint16_t type) noexcept {
    switch (static_cast<Type>(type)) {
        case Type::camera:
        case Type::pose:
        case Type::face:
            return true;
        default:
            return false;
    }
}

/// Fills `out` from the second and third part of a message; the topic is for subscriptions only. The payload lies at a
/// multiple of 8 in memory. A picture's fourth part is to be `pixels_length` long, any other message has none.
inline Outcome decode(
    const void* header, std::size_t header_bytes, const void* payload, std::size_t payload_bytes, Message& out
) noexcept {
    out = Message{};
    if (header_bytes < LEAST_HEADER_BYTES) {
        return Outcome::refused_length;
    }
    copy_fitted(out.header, header, header_bytes);
    if (std::memcmp(out.header.magic, MAGIC, sizeof(MAGIC)) != 0) {
        return Outcome::refused_magic;
    }
    if (out.header.major != MAJOR_VERSION) {
        return Outcome::refused_version;
    }
    if (out.header.header_bytes != header_bytes || out.header.payload_bytes != payload_bytes) {
        return Outcome::refused_length;
    }
    if (needs_unreals_frame(out.header.type) && !has(out.header, Flag::coordinates_unreal_cm)) {
        return Outcome::refused_frame;
    }
    if (!is_utf8(out.header.name, name_length(out.header))) {
        return Outcome::refused_field;
    }
    if (is_known(out.header.type) && has(out.header, Flag::timecode_valid) && !timecode_exists(out.header)) {
        return Outcome::refused_field;
    }
    const char* rows = static_cast<const char*>(payload);
    std::size_t left = payload_bytes;
    switch (static_cast<Type>(out.header.type)) {
        case Type::camera:
            copy_fitted(out.camera, payload, payload_bytes);
            return Outcome::camera;
        case Type::heartbeat:
            copy_fitted(out.heartbeat, payload, payload_bytes);
            return Outcome::heartbeat;
        case Type::skeleton:
            copy_fitted(out.skeleton, payload, payload_bytes);
            if (payload_bytes < sizeof(Skeleton)) {
                return Outcome::refused_length;
            }
            rows += sizeof(Skeleton);
            left -= sizeof(Skeleton);
            if (!(take_rows(out.skeleton_bones, out.header.count_0, rows, left) && take_rows(out.skeleton_curves, out.header.count_1, rows, left))) {
                return Outcome::refused_length;
            }
            if (!is_whole(out.skeleton_bones, out.skeleton_curves)) {
                return Outcome::refused_field;
            }
            return Outcome::skeleton;
        case Type::pose:
            copy_fitted(out.pose, payload, payload_bytes);
            if (payload_bytes < sizeof(Pose)) {
                return Outcome::refused_length;
            }
            rows += sizeof(Pose);
            left -= sizeof(Pose);
            if (!(take_rows(out.pose_bones, out.header.count_0, rows, left) && take_rows(out.pose_curves, out.header.count_1, rows, left))) {
                return Outcome::refused_length;
            }
            return Outcome::pose;
        case Type::face:
            copy_fitted(out.face, payload, payload_bytes);
            if (payload_bytes < sizeof(Face)) {
                return Outcome::refused_length;
            }
            rows += sizeof(Face);
            left -= sizeof(Face);
            if (!(take_rows(out.face_shapes, out.header.count_0, rows, left))) {
                return Outcome::refused_length;
            }
            return Outcome::face;
        case Type::picture:
            copy_fitted(out.picture, payload, payload_bytes);
            if (!is_whole(out.picture)) {
                return Outcome::refused_field;
            }
            return Outcome::picture;
    }
    return Outcome::unknown_type;
}

} // namespace cyclorama::wire
