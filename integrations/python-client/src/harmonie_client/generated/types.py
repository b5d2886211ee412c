"""What is sent and answered, as the OpenAPI document of Harmonie has it.

Made by ``python -m integrations.generate``: change the document, not this file.
"""

from __future__ import annotations

from typing import Any, Literal, Required, TypeAlias, TypedDict


class ActiveTask(TypedDict, total=False):
    """The main task that was started last of those that have not ended."""

    task_id: Required[str]
    parent_task_id: None
    task_type: Required[str]
    sub_type_identifier: None
    status: Required[
        Literal["QUEUED", "STARTED", "PROGRESS", "SUCCESS", "FAILURE", "REVOKED", "UNKNOWN"]
    ]
    progress: Required[int]
    details: Required[dict[str, Any]]
    timestamp: Required[str]
    """When it last changed, in local time."""


class AnalysisBody(TypedDict, total=False):
    """Whose albums, and how many. Everything has a default."""

    jellyfin_url: str | None
    """Another server than the configured one needs its own token."""
    jellyfin_user_id: str | None
    """An id or a name."""
    jellyfin_token: str | None
    """Used for this analysis and never kept."""
    num_recent_albums: int | None
    """How many of the newest albums; 0 for all."""
    top_n_moods: int | None
    """How many of the 17 moods are named for each track."""


class AudiomuseError(TypedDict, total=False):
    """Why a request was not answered."""

    error: Required[str]
    """The message once more; `Unauthorized` without the key."""
    message: Required[str]
    """One sentence that says what to change."""


class BeatovenError(TypedDict, total=False):
    """Why a request was not answered."""

    error: Required[str]
    """One sentence that says what to change."""


class BeattellerError(TypedDict, total=False):
    """Why a request was not answered."""

    success: bool
    """Always false."""
    error: Required[ErrorBody]
    timestamp: Required[str]
    detail: Required[str]
    """Ours: the message once more."""


class BeattellerHealth(TypedDict, total=False):
    """Degraded: a service that is configured, or the database, does not do what it should."""

    status: Required[Literal["healthy", "degraded"]]
    timestamp: Required[str]
    version: Required[str]
    """Of the document."""
    services: Required[Services]
    success: bool
    """As the frontend reads it."""
    message: str
    features: Required[dict[str, bool]]
    """What can be answered; cross_domain needs somebody who is asked."""
    apis: Required[ConfiguredApis]
    harmonie_version: Required[str]
    """Ours."""


class BlockedParams(TypedDict, total=False):
    """A tempo at which a genre cannot have some emotions."""

    genre: Required[str]
    moods: list[str] | None
    mood: list[str] | None
    """The same as moods; the original has one entry that is spelled so."""
    tempo: Required[str]


class CancelledTask(TypedDict, total=False):
    """What cancelling a task did."""

    message: Required[str]
    task_id: Required[str]
    cancelled_jobs_count: Required[int]


class CancelledTasks(TypedDict, total=False):
    """What cancelling all tasks of a type did."""

    message: Required[str]
    cancelled_main_tasks: Required[list[str]]


class Checkup(TypedDict, total=False):
    """What an examination found."""

    ok: Required[bool]
    """Whether there is no problem."""
    findings: Required[list[FindingEntry]]


ClusterMethod: TypeAlias = "Literal['kmeans', 'dbscan', 'gmm', 'auto']"
"""How tracks are put into groups."""


class ClusteringBody(TypedDict, total=False):
    """By which method, and from which ranges. Everything has a default."""

    clustering_method: ClusterMethod | None
    """`auto` tries all three."""
    num_clusters_min: int | None
    num_clusters_max: int | None
    dbscan_eps_min: float | None
    dbscan_eps_max: float | None
    dbscan_min_samples_min: int | None
    dbscan_min_samples_max: int | None
    gmm_n_components_min: int | None
    gmm_n_components_max: int | None
    pca_components_min: int | None
    pca_components_max: int | None
    """Where both are 0, as many as hold 90 % of the variance."""
    clustering_runs: int | None
    max_songs_per_cluster: int | None


class ComposedMeta(TypedDict, total=False):
    """A composition that is done."""

    download_url: Required[str]
    """The whole track."""
    section_options: Required[list[list[SectionOption]]]
    """Section by section its takes; the first is the one that the track is made of."""
    midi_url: Required[str]
    """Ours: the whole track as MIDI."""
    seed: Required[int]
    """Ours: what the music was made from; the same request with it gives the same music."""
    track_id: Required[str]
    """Ours."""
    version: Required[int]
    """Ours."""


class ComposedTrack(TypedDict, total=False):
    """What there is of a track: nothing before it is composed, no stems before they are made."""

    download_url: str | None
    """The whole track."""
    section_options: list[list[SectionOption]]
    instrument_urls: list[list[dict[str, StemAddresses]]]
    midi_url: str | None
    """Ours."""
    seed: int | None
    """Ours: what the music was made from; the same request with it gives the same music."""
    uuid: Required[str]
    """Ours."""
    track: Required[TrackParameters]
    """Ours."""


class CompositionEntryRecord(TypedDict, total=False):
    """A composition as it stands in a list."""

    id: Required[str]
    title: Required[str]
    origin: Required[Literal["beatoven", "stalgia", "command"]]
    prompt: Required[str]
    genre: Required[str]
    duration_sec: Required[float]
    created_at: Required[float]
    version: Required[int]
    """The number of the newest version; 0 before there is any."""
    state: Required[Literal["waiting", "composing", "composed", "failed", "cancelled"] | None]
    """Of the newest version."""
    size_bytes: Required[int]
    """Of all files and texts of all versions."""


class CompositionFileEntry(TypedDict, total=False):
    """One file of a version."""

    kind: Required[Literal["mix", "preview", "stem", "stem_preview", "midi"]]
    format: Required[str]
    section: Required[int | None]
    """Counted from 0; null: of the whole piece."""
    take: Required[int | None]
    instrument: Required[str | None]
    duration_sec: Required[float | None]
    size_bytes: Required[int]


class CompositionList(TypedDict, total=False):
    """The newest first."""

    items: Required[list[CompositionEntryRecord]]
    total: Required[int]
    limit: Required[int]
    offset: Required[int]


class CompositionParams(TypedDict, total=False):
    """The words that requests may use, and the combinations that are refused."""

    genre: Required[list[str]]
    emotion: Required[list[str]]
    tempo: Required[list[str]]
    blockedParams: Required[list[BlockedParams]]


class CompositionRecord(TypedDict, total=False):
    """A composition, and what there is of it."""

    id: Required[str]
    title: Required[str]
    origin: Required[Literal["beatoven", "stalgia", "command"]]
    prompt: Required[str]
    genre: Required[str]
    duration_sec: Required[float]
    created_at: Required[float]
    made: Required[VersionRecord | None]
    """The version that was asked about; null before there is any."""


class CompositionRequest(TypedDict, total=False):
    """Music in words."""

    prompt: Required[str]
    title: str | None
    seed: int | None
    """The same prompt with the same seed is the same piece, to the byte."""
    format: Literal["mp3", "wav", "flac", "ogg", "opus", "aac"]


class CompositionStarted(TypedDict, total=False):
    """What to ask the status of."""

    task_id: Required[str]
    version: Required[int]
    """Ours: which version of the track it makes."""
    seed: Required[int]
    """Ours: what the music was made from; the same request with it gives the same music."""


class CompositionStatus(TypedDict, total=False):
    """How a task stands. Whatever comes of it is in `meta`."""

    meta: Required[ProgressMeta | ComposedMeta | list[list[dict[str, StemAddresses]]]]
    """How far it is; of a composition that is done its addresses; of stems that are done,
    section by section, a list of one object with every instrument.
    """
    state: Required[Literal["PENDING", "PROGRESS", "SUCCESS", "FAILURE"]]
    generationProgress: int | None
    """While in PROGRESS."""
    error: str | None
    """Why it failed."""


class Configuration(TypedDict, total=False):
    """What is asked for where a request does not say."""

    jellyfin_url: Required[str]
    jellyfin_user_id: Required[str]
    """The id where it is known, else as configured."""
    jellyfin_token: Required[str]
    """A mask: `********`, or empty if there is none."""
    num_recent_albums: Required[int]
    max_distance: Required[float]
    max_songs_per_cluster: Required[int]
    max_songs_per_artist: Required[int]
    cluster_algorithm: Required[str]
    num_clusters_min: Required[int]
    num_clusters_max: Required[int]
    dbscan_eps_min: Required[float]
    dbscan_eps_max: Required[float]
    dbscan_min_samples_min: Required[int]
    dbscan_min_samples_max: Required[int]
    gmm_n_components_min: Required[int]
    gmm_n_components_max: Required[int]
    pca_components_min: Required[int]
    pca_components_max: Required[int]
    top_n_moods: Required[int]
    mood_labels: Required[list[str]]
    clustering_runs: Required[int]


class ConfiguredApis(TypedDict, total=False):
    """As the frontend's own server answers it."""

    qloo_configured: Required[bool]
    gemini_configured: Required[bool]


class CrossDomainBody(TypedDict, total=False):
    """What is asked for, in the document's words or in the frontend's."""

    music_entity: str | None
    """An artist, or a track or an album of the library."""
    target_domains: list[TasteDomain] | None
    """All four, if left out."""
    limit_per_domain: int | str | None
    """How many; the most is 50, or what HARMONIE_DISCOVERY_MAX_RESULTS says."""
    seed_entity: str | None
    """As the frontend calls it."""
    domains: list[TasteDomain] | None
    """As the frontend calls them."""
    limit: int | str | None
    """As the frontend calls it."""


class CrossDomainEntry(TypedDict, total=False):
    """Something that goes with the music."""

    name: Required[str]
    connection_reason: Required[str]
    relevance_score: Required[float | None]
    """As whoever was asked says; null if they do not."""


class CrossDomainMetadata(TypedDict, total=False):
    """As the frontend reads it."""

    domains: Required[list[TasteDomain]]
    total_found: Required[int]
    generated_at: Required[str]


class CrossDomainReply(TypedDict, total=False):
    """By domain what goes with the music."""

    success: bool
    cross_domain_recommendations: Required[dict[str, list[CrossDomainEntry]]]
    source_entity: Required[str]
    cross_domain_results: Required[dict[str, list[CrossDomainEntry]]]
    """The same, as the frontend reads it."""
    seed: Required[str]
    metadata: Required[CrossDomainMetadata]
    source: Required[Literal["library", "listening", "local", "gemini", "qloo"]]
    """Whom was asked: `qloo` or `gemini`."""
    sources: Required[dict[str, str]]
    """By the names of the numbers: where each comes from."""


class DiscoverAnswer(TypedDict, total=False):
    """Tracks of the library, the most relevant first."""

    success: bool
    results: Required[list[FoundMusic]]
    total_results: Required[int]
    """As many as are shown; pagination.total counts all."""
    query_metadata: Required[QueryMetadata]
    pagination: Required[Pagination]
    query: Required[str]
    total_found: Required[int]
    """As many as answer."""
    search_metadata: Required[SearchMetadata]
    source: Required[Literal["library", "listening", "local", "gemini", "qloo"]]
    """`library`; `gemini` where nothing answered the text, and the tracks are those that answer
    the words which Gemini found for it.
    """
    sources: Required[dict[str, str]]
    """By the names of the numbers: where each comes from."""


class DiscoverBody(TypedDict, total=False):
    """What is looked for."""

    input: Required[str]
    """What the music is to be like, in words."""
    mood: str | None
    """Asked for beside it."""
    genre: str | None
    """Asked for beside it."""
    limit: int | str | None
    """How many; the most is 50, or what HARMONIE_DISCOVERY_MAX_RESULTS says."""
    page: int | str | None
    """Ours: which page of them."""
    per_page: int | str | None
    """Ours: how many a page has, in the place of `limit`."""


class DocumentedProfile(TypedDict, total=False):
    """A taste in numbers."""

    primary_genres: Required[list[str]]
    mood_preferences: Required[list[str]]
    discovery_openness: Required[float]
    popularity_preference: Required[float]
    diversity_score: Required[float]


class DriftBody(TypedDict, total=False):
    """A walk away from the seeds, chunk by chunk."""

    n: int
    """Number of tracks."""
    filter: FilterBody | None
    """Hard gate on the candidates."""
    artist_cooldown: bool
    """Discourage clusters of one artist, or of one album or folder where tags name none; decays
    over the next picks.
    """
    dedupe_titles: bool
    """Never the same artist and title twice."""
    rng_seed: int | None
    """Same request and seed, same playlist; null is fresh chance."""
    variation: float
    """0 always takes the best pick, 1 is adventurous; vibe has shuffle instead."""
    sequence: bool
    """Put the finished list into the order of the smallest jumps in sound, tempo, key and
    energy; included seeds stay first.
    """
    energy_curve: Literal["rise", "fall", "wave"] | None
    """How energy goes through a list with sequence."""
    seeds: list[int]
    """Track ids."""
    seed_weights: list[float]
    """Empty, or one weight above 0 per entry of seeds."""
    seed_refs: list[SeedReference]
    """Seeds by path or tags."""
    include_seeds: bool
    """Put the seeds first in the list; they count towards n."""
    smooth_transitions: SmoothTransitions | None
    ranking: Literal["cosine", "mutual"] | None
    """What makes a track near: the cosine, or mutual proximity, by which fewer tracks turn up
    everywhere. The score is the cosine in any case. Left out: the setting `ranking`, which is
    cosine unless changed.
    """
    mode: Required[Literal["drift"]]
    chunk_size: int
    """Picks per anchor."""


class EchoedReference(TypedDict, total=False):
    """A seed reference as it was sent; members that were not sent are absent."""

    path: str | None
    artist: str | None
    album: str | None
    title: str | None
    weight: float | None


class Error(TypedDict, total=False):
    """Why a request was not answered."""

    detail: Required[str]
    """One sentence that says what to change."""


class ErrorBody(TypedDict, total=False):
    """What is wrong."""

    code: Required[str]
    message: Required[str]
    """One sentence that says what to change."""
    details: Required[str]


class FeaturedTrack(TypedDict, total=False):
    """A track of the story."""

    name: Required[str]
    context_in_story: Required[str]


class FilterBody(TypedDict, total=False):
    """The filter as a JSON object; a range is `{'gte': …, 'lte': …}` or one number."""

    bpm: RangeBounds | float | None
    danceability: RangeBounds | float | None
    loudness: RangeBounds | float | None
    key: list[str] | None
    scale: Scale | None
    genre: list[str] | None
    style: list[str] | None
    style_min: float
    """Style rows below this do not count."""
    style_mode: StyleMode
    energy: RangeBounds | float | None
    valence: RangeBounds | float | None
    arousal: RangeBounds | float | None
    danceable: RangeBounds | float | None
    acoustic: RangeBounds | float | None
    aggressive: RangeBounds | float | None
    ambient: RangeBounds | float | None
    chilling: RangeBounds | float | None
    dark: RangeBounds | float | None
    energetic: RangeBounds | float | None
    epic: RangeBounds | float | None
    happy: RangeBounds | float | None
    melancholy: RangeBounds | float | None
    party: RangeBounds | float | None
    relaxed: RangeBounds | float | None
    romantic: RangeBounds | float | None
    sad: RangeBounds | float | None
    serious: RangeBounds | float | None
    sexy: RangeBounds | float | None
    sleepy: RangeBounds | float | None
    warm: RangeBounds | float | None


class FindingEntry(TypedDict, total=False):
    """One thing that was looked at."""

    area: Required[str]
    """`folders`, `disk`, `watching`, …, or a target: `jellyfin`."""
    verdict: Required[Literal["fine", "note", "problem"]]
    """A `note` works, but may be worth knowing; a `problem` needs a hand."""
    said: Required[str]
    advice: Required[str | None]
    """What to do about it; every problem has some."""


class Forgotten(TypedDict, total=False):
    """What is gone."""

    plays: Required[int]


class FoundMusic(TypedDict, total=False):
    """A track of the library that answers."""

    name: Required[str]
    artist: Required[str | None]
    category: Literal["Music"]
    popularity: Required[float]
    relevance_score: Required[float]
    genre_tags: Required[list[str]]
    recommendation_reason: Required[str]
    """The evidence."""
    types: Required[list[str]]
    """What it is: a track."""
    mood_match: Required[float | None]
    """How well it has the moods that are asked for, 0 to 1; null if none is."""
    album: Required[str | None]
    """Ours."""
    track_id: Required[int]
    """Ours: the id at `/api/v1/tracks/{id}`."""


class GenerateBody(TypedDict, total=False):
    """A wish."""

    prompt: Required[str]
    """What the music is to be."""
    config: MusicConfig | None
    variation_request: str | None
    """How this piece is to differ from an earlier one."""


class Generated(TypedDict, total=False):
    """A piece: what it is meant to be, the program that plays it, and where its MIDI is."""

    brief: Required[str]
    """Markdown."""
    code: Required[str]
    midi_url: Literal["/download/midi"]
    id: Required[str]
    """Ours: `/download/midi?id=` and `/download/audio?id=` mean this."""


class GeneratedPlaylist(TypedDict, total=False):
    """One playlist as it was last made."""

    key: Required[str]
    """Stays the same when the playlist is refreshed."""
    name: Required[str]
    recipe: Required[str]
    """The recipe it comes from; empty when another maker made it."""
    maker: Required[str]
    """What made it; `recipes` for every recipe."""
    user: Required[str | None]
    """The media server user whom it is for, if for one."""
    description: Required[str]
    """What it is, in words; may be empty."""
    tracks: Required[int]
    track_ids: Required[list[int]]
    refreshed_at: Required[float]
    """Unix time."""


class GeneratedPlaylists(TypedDict, total=False):
    """Every generated playlist."""

    items: Required[list[GeneratedPlaylist]]
    total: Required[int]


class GenerationFailure(TypedDict, total=False):
    """Why nothing plays, and the program that was tried last."""

    error: Required[str]
    code: Required[str]
    """The program; empty if there was none."""


class GenerationMetadata(TypedDict, total=False):
    """What was asked for."""

    theme: Required[str]
    activity: Required[str | None]
    mood: Required[str | None]
    notes: Required[list[str]]
    """Ours: what could not be as it was asked for."""


class GenreEntry(TypedDict, total=False):
    """A genre of the library."""

    genre: Required[str]
    track_count: Required[int]
    """Style rows under the genre."""
    style_count: Required[int]
    """Distinct styles under the genre."""
    mean_probability: Required[float]
    max_probability: Required[float]


class GenreList(TypedDict, total=False):
    """All genres."""

    items: Required[list[GenreEntry]]
    total: Required[int]


class Health(TypedDict, total=False):
    """The daemon can be reached."""

    status: Required[Literal["ok"]]


class HookAnswer(TypedDict, total=False):
    """Whether anything was made of it."""

    taken: Required[bool]
    reason: Required[str | None]
    """Why not."""


class HookError(TypedDict, total=False):
    """Why a notice was refused."""

    detail: Required[str]
    """One sentence that says what to change."""


HookNotice: TypeAlias = "dict[str, Any]"
"""A notice of the plugin. Names in any letter case; numbers and truth values also as text.

`NotificationType` (PlaybackStart, PlaybackProgress, PlaybackStop, ItemAdded, UserDataSaved),
`ItemId`, `UserId`, `NotificationUsername`, `DeviceId`, `PlaybackPositionTicks`,
`PlayedToCompletion`, `Favorite`; where the server is not configured here, `Name`, `Artist`, `Album`
or `Path` as well. Everything else is ignored.
"""

InteractionKind: TypeAlias = "Literal['like', 'dislike', 'play', 'skip']"
"""What somebody did."""


class JellyfinCredential(TypedDict, total=False):
    """One token that the daemon holds."""

    user: Required[str | None]
    """Whose token it is; null: an API key, or not known."""
    is_admin: Required[bool]
    origin: Required[Literal["settings", "login"]]
    since: Required[float | None]
    """Unix time of the login."""
    works: Required[bool | None]
    """null: the server could not be asked."""
    problem: Required[str | None]
    """Why it does not work, and what to do."""
    may: Required[list[str]]
    """What it may do with playlists of its user, and in general."""
    may_not: Required[list[str]]


class JellyfinUsers(TypedDict, total=False):
    """Who is logged in."""

    url: Required[str | None]
    """null: no Jellyfin is configured."""
    version: Required[str | None]
    """The server's."""
    problem: Required[str | None]
    """Why the server could not be asked."""
    credentials: Required[list[JellyfinCredential]]


class KeptPlay(TypedDict, total=False):
    """One play."""

    listener: Required[str]
    track_id: Required[int]
    path: Required[str]
    artist: Required[str | None]
    title: Required[str | None]
    started_at: Required[float]
    """Unix time."""
    ended_at: Required[float]
    heard_s: Required[float]
    """0 where only a counter of a server tells of it."""
    outcome: Required[PlayOutcome]
    source: Required[PlaySource]


class LastTask(TypedDict, total=False):
    """The main task that was started last."""

    task_id: Required[str]
    task_type: Required[str]
    status: Required[
        Literal["QUEUED", "STARTED", "PROGRESS", "SUCCESS", "FAILURE", "REVOKED", "UNKNOWN"]
    ]
    progress: Required[int]
    details: Required[dict[str, Any]]


class ListenerCounts(TypedDict, total=False):
    """One listener in numbers."""

    listener: Required[str]
    counted: Required[int]
    """Half was heard, and the end."""
    skipped: Required[int]
    """Left within half a minute, or a fifth."""
    partial: Required[int]
    """Neither."""
    tracks: Required[int]
    """Different ones."""
    heard_s: Required[float]
    last_played_at: Required[float]
    own_playlists: Required[int]
    """Of theirs at media servers, as far as it is known what they hold now."""


class LoginBody(TypedDict, total=False):
    """Who logs in, and how."""

    user: str | None
    """A name; without a password the one who is to type the code in."""
    password: str | None
    """Used once and kept nowhere; without it Quick Connect is asked."""


class LoginProgress(TypedDict, total=False):
    """Where a login stands."""

    state: Required[Literal["waiting", "done", "expired", "refused"]]
    """`refused`: somebody else typed the code in than the one who was to."""
    id: Required[str | None]
    """By which a login with a code is asked about."""
    code: Required[str | None]
    """What is typed into Jellyfin, under Quick Connect."""
    expires_at: Required[float | None]
    """Unix time."""
    user: Required[str | None]
    """Who is logged in, or was refused."""


class LogoutBody(TypedDict, total=False):
    """Whom to log out."""

    user: str | None
    """A name, or `all` must be true."""
    all: bool


class LogoutOutcome(TypedDict, total=False):
    """Who was logged out."""

    users: Required[list[str]]
    problems: Required[list[str]]
    """What the server could not be told."""


class MatchEntry(TypedDict, total=False):
    """A track with the score that brought it here."""

    path: Required[str]
    library_root: Required[str]
    relative_path: Required[str]
    artist: Required[str | None]
    album: Required[str | None]
    title: Required[str | None]
    track_number: Required[int | None]
    styles: Required[list[StyleEntry]]
    """Most probable first."""
    track_id: Required[int]
    score: Required[float]
    """Of `/similar`: cosine to the track asked about, -1 to 1. Of a playlist: `similar` cosine
    to the pick before (the first: to the mean of the seeds), `drift` cosine to the last pick
    of the chunk before, `vibe` the fitness, 0 to 1; a seed that is included: cosine to the
    mean of the seeds.
    """


class MoodAnswer(TypedDict, total=False):
    """The mood, and music for it."""

    success: bool
    mood_analysis: Required[MoodReading]
    music_suggestions: Required[list[SuggestedMusic]]
    recommended_music: Required[list[SuggestedMusic]]
    """The first six of them."""
    metadata: Required[MoodMetadata]
    source: Required[Literal["library", "listening", "local", "gemini", "qloo"]]
    """Who read the mood: `local` or `gemini`."""
    sources: Required[dict[str, str]]
    """By the names of the numbers: where each comes from."""


class MoodBody(TypedDict, total=False):
    """A text of somebody's."""

    text: Required[str]
    """English."""


class MoodEntry(TypedDict, total=False):
    """A score of the track by itself, and what it is worth."""

    value: Required[float]
    """0 to 1."""
    source: Required[Literal["audio", "genres", "styles", "tags"]]
    """What counted beside what was measured: nothing (audio), the file's genre tags, the styles
    that the classifier heard, or mood tags.
    """
    confidence: Required[float]
    """0 to 1: how far the value is to be trusted."""


class MoodMetadata(TypedDict, total=False):
    """As the frontend's own server answers it."""

    analyzed_text_length: Required[int]
    """Characters."""
    generated_at: Required[str]


class MoodReading(TypedDict, total=False):
    """What a text says of how its writer feels."""

    primary_mood: Required[str]
    secondary_mood: Required[str | None]
    emotional_intensity: Required[float]
    sentiment_score: Required[float]
    """Bad to good."""
    mood_intensity: Required[int]
    """The intensity as the frontend shows it."""
    secondary_moods: Required[list[str]]
    music_suggestions: Required[list[str]]
    """The genres of the tracks that are suggested."""
    explanation: Required[str]


class MusicConfig(TypedDict, total=False):
    """Choices beside the prompt: any text; blank ones count as not made."""

    genre: str | None
    mood: str | None
    tempo: str | None
    key: str | None
    structure: str | None
    instruments: str | None
    notes: str | None


class MusicPreference(TypedDict, total=False):
    """A track that the story is to be about."""

    name: Required[str]
    """The title of the track."""
    artist: str | None
    genre: str | None
    """What was heard, if it is left out."""


NoActiveTask: TypeAlias = "dict[str, Any]"
"""No main task is on."""


class NoLastTask(TypedDict, total=False):
    """There has never been one."""

    task_id: None
    task_type: None
    status: Literal["NO_PREVIOUS_MAIN_TASK"]
    details: dict[str, Any]


class NoneToCancel(TypedDict, total=False):
    """No task of the type is on."""

    message: Required[str]


class NotCancelled(TypedDict, total=False):
    """Why a task was not cancelled."""

    message: Required[str]
    task_id: Required[str]


class Pagination(TypedDict, total=False):
    """Where in the whole answer this one stands."""

    page: Required[int]
    per_page: Required[int]
    total: Required[int]
    """On all pages."""
    pages: Required[int]
    has_next: Required[bool]
    has_prev: Required[bool]


class PlannedPlaylist(TypedDict, total=False):
    """What would become of one playlist at one target."""

    key: Required[str]
    name: Required[str]
    user: Required[str]
    """Whose it is there; empty where users are not told apart."""
    change: Required[Literal["created", "updated", "unchanged", "removed"]]
    added: Required[int]
    """Tracks that would come."""
    removed: Required[int]
    """Tracks that would go."""
    reordered: Required[bool]
    """Whether those that stay would stand in another order."""
    former_name: Required[str | None]
    """What it is called now, if it would be renamed."""
    reshared: Required[bool]
    """Whether others would see it."""


class PlannedTarget(TypedDict, total=False):
    """What would happen at one target."""

    target: Required[str]
    ok: Required[bool]
    summary: Required[str]
    playlists: Required[list[PlannedPlaylist]]
    problems: Required[list[str]]


class PlayList(TypedDict, total=False):
    """Plays, the latest first."""

    items: Required[list[KeptPlay]]
    listeners: Required[list[ListenerCounts]]
    """What is played in all of the time that was asked for, not only in `items`."""


PlayOutcome: TypeAlias = "Literal['counted', 'skipped', 'partial']"
"""What became of a play."""

PlaySource: TypeAlias = "Literal['player', 'hook', 'sessions', 'jellyfin_count', 'subsonic_count']"
"""Who told us of a play. Of two that saw the same one, the earlier in this list is believed."""


class PlaylistAnswer(TypedDict, total=False):
    """The playlist, in playing order."""

    items: Required[list[MatchEntry]]
    unresolved_seed_refs: Required[list[UnresolvedReference]]


PlaylistRequest: TypeAlias = "SimilarBody | DriftBody | VibeBody"
"""A playlist to build; `mode` decides which members there are."""


class PlaylistSong(TypedDict, total=False):
    """A track of a playlist."""

    item_id: Required[str]
    """Jellyfin's id where it is known, else Harmonie's."""
    title: Required[str]
    author: Required[str]


class PlaysTaken(TypedDict, total=False):
    """What came of it."""

    new: Required[int]
    """Plays that nobody had told of before."""
    known: Required[int]
    """Plays that were known already, or are of somebody of whom nothing is kept."""
    refused: Required[list[RefusedPlay]]


class PresentComposition(TypedDict, total=False):
    """A track to be composed now."""

    format: Literal["wav", "mp3", "aac"]
    """Of the track; its stems are MP3."""
    looping: bool | None
    """Whether the end is to lead back into the beginning."""
    prompt: Required[PresentPrompt]


class PresentMeta(TypedDict, total=False):
    """A track that is done."""

    project_id: Required[str]
    track_id: Required[str]
    prompt: Required[PresentPromptEcho]
    version: Required[int]
    track_url: Required[str]
    stems_url: Required[dict[str, str]]


class PresentPrompt(TypedDict, total=False):
    """What to compose."""

    text: Required[str]
    """In English, as in: 30 seconds peaceful lo-fi chill hop."""


class PresentPromptEcho(TypedDict, total=False):
    """What was asked for."""

    text: Required[str]


class PresentSound(TypedDict, total=False):
    """How a track that is known is to sound."""

    format: Literal["wav", "mp3", "aac"]
    """Of the track; its stems are MP3."""
    looping: bool | None
    """Whether the end is to lead back into the beginning."""


class PresentStarted(TypedDict, total=False):
    """What to ask the status of."""

    status: Literal["started"]
    task_id: Required[str]
    """The track, an underscore, its version."""


class PresentStatus(TypedDict, total=False):
    """How a task stands."""

    status: Required[Literal["composing", "composed", "failed"]]
    meta: PresentMeta | None
    """When it is composed, not before."""
    error: str | None
    """Why it failed."""


class PresentTrackRequest(TypedDict, total=False):
    """A track to be composed later."""

    prompt: Required[PresentPrompt]


class PresentTracks(TypedDict, total=False):
    """Tracks that can be composed from now on."""

    status: Literal["created"]
    tracks: Required[list[str]]


class ProfileAnalytics(TypedDict, total=False):
    """What the numbers rest on."""

    interactions: Required[int]
    """With what is known here."""
    positive: Required[int]
    negative: Required[int]
    unknown: Required[int]
    """Names and words that the library knows nothing of."""
    unknown_names: Required[list[str]]
    """The first 20 of them."""
    not_looked_for: Required[int]
    """Further names: the thousand that occur most are looked for."""
    genre_shares: Required[dict[str, float]]


class ProfileAnswer(TypedDict, total=False):
    """The profile, and artists that fit it."""

    success: bool
    taste_profile: Required[DocumentedProfile]
    recommendations: Required[list[ProfileRecommendation]]
    profile: Required[dict[str, dict[str, list[str]]]]
    """By interest what the library has of it: tracks, artists and genres."""
    analytics: Required[ProfileAnalytics]
    insights: Required[list[str]]
    generated_at: Required[str]
    source: Required[Literal["library", "listening", "local", "gemini", "qloo"]]
    """`listening` where plays that were counted here decided."""
    sources: Required[dict[str, str]]
    """By the names of the numbers: where each comes from."""


class ProfileBody(TypedDict, total=False):
    """What is known of somebody, in the document's words or in the frontend's."""

    user_interactions: list[UserInteraction] | None
    """Without any it is what was played here."""
    preferences: TastePreferences | None
    interests: list[str] | None
    """As the frontend sends them: whatever somebody likes, in words."""
    listener: str | None
    """Ours: whose plays count where there are no interactions; everybody's."""


class ProfileRecommendation(TypedDict, total=False):
    """An artist of the library, or a track where no artist is left."""

    name: Required[str]
    reason: Required[str]
    similarity_score: Required[float]
    track_id: Required[int]


class ProgressMeta(TypedDict, total=False):
    """How far it is."""

    message: Required[str]
    percentage: Required[int]
    generationProgress: Required[int]
    """The same."""


class QueryMetadata(TypedDict, total=False):
    """What was asked for."""

    processed_input: Required[str]
    mood: Required[str | None]
    genre: Required[str | None]
    understood: Required[list[str]]
    """Ours: the words that meant something."""


class RangeBounds(TypedDict, total=False):
    """Both bounds are included; one may be left out."""

    gte: float | None
    lte: float | None


class RecommendationsAnswer(TypedDict, total=False):
    """What is like the entity, the nearest first."""

    success: bool
    recommendations: Required[list[RecommendedMusic]]
    seed_entity: Required[str]
    """As the library spells it."""
    total_recommendations: Required[int]
    """As many as are shown."""
    pagination: Required[Pagination]
    seed: Required[str]
    metadata: Required[RecommendationsMetadata]
    source: Required[Literal["library", "listening", "local", "gemini", "qloo"]]
    sources: Required[dict[str, str]]
    """By the names of the numbers: where each comes from."""


class RecommendationsBody(TypedDict, total=False):
    """What others are to be like."""

    seed_entity: Required[str]
    """A track, an artist, an album or a genre."""
    limit: int | str | None
    """How many; the most is 50, or what HARMONIE_DISCOVERY_MAX_RESULTS says."""
    include_metadata: bool | None
    """Whether to say genres, popularity and what it is; yes."""
    page: int | str | None
    """Ours: which page of them."""
    per_page: int | str | None
    """Ours: how many a page has, in the place of `limit`."""


class RecommendationsMetadata(TypedDict, total=False):
    """As the frontend reads it."""

    total_found: Required[int]
    algorithm: Required[str]
    generated_at: Required[str]
    taken_for: Required[str]
    """Ours: track, artist, album or genre."""


class RecommendedMusic(TypedDict, total=False):
    """A track, or an artist, of the library."""

    name: Required[str]
    artist: Required[str | None]
    category: Literal["Music"]
    similarity_score: Required[float]
    recommendation_reason: Required[str]
    types: Required[list[str]]
    """What it is: a track or an artist."""
    genre_tags: list[str] | None
    popularity: float | None
    album: str | None
    track_id: Required[int]
    """The track, or the artist's that is nearest."""


class RefreshOutcome(TypedDict, total=False):
    """What a refresh came to."""

    ok: Required[bool]
    """Whether every recipe and every target did well."""
    playlists: Required[list[GeneratedPlaylist]]
    problems: Required[dict[str, str]]
    """Recipe to the reason why it was not made."""
    targets: Required[list[TargetOutcome]]


class RefreshPlan(TypedDict, total=False):
    """What a refresh would come to."""

    ok: Required[bool]
    """Whether every recipe and every target would do well."""
    problems: Required[dict[str, str]]
    """Recipe to the reason why it cannot be made."""
    targets: Required[list[PlannedTarget]]


class RefusedPlay(TypedDict, total=False):
    """One that was not taken."""

    index: Required[int]
    """Its place in the list, from 0."""
    detail: Required[str]
    """One sentence that says what to change."""


class RenderBody(TypedDict, total=False):
    """A program in our dialect of musicpy."""

    code: Required[str]
    brief: str | None


class ReviseBody(TypedDict, total=False):
    """A piece that is there, and what is to become of it."""

    prompt: Required[str]
    """What the music is to be."""
    config: MusicConfig | None
    brief: str | None
    code: str | None
    request: str
    mode: Literal["change", "regenerate"]


class RootAtServer(TypedDict, total=False):
    """How much of a library root a media server knows."""

    root: Required[str]
    tracks: Required[int]
    matched: Required[dict[str, int]]
    """Tracks that the server has, by how they were recognised: mapping, path, learned (path
    below a folder whose name there was learnt), musicbrainz, tags, duration.
    """
    unmatched: Required[dict[str, int]]
    """Tracks that it does not have, by reason: unknown_folder (it shows nothing below this
    root), not_there, no_tags, differs (same artist and title, another album and duration),
    ambiguous.
    """
    examples: Required[list[str]]
    """Paths of some that it does not have."""


Scale: TypeAlias = "Literal['major', 'minor']"


class ScanState(TypedDict, total=False):
    """The current scan, or the outcome of the last one."""

    state: Required[Literal["idle", "scanning", "error"]]
    phase: Required[Literal["enumerating", "classifying", "extracting", "pruning"] | None]
    started_at: Required[float | None]
    finished_at: Required[float | None]
    last_duration_sec: Required[float | None]
    last_error: Required[str | None]
    discovered: Required[int]
    to_do: Required[int]
    """Files this scan has to analyse."""
    full: Required[int]
    """Files of which everything was analysed."""
    descriptors_only: Required[int]
    """Tracks whose descriptors alone were made anew."""
    embeddings_only: Required[int]
    """Tracks that were only heard by another model."""
    to_embed: Required[int]
    """How many of to_do are such tracks."""
    skipped: Required[int]
    failed: Required[int]
    moved: Required[int]
    removed: Required[int]
    hidden: Required[int]
    """Files of folders that are no library any more: left out of every answer, and kept for
    forget_after_days in case the folder is one again.
    """
    returned: Required[int]
    """Files that were hidden and are in a library again."""
    remaining_sec: Required[int | None]
    """Seconds the rest will take at the present pace, once that is known."""
    paused: Required[bool]
    """A paused scan stays in the state scanning."""
    paused_because: Required[str | None]
    """Why no file is begun: somebody asked for it, quiet hours, load."""
    missing_roots: Required[list[str]]
    """Library roots that could not be read; their tracks are kept."""
    unreadable: Required[list[list[str]]]
    """Roots, folders and files that could not be looked into, and why; at most 20 pairs, missing
    roots first. Their tracks are kept.
    """
    unreadable_count: Required[int]
    """How many there are in all."""
    recent_failures: Required[list[list[str]]]
    """Pairs of path and reason."""


class SearchMetadata(TypedDict, total=False):
    """As the frontend reads it."""

    mood: Required[str | None]
    genre: Required[str | None]
    timestamp: Required[str]


class SectionOption(TypedDict, total=False):
    """One take of one section."""

    instruments: Required[list[str]]
    """`role-instrument`, four of them."""
    object_name: Required[str]
    """The name of the file."""
    preview_url: Required[str]
    section_duration: Required[int]
    """Milliseconds."""
    track_url: Required[str]
    seed: Required[int]
    """Ours: what the music was made from; the same request with it gives the same music."""


class SectionRequest(TypedDict, total=False):
    """A stretch of time with one emotion."""

    emotion: Required[
        Literal[
            "sad",
            "calm",
            "motivational",
            "happy",
            "scary",
            "cheerful",
            "angry",
            "triumphant",
            "relaxing",
            "depressing",
            "dreamy",
            "inspirational",
            "energetic",
            "joyful",
            "tense",
            "fearful",
        ]
    ]
    start: Required[int | str]
    """Milliseconds from the beginning of the track."""
    length: Required[int | str]
    """Milliseconds."""


class SeedReference(TypedDict, total=False):
    """A seed known by path or tags, any of them."""

    path: str | None
    artist: str | None
    album: str | None
    title: str | None
    weight: float | None
    """Share in the anchor; 1 if left out."""


class ServerCatalogue(TypedDict, total=False):
    """What is known of a media server's music."""

    target: Required[str]
    server_id: Required[str]
    items: Required[int]
    listed_at: Required[float | None]
    """Unix time at which it was last asked for changes; null until it has been listed to its
    end.
    """
    swept_at: Required[float | None]
    """When it was last gone through as a whole."""
    mappings: Required[list[list[str]]]
    """Learnt names of folders: ours, theirs."""
    roots: Required[list[RootAtServer]]


class Services(TypedDict, total=False):
    """How each of them stood when it was last seen."""

    qloo_api: Required[Standing]
    gemini_api: Required[Standing]
    database: Required[Standing]


class SessionEnded(TypedDict, total=False):
    """There is none any more."""

    ended: bool


class SessionToken(TypedDict, total=False):
    """A session that goes on."""

    csrf_token: Required[str]
    """To be sent as X-CSRF-Token with whatever changes something."""
    expires_in_s: Required[int]
    """Seconds until the session ends."""


class SimilarBody(TypedDict, total=False):
    """Track radio: close to the seeds, each pick the anchor of the next."""

    n: int
    """Number of tracks."""
    filter: FilterBody | None
    """Hard gate on the candidates."""
    artist_cooldown: bool
    """Discourage clusters of one artist, or of one album or folder where tags name none; decays
    over the next picks.
    """
    dedupe_titles: bool
    """Never the same artist and title twice."""
    rng_seed: int | None
    """Same request and seed, same playlist; null is fresh chance."""
    variation: float
    """0 always takes the best pick, 1 is adventurous; vibe has shuffle instead."""
    sequence: bool
    """Put the finished list into the order of the smallest jumps in sound, tempo, key and
    energy; included seeds stay first.
    """
    energy_curve: Literal["rise", "fall", "wave"] | None
    """How energy goes through a list with sequence."""
    seeds: list[int]
    """Track ids."""
    seed_weights: list[float]
    """Empty, or one weight above 0 per entry of seeds."""
    seed_refs: list[SeedReference]
    """Seeds by path or tags."""
    include_seeds: bool
    """Put the seeds first in the list; they count towards n."""
    smooth_transitions: SmoothTransitions | None
    ranking: Literal["cosine", "mutual"] | None
    """What makes a track near: the cosine, or mutual proximity, by which fewer tracks turn up
    everywhere. The score is the cosine in any case. Left out: the setting `ranking`, which is
    cosine unless changed.
    """
    mode: Required[Literal["similar"]]


class SimilarTracks(TypedDict, total=False):
    """The nearest tracks, nearest first."""

    query_id: Required[int]
    matches: Required[list[MatchEntry]]


class SmoothTransitions(TypedDict, total=False):
    """What neighbours in the list must have in common."""

    bpm_tolerance: float | None
    """Largest gap in BPM; tracks without a tempo pass."""
    key_compatible: bool
    """Camelot neighbours only; tracks without a key do not pass."""


class StalgiaError(TypedDict, total=False):
    """Why a request was not answered."""

    error: Required[str]
    """One sentence that says what to change."""


Standing: TypeAlias = "Literal['connected', 'not_configured', 'unauthorized', 'unreachable']"
"""What a service can be for us."""


class Status(TypedDict, total=False):
    """Configuration and counters."""

    version: Required[str]
    embedding_dim: Required[int]
    libraries: Required[list[str]]
    workers: Required[int]
    db_path: Required[str]
    schema_version: Required[int]
    descriptor_version: Required[int]
    tracks: Required[int]
    total_duration_sec: Required[float]
    db_size_bytes: Required[int]
    by_model: Required[dict[str, int]]
    """Tracks per embedding model."""
    active_model: Required[str]
    """The model that answers where none is asked for."""
    model_notes: Required[list[str]]
    """What a person should know about the models: weights that are missing or cannot be used, a
    change of models that is under way.
    """
    jellyfin_notes: Required[list[str]]
    """Logins that stopped working, and what to run; as of the last time that Jellyfin was asked."""
    failed: Required[int]
    """Files that could not be decoded."""
    hidden: Required[int]
    """Files of folders that are no library any more; they count nowhere else."""
    doubtful_tempos: Required[int]
    """Tracks whose tempo was heard with a confidence below 0.3: it is shown, and counts as
    unknown.
    """
    unmapped_genres: Required[list[UnmappedGenre]]
    """The most frequent genre tags without a place in the taxonomy."""
    media_servers: Required[list[ServerCatalogue]]
    """Media servers that were listed, and how much of the library they know."""
    started_at: Required[float]
    """Unix time at which the daemon was started."""


Stem: TypeAlias = "Literal['percussion', 'chords', 'bass', 'melody']"
"""What a part is for, and what it sounds with when stems are asked for."""


class StemAddresses(TypedDict, total=False):
    """One instrument of one section."""

    preview_url: Required[str]
    track_url: Required[str]


StemsRequest: TypeAlias = "dict[str, Any]"
"""An empty object."""


class StemsStarted(TypedDict, total=False):
    """What to ask the status of."""

    task_id: Required[str]
    version: Required[int]
    """Ours: the stems of which version it makes."""


class StoryAnswer(TypedDict, total=False):
    """A story; its paragraphs are divided by blank lines."""

    success: bool
    story: Required[str]
    metadata: Required[StoryMetadata]
    music_featured: Required[list[FeaturedTrack]]
    story_type: Required[str]
    theme: Required[str]
    source: Required[str]
    """Who told it: `local` or `gemini`."""


class StoryBody(TypedDict, total=False):
    """What a story is to be like; unknown types, themes and lengths fall back."""

    music_preferences: Required[list[MusicPreference]]
    """The first 8 have a scene of their own, as far as there is room."""
    user_name: Required[str]
    story_type: str | None
    """journey, adventure, reflection, concert or playlist."""
    theme: str | None
    """inspirational, mysterious, romantic, nostalgic or adventurous; what the tracks suggest, if
    it is left out.
    """
    story_length: str | None
    """short, medium or long."""


class StoryMetadata(TypedDict, total=False):
    """The story in numbers."""

    story_type: Required[str]
    """The one that is told."""
    theme: Required[str]
    word_count: Required[int]
    estimated_reading_time: Required[str]
    reading_time_minutes: Required[int]
    generated_at: Required[str]
    story_length: Required[str]


class StyleCountEntry(TypedDict, total=False):
    """A style of the library."""

    style: Required[str]
    track_count: Required[int]
    mean_probability: Required[float]
    max_probability: Required[float]


class StyleEntry(TypedDict, total=False):
    """One label of the Discogs taxonomy."""

    style: Required[str]
    probability: Required[float]


class StyleList(TypedDict, total=False):
    """All styles."""

    items: Required[list[StyleCountEntry]]
    total: Required[int]


StyleMode: TypeAlias = "Literal['any', 'all']"
"""Whether one of the requested genres and styles is enough."""


class SuggestedMusic(TypedDict, total=False):
    """A track of the library that has the mood."""

    name: Required[str]
    artist: Required[str | None]
    category: Literal["Music"]
    types: Required[list[str]]
    """What it is: a track."""
    match_reason: Required[str]
    """The evidence."""
    mood_match_reason: Required[str]
    """The same, as the frontend reads it."""
    popularity: Required[float]
    relevance_score: Required[float]
    genre_tags: Required[list[str]]
    track_id: Required[int]


class TakenInAgain(TypedDict, total=False):
    """Whether there was anything to take in again."""

    known: Required[bool]


class TargetBody(TypedDict, total=False):
    """Soft preferences."""

    bpm: float | None
    danceability: float | None


class TargetOutcome(TypedDict, total=False):
    """What happened at one target."""

    target: Required[str]
    ok: Required[bool]
    summary: Required[str]
    problems: Required[list[str]]


class TaskQueued(TypedDict, total=False):
    """A task that was asked for."""

    task_id: Required[str]
    task_type: Required[str]
    status: Literal["queued"]


class TaskStatus(TypedDict, total=False):
    """One task, main or part, as it stands."""

    task_id: Required[str]
    state: Required[
        Literal["QUEUED", "STARTED", "PROGRESS", "SUCCESS", "FAILURE", "REVOKED", "UNKNOWN"]
    ]
    status_message: Required[str]
    progress: Required[int]
    """0 to 100; 100 for whatever has ended."""
    details: Required[dict[str, Any]]
    task_type_from_db: Required[str | None]


TasteDomain: TypeAlias = "Literal['movies', 'books', 'restaurants', 'fashion']"
"""What else somebody may like."""


class TastePreferences(TypedDict, total=False):
    """What somebody says they like; unknown words say nothing."""

    genres: list[str] | None
    moods: list[str] | None
    activities: list[str] | None


class ThemeAnswer(TypedDict, total=False):
    """The playlist."""

    success: bool
    playlist: Required[ThemePlaylist]
    generation_metadata: Required[GenerationMetadata]
    criteria: Required[ThemeCriteria]
    source: Required[Literal["library", "listening", "local", "gemini", "qloo"]]
    """`gemini` where it chose among tracks of the library, else `library`."""
    sources: Required[dict[str, str]]
    """By the names of the numbers: where each comes from."""


class ThemeBody(TypedDict, total=False):
    """What a playlist is to be; unknown words ask for nothing."""

    theme: Required[str]
    """Blank, as the frontend sends it where nothing was typed, it is the activity, or else the
    mood.
    """
    activity: str | None
    """workout, study, party, relaxation, commute, work, …"""
    duration_minutes: int | str | None
    """60, if it is left out."""
    mood: str | None
    include_popular: bool | None
    """Tracks that are played much here; yes."""
    include_discovery: bool | None
    """Tracks that were never played here; yes."""
    save: bool
    """Ours: keep it, in the place of an earlier one of this theme, and bring it to every target."""


class ThemeCriteria(TypedDict, total=False):
    """As the frontend reads it."""

    theme: Required[str]
    activity: Required[str | None]
    mood: Required[str | None]
    target_duration_minutes: Required[int]
    include_popular: Required[bool]
    include_discovery: Required[bool]


class ThemePlaylist(TypedDict, total=False):
    """A playlist in the order in which it is to be played."""

    name: Required[str]
    description: Required[str]
    total_duration_minutes: Required[int]
    track_count: Required[int]
    tracks: Required[list[ThemeTrack]]
    total_tracks: Required[int]
    total_duration_seconds: Required[int]
    created_at: Required[str]
    key: Required[str | None]
    """Ours: what it is kept as; null if it is not."""


class ThemeTrack(TypedDict, total=False):
    """A track of the library in its place."""

    name: Required[str]
    artist: Required[str | None]
    duration_seconds: Required[int]
    position: Required[int]
    """From 1."""
    estimated_duration: Required[int]
    """The same seconds, as the frontend reads it."""
    playlist_score: Required[float]
    """How well it answers."""
    category: Literal["Music"]
    types: Required[list[str]]
    """What it is: a track."""
    genre_tags: Required[list[str]]
    popularity: Required[float]
    is_new: Required[bool]
    """Ours: whether it was never played here."""
    track_id: Required[int]


ToldPlays: TypeAlias = "dict[str, Any] | list[dict[str, Any]]"
"""One play, or a list of them; each is looked at by itself."""


class TrackCreated(TypedDict, total=False):
    """A track that can be composed from now on."""

    status: Literal["Created successfully"]
    uuid: Required[str]
    """The id of the track."""
    track: Required[TrackParameters]


class TrackEntry(TypedDict, total=False):
    """A track as lists show it."""

    path: Required[str]
    library_root: Required[str]
    relative_path: Required[str]
    artist: Required[str | None]
    album: Required[str | None]
    title: Required[str | None]
    track_number: Required[int | None]
    styles: Required[list[StyleEntry]]
    """Most probable first."""
    id: Required[int]
    duration: Required[float]
    """Seconds."""
    model: Required[str | None]
    """Embedding model; null without an embedding."""
    bpm: Required[float | None]
    key: Required[str | None]
    scale: Required[Scale | None]
    danceability: Required[float | None]
    """0 to about 3."""
    loudness: Required[float | None]
    """ReplayGain in dB; loud tracks are negative."""


class TrackPage(TypedDict, total=False):
    """One page of tracks."""

    items: Required[list[TrackEntry]]
    total: Required[int]
    """Tracks that pass the filters, on all pages together."""
    limit: Required[int]
    offset: Required[int]


class TrackParameters(TypedDict, total=False):
    """What a track is to be."""

    created_at: Required[str]
    """As in HTTP: Tue, 04 Apr 2023 09:49:33 GMT."""
    duration_ms: Required[int]
    genre: Required[str]
    sections: Required[list[TrackSection]]
    tempo: Required[str]
    title: Required[str]
    version: Required[int]
    """How often it was composed."""


class TrackRecord(TypedDict, total=False):
    """Everything about a track."""

    path: Required[str]
    library_root: Required[str]
    relative_path: Required[str]
    artist: Required[str | None]
    album: Required[str | None]
    title: Required[str | None]
    track_number: Required[int | None]
    styles: Required[list[StyleEntry]]
    """Most probable first."""
    id: Required[int]
    duration: Required[float]
    """Seconds."""
    model: Required[str | None]
    """Embedding model; null without an embedding."""
    bpm: Required[float | None]
    key: Required[str | None]
    scale: Required[Scale | None]
    danceability: Required[float | None]
    """0 to about 3."""
    loudness: Required[float | None]
    """ReplayGain in dB; loud tracks are negative."""
    size: Required[int]
    """Bytes."""
    mtime: Required[float]
    """Unix time of the file's last modification."""
    embedding_dim: Required[int | None]
    descriptor_version: Required[int]
    bpm_confidence: Required[float | None]
    """0 to 5.32; below 0.3 there may be no beat at all, above 1.5 the tempo is dependable."""
    tempo_known: Required[bool]
    """Whether `bpm` counts. Where it was heard with a confidence below 0.3, it is shown, but
    filters, playlists and transitions take the tempo as unknown.
    """
    key_strength: Required[float | None]
    onset_rate: Required[float | None]
    """Onsets per second."""
    energy: Required[MoodEntry | None]
    """Sparse and soft (0) to dense and bright (1)."""
    valence: Required[MoodEntry | None]
    """Sad or angry (0) to glad or serene (1)."""
    arousal: Required[MoodEntry | None]
    """Calm (0) to excited (1)."""
    moods: Required[dict[str, float]]
    """Score, 0 to 1, of each of 17 labels, the strongest first; empty when the track is silent
    or too short to have any.
    """
    analyzed_at: Required[float]
    """Unix time of the last analysis."""


class TrackRequest(TypedDict, total=False):
    """What a track is to be; whatever is left out is settled by the prompt or by default."""

    prompt: str | None
    """What to compose, in English."""
    genre: (
        Literal["indian", "pop", "ambient", "indie", "rnb", "cinematic", "hiphop", "electronic"]
        | None
    )
    duration_ms: int | str | None
    """As long as the sections, if there are any."""
    tempo: Literal["slow", "medium", "fast"] | None
    title: str | None
    sections: list[SectionRequest] | None
    """Each begins where the one before it ends, the first at 0."""
    seed: int | str | None
    """Ours: the same request and seed give the same music."""


class TrackSection(TypedDict, total=False):
    """A stretch of time with one emotion."""

    emotion: Required[str]
    length: Required[int]
    start: Required[int]


class TrendEntry(TypedDict, total=False):
    """A track, an artist or a genre of the library."""

    name: Required[str]
    artist: Required[str | None]
    trend_score: Required[float]
    category: Required[str]
    """Music, Artist or Genre."""
    trend_reason: Required[str]
    plays: Required[int]
    """Ours: in this time, by whomever."""
    plays_before: Required[int]
    """Ours: in as much time before."""
    track_id: Required[int]
    """Ours: the track, or the first one of the artist or genre."""


TrendPeriod: TypeAlias = "Literal['current', 'week', 'month']"
"""How far back plays count."""

TrendSubject: TypeAlias = "Literal['music', 'artist', 'genre']"
"""What trends are of."""


class TrendingAnswer(TypedDict, total=False):
    """The strongest trends first."""

    success: bool
    trending: Required[list[TrendEntry]]
    last_updated: Required[str]
    total_trends: Required[int]
    """As many as are shown; pagination.total counts all."""
    pagination: Required[Pagination]
    metadata: Required[TrendingMetadata]
    source: Required[Literal["library", "listening", "local", "gemini", "qloo"]]
    """`listening`, or `library` where nobody has listened."""
    sources: Required[dict[str, str]]
    """By the names of the numbers: where each comes from."""


class TrendingMetadata(TypedDict, total=False):
    """The stretch of time, and what was counted in it."""

    category: Required[TrendSubject]
    time_period: Required[TrendPeriod]
    since: Required[str]
    until: Required[str]
    plays: Required[int]
    """All plays that count in it."""
    total_found: Required[int]
    generated_at: Required[str]
    note: Required[str | None]
    """Why these are no trends but what was added last."""


class UnmappedGenre(TypedDict, total=False):
    """A genre tag that has no place in the taxonomy."""

    tag: Required[str]
    track_count: Required[int]


class UnresolvedReference(TypedDict, total=False):
    """A reference that led to no seed, and why."""

    ref: Required[EchoedReference]
    reason: Required[str]


class UserInteraction(TypedDict, total=False):
    """What somebody did with something."""

    entity: Required[str]
    """An artist, a genre, an album, a track, or `artist - title`."""
    interaction_type: Required[InteractionKind]
    timestamp: str | None
    """ISO; UTC if it names no zone."""


class VersionRecord(TypedDict, total=False):
    """One time that a composition was made."""

    version: Required[int]
    state: Required[Literal["waiting", "composing", "composed", "failed", "cancelled"]]
    progress: Required[float]
    """0 to 1."""
    stage: Required[str | None]
    """What is being done at the moment."""
    error: Required[str | None]
    seed: Required[int]
    format: Required[Literal["mp3", "wav", "flac", "ogg", "opus", "aac"]]
    created_at: Required[float]
    ended_at: Required[float | None]
    loudness_lufs: Required[float | None]
    library_path: Required[str | None]
    """Where it stands in the music library, if it does."""
    files: Required[list[CompositionFileEntry]]


class VibeBody(TypedDict, total=False):
    """No seeds: filter, then rank by closeness to a target."""

    n: int
    """Number of tracks."""
    filter: FilterBody | None
    """Hard gate on the candidates."""
    artist_cooldown: bool
    """Discourage clusters of one artist, or of one album or folder where tags name none; decays
    over the next picks.
    """
    dedupe_titles: bool
    """Never the same artist and title twice."""
    rng_seed: int | None
    """Same request and seed, same playlist; null is fresh chance."""
    variation: float
    """0 always takes the best pick, 1 is adventurous; vibe has shuffle instead."""
    sequence: bool
    """Put the finished list into the order of the smallest jumps in sound, tempo, key and
    energy; included seeds stay first.
    """
    energy_curve: Literal["rise", "fall", "wave"] | None
    """How energy goes through a list with sequence."""
    mode: Required[Literal["vibe"]]
    target: TargetBody | None
    shuffle: bool
    """Let chance decide among tracks that are about as fit."""
