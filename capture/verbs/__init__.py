"""The doors of performance capture."""
