"""A tracker that plays a move as real packets."""
