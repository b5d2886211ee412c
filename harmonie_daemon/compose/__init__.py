"""From words to music: a brief, a score, and its sound."""
