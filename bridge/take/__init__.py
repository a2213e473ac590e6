"""Takes: what a set recorded, written, read, replayed, exported."""
