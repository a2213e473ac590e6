"""Drawing splats: the tile rasteriser for CPUs, gsplat where CUDA is, and the slow exact twin of both."""
