"""The room `suites`."""
