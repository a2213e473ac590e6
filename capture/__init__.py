"""Performance capture during the shoot: landmarks, skeletons, faces, mattes and who stands before what.

Nothing lives here yet; the rooms are built with the issues that need them.
"""
