"""The words in which people say how they feel, in stems; our own list, for English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

PrimaryMood = Literal[
    "happy",
    "sad",
    "energetic",
    "calm",
    "romantic",
    "nostalgic",
    "anxious",
    "excited",
    "angry",
    "peaceful",
]
PRIMARY_MOODS: tuple[PrimaryMood, ...] = get_args(PrimaryMood)
"""The moods that a text can be given first."""

STEMS: Mapping[str, str] = {
    "happy": "happy happi glad joy cheer delight smil laugh sunny merry bliss wonderful great "
    "fantastic content pleased fun bright lucky celebrat",
    "sad": "sad unhapp sorrow cry cries tear tears weep grief griev heartbrok heartbreak mourn "
    "depress miserable gloom melanchol blue hurt hopeless lost loss",
    "energetic": "energ power pump workout run running gym sprint dance dancing dancefloor lively "
    "dynamic fast jump move upbeat adrenaline",
    "calm": "calm relax chill quiet slow gentle soft soothing mellow ease rest unwind tranquil "
    "sleepy breathe",
    "romantic": "romantic romance love loving lover beloved kiss darling sweetheart valentine "
    "tender passion candle candlelight crush affection date wife husband honeymoon",
    "nostalgic": "nostalg memory memories remember reminisc childhood yesterday bygone past "
    "longing yearn school-days homesick throwback old-days",
    "anxious": "anxi worry worri worries nervous afraid fear scared stress panic tense uneasy "
    "dread overwhelm restless insecure frighten",
    "excited": "excit thrill eager anticipat party festival adventure amaz awesome stoked hyped "
    "ecstatic euphori finally",
    "angry": "angr anger furious fury rage raging mad hate hatred annoy irritat frustrat outrag "
    "bitter betray resent",
    "peaceful": "peace serene seren harmony meditat still stillness nature forest ocean sea sunset "
    "sunrise balance prayer gratitude grateful",
    "contemplative": "contemplat think thinking thought thoughtful reflect ponder wonder wondering "
    "meaning question introspect philosoph deep",
    "lonely": "lonely loneliness alone isolat solitude abandon empty nobody",
    "hopeful": "hope hopeful optimis dream dreaming better tomorrow future believe faith healing",
    "dreamy": "dreamy float drifting hazy surreal stars moon moonlight cloud clouds",
    "dark": "dark darkness shadow night midnight haunt eerie sinister ghost",
    "tired": "tired exhaust weary drained sleepless fatigue burnout bored boring",
    "playful": "playful silly funny joke quirky mischie goofy witty",
    "triumphant": "triumph victor victory won winning proud pride success succeed conquer champion",
}
"""Mood to its stems: the ten first, then those that are only ever second."""

PHRASES: Mapping[str, str] = {
    "can't wait": "excited",
    "cannot wait": "excited",
    "looking forward": "excited",
    "at peace": "peaceful",
    "in love": "romantic",
    "miss you": "nostalgic",
    "i miss": "nostalgic",
    "miss the": "nostalgic",
    "old times": "nostalgic",
    "old days": "nostalgic",
    "used to": "nostalgic",
    "fed up": "angry",
    "let down": "sad",
    "feel down": "sad",
    "feeling down": "sad",
    "fall apart": "sad",
    "on edge": "anxious",
    "freaking out": "anxious",
    "wind down": "calm",
    "let go": "peaceful",
    "running late": "anxious",
    "stop crying": "sad",
    "stop thinking": "contemplative",
    "worn out": "tired",
    "on my own": "lonely",
}
"""Two words and more that mean what neither says."""

OPPOSITES: Mapping[str, str] = {
    "happy": "sad",
    "sad": "calm",
    "energetic": "tired",
    "calm": "anxious",
    "romantic": "lonely",
    "anxious": "calm",
    "excited": "tired",
    "angry": "calm",
    "peaceful": "anxious",
    "lonely": "happy",
    "hopeful": "sad",
    "tired": "energetic",
}
"""What is said by denying a mood; the others, denied, say nothing."""

KIN: Mapping[str, str] = {
    "contemplative": "calm",
    "lonely": "sad",
    "hopeful": "happy",
    "dreamy": "peaceful",
    "dark": "anxious",
    "tired": "calm",
    "playful": "happy",
    "triumphant": "energetic",
}
"""The primary mood that stands for each of the others where no primary one is named."""

_NEGATIONS = (
    "not no never neither nor without hardly barely cannot isn't aren't wasn't weren't don't "
    "doesn't didn't can't couldn't won't wouldn't isnt arent wasnt dont doesnt didnt cant wont "
    "nothing none less"
)
NEGATIONS = frozenset(_NEGATIONS.split())
_STRONGER = (
    "very so really extremely incredibly totally absolutely deeply truly super too "
    "completely utterly insanely terribly awfully much"
)
STRONGER: Mapping[str, float] = dict.fromkeys(_STRONGER.split(), 1.5)
_WEAKER = "slightly somewhat bit little kinda sorta fairly rather mildly almost quite maybe perhaps"
WEAKER: Mapping[str, float] = dict.fromkeys(_WEAKER.split(), 0.6)
_SUFFIXES = (
    "s es e ed d en n ened er ers est ing ings ly y ies ful fully ness less lessly some ty ity "
    "ment ments ion ions able ous ously ic ically al or ors"
)
SUFFIXES = frozenset(("", *_SUFFIXES.split()))
"""What may follow a stem; anything else makes another word of it."""
