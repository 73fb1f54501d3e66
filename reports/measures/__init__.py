"""Each measure is defined once, in words (``definitions``) and in code; every door uses that one definition (M)."""
