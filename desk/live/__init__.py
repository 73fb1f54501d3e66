"""The socket of an open page: hints that something changed, and who else is here. What changed comes over HTTP."""
