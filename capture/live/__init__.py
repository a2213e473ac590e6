"""Performers live: cameras looked at in threads, one solve, out to the bus, to the engine and to avatar tools."""
