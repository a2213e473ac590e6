"""What animators take home: a performer's motion at a steady rate as USD, BVH, TRC, and FBX or GLB through Blender."""
