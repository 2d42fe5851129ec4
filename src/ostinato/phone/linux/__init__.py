"""Linux phones with real applications."""
