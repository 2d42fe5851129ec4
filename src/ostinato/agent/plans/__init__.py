"""A task over several apps: its parts, and what they hand to each other."""
