"""Light and picture in post: relight passes, shadows, depth of field, motion blur, grade, slow motion.

Nothing lives here yet; the rooms are built with the issues that need them.
"""
