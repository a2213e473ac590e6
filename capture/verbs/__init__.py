"""The doors of `cyc capture` and what belongs to it: argv, print and exit only here."""
