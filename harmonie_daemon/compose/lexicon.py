"""The words that people ask for music with, and what they mean to the composer.

Phrases are in small letters without hyphens, as the tokens of ``prompt_tokens`` are; where several
match at one place, the longest does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from harmonie_daemon.domain.brief import Emotion, Genre, Stem, TempoWord


@dataclass(frozen=True, slots=True)
class GenreWord:
    """A style: the genre it belongs to, and what else it says."""

    genre: Genre
    emotion: Emotion | None = None
    tempo: TempoWord | None = None
    bpm: float | None = None
    """Where a style stands and falls with its tempo."""


@dataclass(frozen=True, slots=True)
class InstrumentWord:
    """An instrument: its General MIDI program, the stems it suits, the genre it suggests."""

    program: int
    stems: tuple[Stem, ...]
    genre: Genre | None = None


def _split(phrases: str) -> list[str]:
    return [phrase.strip() for phrase in phrases.split(",") if phrase.strip()]


def _genres() -> dict[str, GenreWord]:
    g, t, e = Genre, TempoWord, Emotion
    plain = {
        g.INDIAN: "indian, raga, raag, bollywood, hindustani, carnatic, bhangra, qawwali, ghazal,"
        "sitar, tabla, sarod, bansuri, desi, classical indian, indian classical",
        g.POP: "pop, dance pop, electropop, synthpop, synth pop, k pop, kpop, j pop, jpop, disco,"
        "jingle, commercial, advert, boy band, musical, reggae, ska, latin, salsa, bossa nova,"
        "country, christmas, kids, children",
        g.AMBIENT: "ambient, new age, drone music, soundscape, soundscapes, atmospheric, spa,"
        "space music, background music, yoga, sleep music, nature, ethereal, white noise",
        g.INDIE: "indie, indie rock, indie pop, indie folk, folk, acoustic, singer songwriter,"
        "alternative, alt rock, rock, pop punk, punk, punk rock, garage, garage rock, shoegaze,"
        "post rock, grunge, surf rock, americana, bluegrass, britpop, emo, blues, 12 bar blues,"
        "hard rock, metal, heavy metal",
        g.RNB: "rnb, r & b, r and b, r n b, rhythm and blues, soul, neo soul, motown, funk, gospel,"
        "jazz, smooth jazz, swing, lounge, slow jam",
        g.CINEMATIC: "cinematic, orchestral, orchestra, film, film score, movie, soundtrack,"
        "film music, movie score, trailer, score, classical, symphonic, symphony, epic trailer,"
        "documentary, game music, battle music, boss fight, fantasy, medieval, western, opera,"
        "chamber music, baroque",
        g.HIPHOP: "hiphop, hip hop, rap, trap, boom bap, trip hop, lofi, lo fi, chillhop,"
        "chill hop, lofi hip hop, lo fi hip hop, drill, gangsta, old school beat",
        g.ELECTRONIC: "electronic, edm, electronica, house, techno, trance, dubstep, synthwave,"
        "retrowave, vaporwave, drum and bass, drum & bass, drum n bass, dnb, electro, rave, club,"
        "dance, dance music, idm, chiptune, 8 bit, hardstyle, downtempo, chillwave, big room,"
        "future bass, psytrance, breakbeat, jungle, garage house, deep house, chillout, cyberpunk",
    }
    words = {phrase: GenreWord(genre) for genre, text in plain.items() for phrase in _split(text)}
    calm = {"yoga": g.AMBIENT, "spa": g.AMBIENT, "sleep music": g.AMBIENT, "chillout": g.AMBIENT}
    words |= {phrase: GenreWord(genre, e.RELAXING, t.SLOW) for phrase, genre in calm.items()}
    lofi = "lofi, lo fi, chillhop, chill hop, lofi hip hop, lo fi hip hop, trip hop"
    words |= {phrase: GenreWord(g.HIPHOP, e.RELAXING, t.SLOW) for phrase in _split(lofi)}
    fast = "drum and bass, drum & bass, drum n bass, dnb, jungle"
    words |= {
        phrase: GenreWord(g.ELECTRONIC, e.ENERGETIC, t.FAST, 172.0) for phrase in _split(fast)
    }
    return words | {
        "dubstep": GenreWord(g.ELECTRONIC, e.ANGRY, t.FAST, 140.0),
        "trance": GenreWord(g.ELECTRONIC, e.ENERGETIC, t.FAST, 138.0),
        "hardstyle": GenreWord(g.ELECTRONIC, e.ENERGETIC, t.FAST, 150.0),
        "synthwave": GenreWord(g.ELECTRONIC, e.DREAMY, t.MEDIUM),
        "retrowave": GenreWord(g.ELECTRONIC, e.DREAMY, t.MEDIUM),
        "vaporwave": GenreWord(g.ELECTRONIC, e.DREAMY, t.SLOW),
        "downtempo": GenreWord(g.ELECTRONIC, e.RELAXING, t.SLOW),
        "chillwave": GenreWord(g.ELECTRONIC, e.DREAMY, t.SLOW),
        "edm": GenreWord(g.ELECTRONIC, e.ENERGETIC, t.FAST),
        "big room": GenreWord(g.ELECTRONIC, e.ENERGETIC, t.FAST),
        "chiptune": GenreWord(g.ELECTRONIC, e.CHEERFUL, t.FAST),
        "8 bit": GenreWord(g.ELECTRONIC, e.CHEERFUL, t.FAST),
        "punk": GenreWord(g.INDIE, e.ENERGETIC, t.FAST),
        "punk rock": GenreWord(g.INDIE, e.ENERGETIC, t.FAST),
        "pop punk": GenreWord(g.INDIE, e.ENERGETIC, t.FAST),
        "metal": GenreWord(g.INDIE, e.ANGRY, t.FAST),
        "heavy metal": GenreWord(g.INDIE, e.ANGRY, t.FAST),
        "hard rock": GenreWord(g.INDIE, e.ANGRY, t.FAST),
        "emo": GenreWord(g.INDIE, e.SAD),
        "blues": GenreWord(g.INDIE, e.SAD, t.SLOW),
        "12 bar blues": GenreWord(g.INDIE, e.SAD, t.SLOW),
        "shoegaze": GenreWord(g.INDIE, e.DREAMY),
        "bhangra": GenreWord(g.INDIAN, e.JOYFUL, t.FAST),
        "funk": GenreWord(g.RNB, e.ENERGETIC),
        "gospel": GenreWord(g.RNB, e.JOYFUL),
        "slow jam": GenreWord(g.RNB, e.RELAXING, t.SLOW),
        "lounge": GenreWord(g.RNB, e.RELAXING, t.MEDIUM),
        "disco": GenreWord(g.POP, e.JOYFUL, t.FAST),
        "jingle": GenreWord(g.POP, e.CHEERFUL),
        "christmas": GenreWord(g.POP, e.JOYFUL),
        "kids": GenreWord(g.POP, e.CHEERFUL),
        "children": GenreWord(g.POP, e.CHEERFUL),
        "trailer": GenreWord(g.CINEMATIC, e.TRIUMPHANT),
        "epic trailer": GenreWord(g.CINEMATIC, e.TRIUMPHANT),
        "drill": GenreWord(g.HIPHOP, e.ANGRY),
        "gangsta": GenreWord(g.HIPHOP, e.ANGRY),
    }


def _emotions() -> dict[str, tuple[Emotion, TempoWord | None]]:
    e, t = Emotion, TempoWord
    plain = {
        e.SAD: "sad, sadness, melancholy, melancholic, sorrow, sorrowful, heartbreak, heartbroken,"
        "lonely, loneliness, nostalgic, nostalgia, bittersweet, mournful, emotional, longing,"
        "wistful, tearful, crying, blue, grief, farewell, rainy, moody",
        e.CALM: "calm, calming, peaceful, peace, tranquil, serene, quiet, still, gentle, soft,"
        "meditation, meditative, meditate, zen, lullaby, sleep, sleepy, sleeping, study, studying,"
        "focus, concentration, reading, delicate, tender, minimal, slow paced, soothing",
        e.MOTIVATIONAL: "motivational, motivating, motivation, motivated, corporate, confident,"
        "determined, driven, productive, presentation, ambitious, startup, business",
        e.HAPPY: "happy, happiness, upbeat, feel good, good mood, sunny, positive, fun, party,"
        "summer, summery, bright, optimistic, smile, birthday, wedding, love, romantic, groovy",
        e.SCARY: "scary, horror, spooky, creepy, haunted, haunting, halloween, eerie, sinister,"
        "nightmare, ghost, ghostly, evil, monster, terrifying, demonic, zombie",
        e.CHEERFUL: "cheerful, playful, quirky, lighthearted, light hearted, funny, comedy, comic,"
        "cute, bouncy, whimsical, silly, jolly, merry, perky, cartoon",
        e.ANGRY: "angry, anger, aggressive, rage, furious, heavy, brutal, violent, hard, intense,"
        "harsh, mad, menacing, fierce, hardcore, distorted, war, battle, fight, boss fight",
        e.TRIUMPHANT: "triumphant, triumph, victorious, victory, heroic, hero, epic, majestic,"
        "glorious, grand, powerful, anthem, anthemic, champion, winning, fanfare, celebration",
        e.RELAXING: "relaxing, relaxed, relax, relaxation, chill, chilled, mellow, laid back,"
        "easy going, easygoing, smooth, lazy, cozy, cosy, unwind, warm, massage, sunset, beach",
        e.DEPRESSING: "depressing, depressed, depression, gloomy, bleak, hopeless, desolate,"
        "despair, dark, somber, sombre, funeral, tragic, tragedy, miserable, grim, doom",
        e.DREAMY: "dreamy, dream, dreams, dreamlike, floating, hazy, ethereal, magical, magic,"
        "celestial, space, spacey, cosmic, underwater, mystical, mysterious, mystery, enchanted,"
        "surreal, psychedelic, stars, starry, night, lush, reverie",
        e.INSPIRATIONAL: "inspirational, inspiring, inspire, uplifting, hopeful, hope, beautiful,"
        "touching, moving, heartfelt, soaring, sunrise, journey, wonder, graceful, spiritual",
        e.ENERGETIC: "energetic, energy, high energy, workout, gym, running, sport,"
        "sports, dynamic, driving, pumping, exciting, adrenaline, action, racing, lively, hype,"
        "wild, explosive, hyper, frantic, festival, banger",
        e.JOYFUL: "joyful, joy, joyous, ecstatic, euphoric, euphoria, jubilant, exuberant, festive,"
        "celebratory, elated, delighted, blissful",
        e.TENSE: "tense, tension, suspense, suspenseful, thriller, nervous, anxious, uneasy, edgy,"
        "dramatic, drama, urgent, countdown, chase, crime, spy, heist, stressful, ominous",
        e.FEARFUL: "fearful, fear, afraid, panic, dread, terror, paranoid, frightened, frightening,"
        "scared, worried, threatening, danger, dangerous",
    }
    words: dict[str, tuple[Emotion, TempoWord | None]] = {
        phrase: (emotion, None) for emotion, text in plain.items() for phrase in _split(text)
    }
    fast = "upbeat, party, workout, gym, running, racing, chase, frantic, hyper, banger, action"
    slow = "lullaby, meditation, meditative, meditate, sleep, sleepy, sleeping, funeral, massage"
    words |= {phrase: (words[phrase][0], t.FAST) for phrase in _split(fast)}
    return words | {phrase: (words[phrase][0], t.SLOW) for phrase in _split(slow)}


def _tempos() -> dict[str, TempoWord]:
    plain = {
        TempoWord.SLOW: "slow, slowly, slow tempo, downbeat, adagio, largo, lento, ballad,"
        "sluggish, half time, unhurried, leisurely",
        TempoWord.MEDIUM: "medium, medium tempo, mid tempo, midtempo, moderate, moderately,"
        "andante, walking pace, steady",
        TempoWord.FAST: "fast, faster, fast paced, quick, uptempo, up tempo, rapid, speedy,"
        "allegro, presto, vivace, double time, brisk, high tempo, fast tempo",
    }
    return {phrase: tempo for tempo, text in plain.items() for phrase in _split(text)}


def _instruments() -> dict[str, InstrumentWord]:
    chords, melody = (Stem.CHORDS, Stem.MELODY), (Stem.MELODY,)
    bass = (Stem.BASS,)
    g = Genre
    rows: tuple[tuple[str, int, tuple[Stem, ...], Genre | None], ...] = (
        ("piano, grand piano, pianos", 0, chords, None),
        ("electric piano, rhodes, wurlitzer, e piano", 4, chords, g.RNB),
        ("harpsichord", 6, chords, g.CINEMATIC),
        ("celesta", 8, melody, None),
        ("music box", 10, melody, g.AMBIENT),
        ("vibraphone, vibes section", 11, melody, g.RNB),
        ("marimba", 12, melody, None),
        ("xylophone", 13, melody, None),
        ("bells, tubular bells", 14, melody, None),
        ("organ, hammond", 16, chords, None),
        ("church organ, pipe organ", 19, chords, g.CINEMATIC),
        ("accordion", 21, chords, None),
        ("harmonica", 22, melody, g.INDIE),
        ("nylon guitar, classical guitar, spanish guitar", 24, chords, g.INDIE),
        ("guitar, guitars, acoustic guitar, ukulele", 25, chords, g.INDIE),
        ("electric guitar, clean guitar", 27, (Stem.MELODY, Stem.CHORDS), g.INDIE),
        ("distorted guitar, distortion guitar", 30, chords, g.INDIE),
        ("upright bass, double bass, acoustic bass", 32, bass, None),
        ("electric bass, bass guitar", 33, bass, None),
        ("synth bass, synth bassline", 38, bass, g.ELECTRONIC),
        ("violin, violins", 40, melody, g.CINEMATIC),
        ("viola", 41, melody, g.CINEMATIC),
        ("cello, cellos", 42, melody, g.CINEMATIC),
        ("pizzicato", 45, chords, g.CINEMATIC),
        ("harp", 46, chords, None),
        ("strings, string section, string quartet", 48, chords, g.CINEMATIC),
        ("choir, choirs", 52, chords, None),
        ("trumpet, trumpets", 56, melody, None),
        ("trombone", 57, melody, None),
        ("horn, french horn, horns", 60, melody, g.CINEMATIC),
        ("brass, brass section", 61, chords, None),
        ("sax, saxophone, tenor sax", 66, melody, g.RNB),
        ("alto sax", 65, melody, g.RNB),
        ("oboe", 68, melody, g.CINEMATIC),
        ("bassoon", 70, melody, g.CINEMATIC),
        ("clarinet", 71, melody, None),
        ("flute, flutes", 73, melody, None),
        ("pan flute, panpipes", 75, melody, None),
        ("whistle, whistling", 78, melody, None),
        ("saw lead, saw synth, supersaw", 81, melody, g.ELECTRONIC),
        ("synth lead, lead synth", 80, melody, g.ELECTRONIC),
        ("synth pad, pad, pads, synth pads", 89, (Stem.CHORDS,), None),
        ("sitar", 104, melody, g.INDIAN),
        ("sarangi", 110, melody, g.INDIAN),
        ("banjo", 105, chords, g.INDIE),
        ("shamisen", 106, melody, None),
        ("koto", 107, melody, None),
        ("kalimba, mbira", 108, melody, None),
        ("bagpipes, bagpipe", 109, melody, None),
        ("fiddle", 110, melody, g.INDIE),
        ("steel drum, steel drums, steelpan", 114, melody, g.POP),
        ("bansuri", 77, melody, g.INDIAN),
    )
    return {
        phrase: InstrumentWord(program, stems, genre)
        for phrases, program, stems, genre in rows
        for phrase in _split(phrases)
    }


def _stems() -> dict[str, Stem]:
    plain = {
        Stem.PERCUSSION: "drums, drum, percussion, percussive, beat, beats, drum kit, drumming,"
        "kick, snare, hihats, hats, cymbals, tabla",
        Stem.BASS: "bass, bassline, bass line, basses, sub bass, 808 bass",
        Stem.MELODY: "melody, melodies, lead, leads, lead melody, tune, topline",
        Stem.CHORDS: "chords, harmony, harmonies, accompaniment, backing, keys, drone",
    }
    return {phrase: stem for stem, text in plain.items() for phrase in _split(text)}


GENRES: Mapping[str, GenreWord] = MappingProxyType(_genres())
EMOTIONS: Mapping[str, tuple[Emotion, TempoWord | None]] = MappingProxyType(_emotions())
TEMPOS: Mapping[str, TempoWord] = MappingProxyType(_tempos())
INSTRUMENTS: Mapping[str, InstrumentWord] = MappingProxyType(_instruments())
STEMS: Mapping[str, Stem] = MappingProxyType(_stems())

NEGATIONS = frozenset(
    _split("no, not, without, never, minus, except, avoid, excluding, dont, don't, isn't, lacking")
)
FILLERS = frozenset(
    _split(
        "any, a, an, the, too, very, so, much, many, of, or, and, nor, real, live, loud, use, add,"
        "include, have, really, heavy, hard, overly, be, sound, sounding, feel, kind, anything"
    )
)
"""What may stand between a negation and what it denies."""
ENUMERATIONS = frozenset(_split("and, or, nor, &, no"))
DROPPED = MappingProxyType({"drumless": Stem.PERCUSSION, "beatless": Stem.PERCUSSION})
"""Words that deny a stem by themselves."""
ALONE = frozenset(_split("solo, only, just, unaccompanied, alone"))
TURNS = frozenset(
    _split(
        "then, ends, ending, end, finishes, finishing, finish, finally, followed, into, becomes,"
        "becoming, become, turns, turning, turn, transitions, transitioning, transition, builds,"
        "building, build, grows, growing, grow, later, afterwards, before, shifts, shifting,"
        "shift, changes, changing, change, morphs, evolves, evolving, leading, to, resolves"
    )
)
"""Words after which something else is meant to begin."""
BEGINNINGS = frozenset(
    _split("starts, starting, start, begins, beginning, begin, opens, opening, from, first, at")
)
LOOPS = frozenset(_split("loop, loops, looping, looped, loopable, seamless"))
LENGTH_WORDS = frozenset(
    _split("long, length, duration, for, lasting, lasts, last, of, total, clip, loop, spot, ad")
)
"""Beside a number of seconds: then it is no decade."""
