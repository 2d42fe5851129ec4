"""The room `studio`: Ostinato for other programs, over the Model Context Protocol."""
