"""What a camera would photograph of the walls, and how far that is from the world."""
