"""Before the shoot: what `cyc check` works out and draws."""
