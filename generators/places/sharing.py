"""Ranges of work over the machine's cores. Each item is done once, by one thread: no order shows in a result."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np


def shared(count: int, work: Callable[[int, int], Any]) -> None:
    """`work(first, last)` for ranges that cover 0..count; compiled work runs at the same time."""
    workers = os.cpu_count() or 1
    edges = np.linspace(0, count, 4 * workers + 1).astype(int).tolist()
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, edges[:-1], edges[1:]))
