"""Doing what the words of a task say, without a model."""
