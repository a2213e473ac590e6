"""One door per verb of `cyc`: `add_arguments(parser)` and `run(args) -> exit code`. Only here: argv, print, exit."""
