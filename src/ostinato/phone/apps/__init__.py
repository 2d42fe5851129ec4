"""Real apps to install, start, reset and read."""
