"""Made by `python -m integrations.generate`."""
