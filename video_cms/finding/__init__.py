"""How videos are found: what is trending, the words of a search, the sections of the home page."""
