"""What is written with every environment: levels of detail, splat files, panorama, pictures, proxy mesh, manifest."""
