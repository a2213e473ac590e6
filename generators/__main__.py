"""What other packages start of this one as a program: `python -m generators NAME`."""

import argparse
import importlib
import sys
from collections.abc import Sequence

PROGRAMS = {"in-camera": "generators.verbs.in_camera"}


def main(argv: Sequence[str]) -> int:
    """Exit code as every verb's."""
    if not argv or argv[0] not in PROGRAMS:
        sys.stderr.write(f"python -m generators: expected one of {', '.join(PROGRAMS)}\n")
        return 2
    door = importlib.import_module(PROGRAMS[argv[0]])
    parser = argparse.ArgumentParser(prog=f"python -m generators {argv[0]}", description=door.__doc__)
    door.add_arguments(parser)
    return int(door.run(parser.parse_args(argv[1:])))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
