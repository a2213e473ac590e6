"""Protocols as pure functions between bytes and values: no socket, no clock. A file each, a row each in `table`."""
