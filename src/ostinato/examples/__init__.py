"""Recordings that ship with the package."""
