"""`cyc bench NAME`: each bench measures its floor, a peer or the bare operation, in the same run."""
