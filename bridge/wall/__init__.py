"""LED walls as surfaces with pixels, and what is drawn on them."""
