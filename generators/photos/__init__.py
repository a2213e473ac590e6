"""Photos or a video of a place become splats of it: sharp frames, where they were taken, true size, and the fit."""
