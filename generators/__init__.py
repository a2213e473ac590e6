"""Before the shoot: sentences, pictures and photos become Gaussian-splat environments."""
