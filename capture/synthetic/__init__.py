"""The synthetic performer: a person who never lived, whose every joint, shape and landmark is known exactly."""
