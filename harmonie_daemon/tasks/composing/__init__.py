"""Compositions as things that are asked for, made and kept."""
