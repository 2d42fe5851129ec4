"""Phones with Android."""
