"""The sentences that stories are put together from; our own, in the past tense.

In a sentence ``{who}`` is the listener's name or "they" (``{who_first}`` at its beginning,
``{who_object}`` as its object), ``{name}`` always the name, ``{title}`` the track, ``{by}`` " by …"
or nothing, ``{place}`` where the scene plays, ``{sound}`` what the track is like as measured.
"""

from __future__ import annotations

from collections.abc import Mapping

TYPES = ("journey", "adventure", "reflection", "concert", "playlist")
THEMES = ("inspirational", "mysterious", "romantic", "nostalgic", "adventurous")

OPENINGS: Mapping[str, tuple[str, ...]] = {
    "journey": (
        "{name}'s journey began with no map and one good pair of headphones.",
        "The bag was light, the evening was long, and {name} had nowhere to be before morning.",
        "{name} took the first road that led away from the window, and pressed play.",
    ),
    "adventure": (
        "Nobody had told {name} that the door behind the record shelf was a door.",
        "It began as a dare, the way most things worth telling begin for {name}.",
        "When the last street lamp went out, {name} knew that the night had other plans.",
    ),
    "reflection": (
        "{name} sat down where the afternoon light came in, and for once did nothing else.",
        "There are evenings that ask a question and then wait; {name} had met one of those.",
        "The house had grown quiet enough for {name} to hear what the day had left behind.",
    ),
    "concert": (
        "The queue went twice around the block, and {name} stood somewhere in its middle, smiling.",
        "{name} found the seat in the dark, a moment before the hall held its breath.",
        "Somebody tuned a string, somebody laughed, and {name} knew that it was about to begin.",
    ),
    "playlist": (
        "{name} had put the songs in order the way other people lay a table.",
        "Every list tells a story to whoever reads it slowly, and {name} read this one slowly.",
        "It was only a handful of tracks, but {name} had chosen each of them for a reason.",
    ),
}

PLACES: Mapping[str, tuple[str, ...]] = {
    "journey": (
        "on the road out of town",
        "in the last carriage of a night train",
        "on a bridge above slow water",
        "at a harbour before dawn",
        "on a pass where the snow had not yet gone",
        "between two fields of rye",
        "at the edge of a city that never asked for names",
        "on the street where the way home begins",
    ),
    "adventure": (
        "at the mouth of a cave that breathed",
        "in a forest without a path",
        "beside a river too wide to shout across",
        "among the ruins of a theatre",
        "on a cliff, with the wind behind",
        "under a sky that could not decide",
        "before a gate with seven locks",
        "on the summit at last",
    ),
    "reflection": (
        "at the window",
        "at the kitchen table, over cold tea",
        "in front of a box of photographs",
        "in the room that used to be someone else's",
        "in the garden, after the rain",
        "on the stairs, half way up",
        "under the roof, among old coats",
        "in the dark, wide awake",
    ),
    "concert": (
        "in the foyer",
        "in the very first row",
        "under lights that turned from amber to blue",
        "high on the balcony",
        "in the middle of the crowd",
        "beside the sound desk",
        "through the encore",
        "on the walk home, with ringing ears",
    ),
    "playlist": (
        "at the top of the list",
        "right after the beginning",
        "where the list first turned a corner",
        "in the middle, where lists are honest",
        "past the middle",
        "where one usually stops listening closely",
        "just before the end",
        "in the last place, which is never an accident",
    ),
}

ARRIVALS = (
    "{place_first}, \u201c{title}\u201d{by} found {name}: {sound}.",
    "\u201c{title}\u201d{by} came on {place}, {sound}.",
    "Then, {place}, there was \u201c{title}\u201d{by}, {sound}.",
    "{place_first} {who} heard \u201c{title}\u201d{by} as if for the first time: {sound}.",
    "It was \u201c{title}\u201d{by} that played {place}, {sound}.",
    "What waited {place} turned out to be \u201c{title}\u201d{by}: {sound}.",
    "{who_first} had kept \u201c{title}\u201d{by} for a moment {place}: {sound}.",
    "And {place}, out of nowhere, \u201c{title}\u201d{by}: {sound}.",
)

DEEDS: Mapping[str, tuple[str, ...]] = {
    "low": (
        "{who_first} slowed down without noticing, and the world slowed down to keep company.",
        "Nothing happened, and {who} would not have missed a second of it.",
        "{who_first} closed both eyes and let the quiet do the talking.",
        "For a while {who} only breathed, and that seemed to be enough.",
        "A thought that had been running all week sat down beside {who_object} and was still.",
        "{who_first} said a name aloud, softly, to see how it sounded next to the music.",
        "The air grew so still that {who} could hear the notes end.",
        "{who_first} folded the noise of the day like a letter and put it away.",
    ),
    "mid": (
        "{who_first} walked on in time with it, a little surprised at the ease of every step.",
        "{who_first} hummed the part that nobody else would have noticed.",
        "Something in the middle of it made {who_object} look up and change direction.",
        "{who_first} met a stranger's eye just then, and both of them nodded to the same beat.",
        "By the second time around, {who} had made a small decision and told no one.",
        "{who_first} tapped the rhythm on whatever was near, and it answered.",
        "It left room for a plan, and {who} filled the room.",
        "{who_first} turned it up by one careful notch, which is how courage starts.",
    ),
    "high": (
        "{who_first} ran, because standing still had become impossible.",
        "{who_first} laughed out loud, threw both arms up and did not care who saw it.",
        "Every window seemed to shake, and {who} shook with them.",
        "{who_first} took the last steps three at a time.",
        "The beat came up through the ground, and {who} stopped being tired.",
        "Whatever had been in the way was suddenly behind {who_object}.",
        "{who_first} shouted the one line that mattered, half a second too early.",
        "It was louder than doubt, and for as long as it lasted {who} believed it.",
    ),
}

COLOURS: Mapping[str, tuple[str, ...]] = {
    "bright": (
        "There was so much light in it that shadows looked like decoration.",
        "It sounded like good news from somebody who never writes.",
        "If it had a weather, it was the first warm day.",
        "It smiled the way a door opens.",
    ),
    "dark": (
        "There was a sorrow in it, but an upright one.",
        "It knew something about night that the day prefers not to be told.",
        "If it had a weather, it was rain on a roof that holds.",
        "It did not promise anything, which is why {who} trusted it.",
    ),
    "even": (
        "It took no side between joy and sorrow, and so there was room for both.",
        "It could have meant anything; tonight it meant this.",
        "If it had a weather, it was high cloud, and time enough.",
        "It asked for nothing but attention.",
    ),
}

THOUGHTS: Mapping[str, tuple[str, ...]] = {
    "inspirational": (
        "Small beginnings, {who} thought, are still beginnings.",
        "One may start again on any day of the week, and {who} had just found that out.",
        "{who_first} remembered every time that giving up would have been easier, and smiled.",
        "There is strength that makes no noise; it had been there all along.",
        "{who_first} wrote one word on the back of a ticket, and the word was yes.",
        "The distance that had looked like a wall was only a distance.",
        "What had been heavy could be carried, note by note.",
        "{who_first} owed nobody a reason for this much hope.",
        "Tomorrow had been an excuse; now it was an appointment.",
        "Even the silence between two notes seemed to be leaning forward.",
    ),
    "mysterious": (
        "Somebody had been here before; {who} could have sworn it.",
        "Under the melody ran another one, and it seemed to know {who_object}.",
        "A lamp went on in a house that had been empty for years.",
        "{who_first} counted the bars, and came out with one too many.",
        "Not every question wants its answer, and this one hid well.",
        "The shadow on the wall kept time, though there was nobody to throw it.",
        "On the back of the sleeve stood a date that had not come yet.",
        "{who_first} followed the bass down a stair that had not been there before.",
        "What frightened {who_object} most was how familiar it felt.",
        "A key lay on the ground, still warm.",
    ),
    "romantic": (
        "{who_first} thought of a hand, and of how it had once known the way.",
        "Somewhere a person was hearing this, too, and {who} knew exactly who.",
        "Love, {who} decided, is mostly a matter of listening.",
        "Two shadows on the pavement can look a great deal like one.",
        "{who_first} kept the message unsent a little longer, because it was still so true.",
        "There was a scent of rain and of someone's coat.",
        "The chorus said what letters never had.",
        "{who_first} would have given the whole evening for one more slow dance.",
        "A heart is a small room with very good acoustics.",
        "It takes one look across a crowd, and the crowd is gone.",
    ),
    "nostalgic": (
        "{who_first} could have drawn the wallpaper of the room where this was first played.",
        "The summers were longer then, or it was only the records.",
        "A voice from the next room called everybody to supper, thirty years ago.",
        "{who_first} had forgotten the words, and then had not.",
        "What is gone keeps excellent time.",
        "There had been a bicycle, a hill, and nobody counting the hours.",
        "{who_first} missed people who would have laughed at being missed.",
        "An old photograph does not move; this one did.",
        "The past, {who} noticed, always comes in with the second verse.",
        "Some doors never close, they only grow quieter.",
    ),
    "adventurous": (
        "{who_first} had always liked the part of the map where the names stop.",
        "Turning back would have been sensible, and so it was out of the question.",
        "Something on the other side was worth getting wet for.",
        "{who_first} checked the rope, the moon and the battery, in that order.",
        "The wind had an opinion, and {who} had another.",
        "A plan is a good thing to leave behind at the right moment.",
        "{who_first} jumped first and was brave afterwards.",
        "Far ahead a light blinked, twice, and that was invitation enough.",
        "Every scar was going to be a sentence one day, and {who} liked sentences.",
        "The unknown, seen from close by, mostly wanted company.",
    ),
}

JOINTS = (
    "An hour went by, or perhaps only the space between two tracks.",
    "Then the scene changed, as scenes do when nobody is looking.",
    "The next part had been waiting its turn.",
    "{who_first} went on.",
    "After that, things could not stay as they were.",
    "The silence lasted exactly one breath.",
    "Someone, somewhere, turned the record over.",
    "It might have ended there; it did not.",
)

ENDINGS: Mapping[str, tuple[str, ...]] = {
    "inspirational": (
        "When it was over, {name} was the same person, only taller by the height of a song.",
        "{name} took the headphones off, and the courage stayed on.",
        "The music stopped; what it had started in {name} did not.",
    ),
    "mysterious": (
        "In the morning everything was in its place except one record, and {name} never found it.",
        "{name} told nobody, and the door behind the music never quite closed again.",
        "The last note faded, and something answered; {name} smiled, and kept the secret.",
    ),
    "romantic": (
        "When the last note faded, {name} sent the message at last, and it was one line long.",
        "{name} went home the long way, with somebody's laughter for company.",
        "The music ended; {name} went on dancing, and not alone.",
    ),
    "nostalgic": (
        "{name} put everything back into the box, and kept one thing out.",
        "Nothing had come back, and yet {name} had been there.",
        "When it grew late, {name} thanked the years, one after the other, and put out the light.",
    ),
    "adventurous": (
        "{name} came home with muddy shoes and the look of someone who will do it again.",
        "The last track ended where the next map begins, and {name} was already packing.",
        "They ask {name} to this day how it ended; the answer is always a new song.",
    ),
}

UNKNOWN_SOUNDS = (
    "a sound there is no name for",
    "half remembered, wholly welcome",
    "and for a while nothing else",
    "as clear as a voice across water",
    "stranger and closer than expected",
    "exactly as long as it had to be",
    "with a door in it somewhere",
    "and it knew where it was going",
)
"""For a track of which nothing was ever measured."""
