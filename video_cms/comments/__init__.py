"""What viewers say about videos: who reads and writes what, and what waits for a moderator."""
