"""The cameras round a performer, found from a board that is carried through the volume: lenses, places, floor, time."""
