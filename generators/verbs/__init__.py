"""The doors of what happens before the shoot: `cyc generate`, `cyc library`."""
