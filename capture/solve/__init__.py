"""From what several cameras saw to a performer's skeleton: matching, triangulation, filters, bones, feet, fingers."""
