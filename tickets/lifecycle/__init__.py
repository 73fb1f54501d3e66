"""Every verb that changes a ticket. Nothing outside this package assigns a state."""
