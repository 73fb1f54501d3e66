"""Service levels as a manager sets them up: policies, support plans, and the simulator that explains them."""
