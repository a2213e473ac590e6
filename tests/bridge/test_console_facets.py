"""Rectangles of a wall: against the wall's own points, wherever they came from."""

import math

import numpy as np
from numpy.typing import NDArray

from bridge.console.facets import Facet, facets, pixels
from bridge.frames import matrix_from_quat


def sheet(columns: int, rows: int, place: object) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """A grid of quads; `place(u, v)` is the point."""
    us, vs = np.linspace(0, 1, columns + 1), np.linspace(0, 1, rows + 1)
    uv = np.array([(u, v) for v in vs for u in us])
    vertices = np.array([place(u, v) for u, v in uv])  # type: ignore[operator]
    triangles: list[tuple[int, int, int]] = []
    for row in range(rows):
        for column in range(columns):
            a = row * (columns + 1) + column
            b, c, d = a + 1, a + columns + 1, a + columns + 2
            triangles += [(a, c, b), (b, c, d)]
    return vertices, uv, np.array(triangles)


def corner(facet: Facet, right: float, down: float) -> NDArray[np.float64]:
    local = np.array([(right - 0.5) * facet.width_m, (down - 0.5) * facet.height_m, 0.0])
    return np.array(facet.centre_m) + matrix_from_quat(facet.rotation_wxyz) @ local


def test_a_flat_wall_is_one_rectangle_however_it_was_cut() -> None:
    found = facets(*sheet(7, 5, lambda u, v: (5 * u, 3.0, 2.8 * (1 - v))))
    assert found is not None
    assert len(found) == 1
    assert np.allclose((found[0].width_m, found[0].height_m), (5.0, 2.8))
    assert np.allclose(found[0].rect_unit, (0, 0, 1, 1))
    assert np.allclose(corner(found[0], 0, 0), (0, 3, 2.8)), "the picture's top left corner"
    assert np.allclose(corner(found[0], 1, 1), (5, 3, 0)), "the picture's bottom right corner"


def test_an_arc_is_a_few_chords_whose_edges_meet_on_it() -> None:
    def place(u: float, v: float) -> tuple[float, float, float]:
        angle = math.radians(-75 + 150 * u)
        return (4 * math.sin(angle), 4 * math.cos(angle), 3 * (1 - v))

    found = facets(*sheet(150, 4, place))
    assert found is not None
    assert 12 <= len(found) <= 16
    for facet in found:
        for right in (0, 1):
            u = facet.rect_unit[2 * right]
            assert np.allclose(corner(facet, right, 0), place(u, 0), atol=1e-4)
            assert np.allclose(corner(facet, right, 1), place(u, 1), atol=1e-4)
    assert np.isclose(sum(facet.rect_unit[2] - facet.rect_unit[0] for facet in found), 1.0)


def test_panel_columns_that_bend_little_become_one() -> None:
    def place(u: float, v: float) -> tuple[float, float, float]:
        angle = math.radians(-5 + 10 * u)
        return (8 * math.sin(angle), 8 * math.cos(angle), 3 * (1 - v))

    assert len(facets(*sheet(4, 1, place)) or ()) == 1


def test_what_is_not_made_of_rectangles_has_none() -> None:
    vertices = np.array([(0.0, 0, 0), (1, 0, 0), (0.4, 0, 1)])
    assert facets(vertices, np.array([(0.0, 1), (1, 1), (0.4, 0)]), np.array([(0, 1, 2)])) is None
    assert facets(*sheet(1, 1, lambda u, v: (u, 0.5 * u * v, 1 - v))) is None, "twisted"
    assert facets(*sheet(1, 1, lambda u, v: (u + 0.5 * v, 0, 1 - v))) is None, "sheared"


def test_pixels_cover_the_picture_without_gaps_or_empty_parts() -> None:
    columns = [pixels((i / 7, 0, (i + 1) / 7, 1), 100, 50)[1] for i in range(7)]
    assert [part.start for part in columns[1:]] == [part.stop for part in columns[:-1]]
    assert (columns[0].start, columns[-1].stop) == (0, 100)
    rows, one = pixels((0.5, 0, 0.5001, 0.001), 4, 4)
    assert rows.stop - rows.start == one.stop - one.start == 1
