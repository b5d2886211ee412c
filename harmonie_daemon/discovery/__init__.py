"""From words to music and back: queries, moods, stories, trends, tastes."""
