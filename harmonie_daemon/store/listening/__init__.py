"""What is kept of listening; ``store.plays`` is the repository over these functions."""
