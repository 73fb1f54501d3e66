"""Pictures of every page: the table of pages (``pages``), where their objects are found, and who takes them."""
