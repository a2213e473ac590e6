"""Benches of what happens before the shoot; `cyc bench` names them."""
