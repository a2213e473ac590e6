"""Benches of performance capture; `cyc bench` names them."""
