// What cyc-engine says: one JSON object a line.
#pragma once

#include "Connection.h"
#include "Listening.h"
#include "Router.h"

namespace cyclorama {

/// Everything measured, and forgets the times.
void print_report(std::int64_t now_ns, const Connection& connection, const Router& router, Listening& listening) noexcept;

/// One message as it was decoded.
void print_frame(const wire::Message& message) noexcept;

} // namespace cyclorama
