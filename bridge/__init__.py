"""The live bridge of a virtual-production stage: camera tracking in, engine out, recorded, measured and checked."""

__version__ = "0.1.0"
