"""The room `phone`."""
