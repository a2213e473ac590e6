"""Protocols as pure functions between bytes and values: no socket, no clock. One file a protocol, one row in `table`."""
