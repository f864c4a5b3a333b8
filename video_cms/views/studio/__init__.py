"""Creators' own videos: sending one, the list of all, changing and deleting each."""
