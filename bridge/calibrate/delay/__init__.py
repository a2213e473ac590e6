"""How late tracking and light are, from motion and from flashes."""
