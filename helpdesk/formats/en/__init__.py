"""English as most of the world writes it."""
