"""The engine's side: what it is told, in its own frame, and a stand-in that listens."""
