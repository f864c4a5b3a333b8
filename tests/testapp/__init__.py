"""A small magazine that has nothing to do with videos: the plugin's README, followed."""
