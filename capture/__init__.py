"""Performance capture during the shoot: landmarks, skeletons, faces, mattes and who stands before what."""
