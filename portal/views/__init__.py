"""The customers' pages, by subject."""
