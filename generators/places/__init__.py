"""Places made from a few words without any model: terrain, structures, plants, light."""
