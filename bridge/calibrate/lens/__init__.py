"""A film camera's lens table, from a board, an STMap or OpenTrackIO."""
