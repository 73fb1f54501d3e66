"""What will probably be late, and why."""
