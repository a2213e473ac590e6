// What cyc-engine says: one JSON object a line.
#pragma once

#include "Connection.h"
#include "Listening.h"
#include "Router.h"

namespace cyclorama {

/// Everything measured, and forgets the times and gaps.
void print_report(std::int64_t now_ns, const Connection& connection, const Router& router, Listening& listening) noexcept;

/// One message as it was decoded. `measured`: it comes from a packet, nothing was concealed, stale or lost. `pixels`: of a
/// picture whose Adler-32 is to be said, else null.
void print_frame(const wire::Message& message, const Way& way, bool measured, const unsigned char* pixels) noexcept;

} // namespace cyclorama
