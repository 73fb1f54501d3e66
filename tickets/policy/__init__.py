"""May somebody do this to a ticket? Verdicts with their reason, the same for verbs, buttons and programs."""
