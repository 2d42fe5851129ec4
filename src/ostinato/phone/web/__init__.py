"""A phone made of Chromium."""
