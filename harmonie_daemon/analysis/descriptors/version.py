"""Bumped when a descriptor would come out differently, so that tracks are measured anew."""

DESCRIPTOR_VERSION = 3
