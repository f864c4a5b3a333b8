"""Looks at uploaded video files, in processes of their own: how long, how large, and a poster."""
