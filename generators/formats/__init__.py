"""Files of splats: one pure codec a format (bytes to `Splats` and back), and one table of them at the edge."""
