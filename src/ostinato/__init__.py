"""Ostinato: a stack for phone agents that remember."""

__version__ = "0.1.0"
