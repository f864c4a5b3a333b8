"""What creators do with their own videos: upload, describe, publish, replace, delete."""
