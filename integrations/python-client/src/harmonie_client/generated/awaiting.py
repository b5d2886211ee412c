"""Every operation of Harmonie, family by family.

Made by ``python -m integrations.generate``: change the document, not this file.
"""

from __future__ import annotations

from typing import BinaryIO, Literal, cast

from harmonie_client.generated.types import (
    ActiveTask,
    AnalysisBody,
    BeattellerHealth,
    CancelledTask,
    CancelledTasks,
    Checkup,
    ClusteringBody,
    ComposedTrack,
    CompositionList,
    CompositionParams,
    CompositionRecord,
    CompositionRequest,
    CompositionStarted,
    CompositionStatus,
    Configuration,
    CrossDomainBody,
    CrossDomainReply,
    DiscoverAnswer,
    DiscoverBody,
    Forgotten,
    GenerateBody,
    Generated,
    GeneratedPlaylists,
    GenreList,
    Health,
    HookAnswer,
    HookNotice,
    JellyfinUsers,
    LastTask,
    LoginBody,
    LoginProgress,
    LogoutBody,
    LogoutOutcome,
    MoodAnswer,
    MoodBody,
    NoActiveTask,
    NoLastTask,
    PlayList,
    PlaylistAnswer,
    PlaylistRequest,
    PlaylistSong,
    PlaysTaken,
    PresentComposition,
    PresentSound,
    PresentStarted,
    PresentStatus,
    PresentTrackRequest,
    PresentTracks,
    ProfileAnswer,
    ProfileBody,
    RecommendationsAnswer,
    RecommendationsBody,
    RefreshOutcome,
    RefreshPlan,
    RenderBody,
    ReviseBody,
    Scale,
    ScanState,
    SessionEnded,
    SessionToken,
    SimilarTracks,
    Status,
    StemsRequest,
    StemsStarted,
    StoryAnswer,
    StoryBody,
    StyleList,
    StyleMode,
    TakenInAgain,
    TaskQueued,
    TaskStatus,
    ThemeAnswer,
    ThemeBody,
    ToldPlays,
    TrackCreated,
    TrackPage,
    TrackRecord,
    TrackRequest,
    TrendingAnswer,
    TrendPeriod,
    TrendSubject,
)
from harmonie_client.transport import AsyncTransport, path_of


class AsyncHarmonie:
    """Similarity, filters, playlists, scan, compositions."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_tracks(
        self,
        *,
        bpm: str | None = None,
        danceability: str | None = None,
        loudness: str | None = None,
        key: list[str] | None = None,
        scale: Scale | None = None,
        genre: list[str] | None = None,
        style: list[str] | None = None,
        style_min: float | None = None,
        style_mode: StyleMode | None = None,
        energy: str | None = None,
        valence: str | None = None,
        arousal: str | None = None,
        danceable: str | None = None,
        acoustic: str | None = None,
        aggressive: str | None = None,
        ambient: str | None = None,
        chilling: str | None = None,
        dark: str | None = None,
        energetic: str | None = None,
        epic: str | None = None,
        happy: str | None = None,
        melancholy: str | None = None,
        party: str | None = None,
        relaxed: str | None = None,
        romantic: str | None = None,
        sad: str | None = None,
        serious: str | None = None,
        sexy: str | None = None,
        sleepy: str | None = None,
        warm: str | None = None,
        q: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
        order_by: Literal["id", "path", "bpm", "duration", "analyzed_at"] | None = None,
        model: str | None = None,
    ) -> TrackPage:
        """List tracks, or search them."""
        return cast(
            "TrackPage",
            await self._transport.ask(
                "GET",
                path_of("/api/v1/tracks"),
                query={
                    "bpm": bpm,
                    "danceability": danceability,
                    "loudness": loudness,
                    "key": key,
                    "scale": scale,
                    "genre": genre,
                    "style": style,
                    "style_min": style_min,
                    "style_mode": style_mode,
                    "energy": energy,
                    "valence": valence,
                    "arousal": arousal,
                    "danceable": danceable,
                    "acoustic": acoustic,
                    "aggressive": aggressive,
                    "ambient": ambient,
                    "chilling": chilling,
                    "dark": dark,
                    "energetic": energetic,
                    "epic": epic,
                    "happy": happy,
                    "melancholy": melancholy,
                    "party": party,
                    "relaxed": relaxed,
                    "romantic": romantic,
                    "sad": sad,
                    "serious": serious,
                    "sexy": sexy,
                    "sleepy": sleepy,
                    "warm": warm,
                    "q": q,
                    "limit": limit,
                    "offset": offset,
                    "order_by": order_by,
                    "model": model,
                },
            ),
        )

    async def resolve_track(
        self,
        *,
        path: str | None = None,
        artist: str | None = None,
        album: str | None = None,
        title: str | None = None,
    ) -> TrackRecord:
        """Find one track by path or tags.

        The first that matches: absolute path, relative path, (artist, album, title), (title,
        artist) or (title, album), then the path as another mount or Windows would write it; at last
        the tags without accents and typographic apostrophes, or a title alone if only one track has
        it. Names match in any case, each of several artists counts, and the smallest id wins ties.
        """
        return cast(
            "TrackRecord",
            await self._transport.ask(
                "GET",
                path_of("/api/v1/tracks/resolve"),
                query={"path": path, "artist": artist, "album": album, "title": title},
            ),
        )

    async def get_track(
        self,
        id: int,
    ) -> TrackRecord:
        """Get a track."""
        return cast(
            "TrackRecord",
            await self._transport.ask(
                "GET",
                path_of("/api/v1/tracks/{id}", id=id),
            ),
        )

    async def similar_tracks(
        self,
        id: int,
        *,
        bpm: str | None = None,
        danceability: str | None = None,
        loudness: str | None = None,
        key: list[str] | None = None,
        scale: Scale | None = None,
        genre: list[str] | None = None,
        style: list[str] | None = None,
        style_min: float | None = None,
        style_mode: StyleMode | None = None,
        energy: str | None = None,
        valence: str | None = None,
        arousal: str | None = None,
        danceable: str | None = None,
        acoustic: str | None = None,
        aggressive: str | None = None,
        ambient: str | None = None,
        chilling: str | None = None,
        dark: str | None = None,
        energetic: str | None = None,
        epic: str | None = None,
        happy: str | None = None,
        melancholy: str | None = None,
        party: str | None = None,
        relaxed: str | None = None,
        romantic: str | None = None,
        sad: str | None = None,
        serious: str | None = None,
        sexy: str | None = None,
        sleepy: str | None = None,
        warm: str | None = None,
        limit: int | None = None,
        include_self: bool | None = None,
        ranking: Literal["cosine", "mutual"] | None = None,
    ) -> SimilarTracks:
        """Find similar tracks.

        The nearest tracks by cosine similarity, among those with the same model; by mutual
        proximity with `ranking=mutual`. A track without an embedding has no matches.
        """
        return cast(
            "SimilarTracks",
            await self._transport.ask(
                "GET",
                path_of("/api/v1/tracks/{id}/similar", id=id),
                query={
                    "bpm": bpm,
                    "danceability": danceability,
                    "loudness": loudness,
                    "key": key,
                    "scale": scale,
                    "genre": genre,
                    "style": style,
                    "style_min": style_min,
                    "style_mode": style_mode,
                    "energy": energy,
                    "valence": valence,
                    "arousal": arousal,
                    "danceable": danceable,
                    "acoustic": acoustic,
                    "aggressive": aggressive,
                    "ambient": ambient,
                    "chilling": chilling,
                    "dark": dark,
                    "energetic": energetic,
                    "epic": epic,
                    "happy": happy,
                    "melancholy": melancholy,
                    "party": party,
                    "relaxed": relaxed,
                    "romantic": romantic,
                    "sad": sad,
                    "serious": serious,
                    "sexy": sexy,
                    "sleepy": sleepy,
                    "warm": warm,
                    "limit": limit,
                    "include_self": include_self,
                    "ranking": ranking,
                },
            ),
        )

    async def list_genres(
        self,
        *,
        style_min: float | None = None,
    ) -> GenreList:
        """List genres."""
        return cast(
            "GenreList",
            await self._transport.ask(
                "GET",
                path_of("/api/v1/genres"),
                query={"style_min": style_min},
            ),
        )

    async def list_styles(
        self,
        *,
        style_min: float | None = None,
        genre: str | None = None,
    ) -> StyleList:
        """List styles."""
        return cast(
            "StyleList",
            await self._transport.ask(
                "GET",
                path_of("/api/v1/styles"),
                query={"style_min": style_min, "genre": genre},
            ),
        )

    async def build_playlist(
        self,
        body: PlaylistRequest,
    ) -> PlaylistAnswer:
        """Build a playlist.

        `similar` stays near the seeds, `drift` walks away from them, `vibe` needs none and ranks
        what passes the filter by its closeness to a target.
        """
        return cast(
            "PlaylistAnswer",
            await self._transport.ask(
                "POST",
                path_of("/api/v1/playlists"),
                body=body,
            ),
        )

    async def list_generated(
        self,
    ) -> GeneratedPlaylists:
        """The playlists that appear by themselves."""
        return cast(
            "GeneratedPlaylists",
            await self._transport.ask(
                "GET",
                path_of("/api/v1/playlists"),
            ),
        )

    async def delete_kept(
        self,
        key: str,
    ) -> None:
        """Let go of a playlist that was kept on request.

        One that `save` of the BeatTeller API kept; it goes from the targets with the next push,
        which begins now. What a recipe makes would only be made again.
        """
        return cast(
            "None",
            await self._transport.ask(
                "DELETE",
                path_of("/api/v1/playlists/{key}", key=key),
            ),
        )

    async def plan_refresh(
        self,
    ) -> RefreshPlan:
        """What making every recipe and bringing it to its targets would change now.

        Nothing is kept or changed, here or there: servers get reading requests alone. Recipes that
        are made by a task count as what they made last.
        """
        return cast(
            "RefreshPlan",
            await self._transport.ask(
                "GET",
                path_of("/api/v1/playlists/refresh"),
            ),
        )

    async def refresh_generated(
        self,
    ) -> RefreshOutcome:
        """Make every recipe anew and bring it to its targets now.

        Answers when it is done, within a minute. A target is tried once, however often it failed
        before.
        """
        return cast(
            "RefreshOutcome",
            await self._transport.ask(
                "POST",
                path_of("/api/v1/playlists/refresh"),
            ),
        )

    async def tell_plays(
        self,
        body: ToldPlays,
    ) -> PlaysTaken:
        """Tell what was played.

        For any player: one play, or a list of up to 1000. Each is looked at by itself; those of a
        list that cannot be kept are named in the answer, and the others are kept. A play that is
        told twice, by whomever, counts once.
        """
        return cast(
            "PlaysTaken",
            await self._transport.ask(
                "POST",
                path_of("/api/v1/plays"),
                body=body,
            ),
        )

    async def list_plays(
        self,
        *,
        listener: str | None = None,
        since: float | None = None,
        until: float | None = None,
        limit: int | None = None,
    ) -> PlayList:
        """What was played, and by whom how much."""
        return cast(
            "PlayList",
            await self._transport.ask(
                "GET",
                path_of("/api/v1/plays"),
                query={"listener": listener, "since": since, "until": until, "limit": limit},
            ),
        )

    async def forget_plays(
        self,
        *,
        listener: str | None = None,
    ) -> Forgotten:
        """Forget a listener.

        Plays, favourites and play totals. What is from before stays away, also when a server or a
        player tells it again.
        """
        return cast(
            "Forgotten",
            await self._transport.ask(
                "DELETE",
                path_of("/api/v1/plays"),
                query={"listener": listener},
            ),
        )

    async def take_in_again(
        self,
        *,
        listener: str | None = None,
    ) -> TakenInAgain:
        """Take in again what was forgotten.

        The next look at the servers imports the listener's totals and favourites.
        """
        return cast(
            "TakenInAgain",
            await self._transport.ask(
                "POST",
                path_of("/api/v1/plays/import"),
                query={"listener": listener},
            ),
        )

    async def compose(
        self,
        body: CompositionRequest,
    ) -> CompositionRecord:
        """Compose music from words.

        Answers at once; the composition says how far it is, and what came of it.
        """
        return cast(
            "CompositionRecord",
            await self._transport.ask(
                "POST",
                path_of("/api/v1/compositions"),
                body=body,
            ),
        )

    async def list_compositions(
        self,
        *,
        limit: int | None = None,
        offset: int | None = None,
        origin: Literal["beatoven", "stalgia", "command"] | None = None,
    ) -> CompositionList:
        """List compositions."""
        return cast(
            "CompositionList",
            await self._transport.ask(
                "GET",
                path_of("/api/v1/compositions"),
                query={"limit": limit, "offset": offset, "origin": origin},
            ),
        )

    async def get_composition(
        self,
        id: str,
        *,
        version: int | None = None,
    ) -> CompositionRecord:
        """Get a composition."""
        return cast(
            "CompositionRecord",
            await self._transport.ask(
                "GET",
                path_of("/api/v1/compositions/{id}", id=id),
                query={"version": version},
            ),
        )

    async def delete_composition(
        self,
        id: str,
    ) -> None:
        """Delete a composition with its files.

        If it is being made, that ends. What was put into the library stays.
        """
        return cast(
            "None",
            await self._transport.ask(
                "DELETE",
                path_of("/api/v1/compositions/{id}", id=id),
            ),
        )

    async def get_audio(
        self,
        id: str,
        into: BinaryIO,
        *,
        version: int | None = None,
    ) -> int:
        """Its sound.

        Written into a file that is open for bytes; returns how many.
        """
        return await self._transport.download(
            "GET",
            path_of("/api/v1/compositions/{id}/audio", id=id),
            query={"version": version},
            into=into,
        )

    async def get_midi(
        self,
        id: str,
        into: BinaryIO,
        *,
        version: int | None = None,
    ) -> int:
        """Its notes.

        Written into a file that is open for bytes; returns how many.
        """
        return await self._transport.download(
            "GET",
            path_of("/api/v1/compositions/{id}/midi", id=id),
            query={"version": version},
            into=into,
        )

    async def list_users(
        self,
    ) -> JellyfinUsers:
        """Who is logged in at Jellyfin, and what each token may do.

        Every token that the daemon holds is tried. None is shown.
        """
        return cast(
            "JellyfinUsers",
            await self._transport.ask(
                "GET",
                path_of("/api/v1/jellyfin"),
            ),
        )

    async def log_in(
        self,
        body: LoginBody,
    ) -> LoginProgress:
        """Log a user in.

        With a password at once. Without one Jellyfin gives a code, which the user types into a
        player or the web interface (Quick Connect) within ten minutes.
        """
        return cast(
            "LoginProgress",
            await self._transport.ask(
                "POST",
                path_of("/api/v1/jellyfin/login"),
                body=body,
            ),
        )

    async def get_login(
        self,
        id: str,
    ) -> LoginProgress:
        """Ask whether the code has been typed in."""
        return cast(
            "LoginProgress",
            await self._transport.ask(
                "GET",
                path_of("/api/v1/jellyfin/login/{id}", id=id),
            ),
        )

    async def log_out(
        self,
        body: LogoutBody,
    ) -> LogoutOutcome:
        """Log a user out, here and at Jellyfin.

        The playlists of the user stay as they are.
        """
        return cast(
            "LogoutOutcome",
            await self._transport.ask(
                "POST",
                path_of("/api/v1/jellyfin/logout"),
                body=body,
            ),
        )

    async def get_status(
        self,
    ) -> Status:
        """Configuration and counters."""
        return cast(
            "Status",
            await self._transport.ask(
                "GET",
                path_of("/api/v1/status"),
            ),
        )

    async def examine(
        self,
    ) -> Checkup:
        """Look at everything the daemon depends on.

        Folders, limits, room, models and every target. Changes nothing.
        """
        return cast(
            "Checkup",
            await self._transport.ask(
                "GET",
                path_of("/api/v1/doctor"),
            ),
        )

    async def try_out(
        self,
    ) -> Checkup:
        """Look at everything and try the targets.

        Makes a playlist of its own at every target, changes it and deletes it.
        """
        return cast(
            "Checkup",
            await self._transport.ask(
                "POST",
                path_of("/api/v1/doctor/trial"),
            ),
        )

    async def begin_session(
        self,
    ) -> SessionToken:
        """Begin a session of a browser.

        Sets a cookie that stands for the key, for 12 hours, at endpoints that take one.
        """
        return cast(
            "SessionToken",
            await self._transport.ask(
                "POST",
                path_of("/api/v1/session"),
            ),
        )

    async def get_session(
        self,
    ) -> SessionToken:
        """The X-CSRF-Token of the session."""
        return cast(
            "SessionToken",
            await self._transport.ask(
                "GET",
                path_of("/api/v1/session"),
            ),
        )

    async def end_session(
        self,
    ) -> SessionEnded:
        """Have the browser forget its session."""
        return cast(
            "SessionEnded",
            await self._transport.ask(
                "DELETE",
                path_of("/api/v1/session"),
            ),
        )

    async def get_scan(
        self,
    ) -> ScanState:
        """The state of the scan."""
        return cast(
            "ScanState",
            await self._transport.ask(
                "GET",
                path_of("/api/v1/scan"),
            ),
        )

    async def start_scan(
        self,
        *,
        force: bool | None = None,
    ) -> ScanState:
        """Start a scan.

        Answers at once. While a scan of the whole library is running, nothing happens, forced or
        not; a scan of changed folders alone is followed by this one.
        """
        return cast(
            "ScanState",
            await self._transport.ask(
                "POST",
                path_of("/api/v1/scan"),
                query={"force": force},
            ),
        )

    async def cancel_scan(
        self,
    ) -> ScanState:
        """End the running scan.

        What it has analysed stays.
        """
        return cast(
            "ScanState",
            await self._transport.ask(
                "POST",
                path_of("/api/v1/scan/cancel"),
            ),
        )

    async def pause_scan(
        self,
    ) -> ScanState:
        """Let the running scan rest.

        The files that are being analysed are finished first.
        """
        return cast(
            "ScanState",
            await self._transport.ask(
                "POST",
                path_of("/api/v1/scan/pause"),
            ),
        )

    async def resume_scan(
        self,
    ) -> ScanState:
        """Go on after a pause."""
        return cast(
            "ScanState",
            await self._transport.ask(
                "POST",
                path_of("/api/v1/scan/resume"),
            ),
        )

    async def health(
        self,
    ) -> Health:
        """Liveness."""
        return cast(
            "Health",
            await self._transport.ask(
                "GET",
                path_of("/health"),
            ),
        )

    async def get_metrics(
        self,
    ) -> str:
        """Metrics for Prometheus.

        Requests, tasks, scan, index, pushes, providers, caches and limits.
        """
        return cast(
            "str",
            await self._transport.ask(
                "GET",
                path_of("/metrics"),
                is_text=True,
            ),
        )

    async def take_notice(
        self,
        body: HookNotice,
    ) -> HookAnswer:
        """What Jellyfin's webhook plugin posts.

        Give the plugin this address with `?key=` and the key of the daemon, or the key as a header
        `X-API-Key`.
        """
        return cast(
            "HookAnswer",
            await self._transport.ask(
                "POST",
                path_of("/hooks/jellyfin"),
                body=body,
            ),
        )


class AsyncAudiomuse:
    """Audiomuse-ai's: analysis and clustering."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def start_analysis(
        self,
        body: AnalysisBody | None = None,
    ) -> TaskQueued:
        """Analyse the newest albums.

        Answers at once; the task waits for those before it.
        """
        return cast(
            "TaskQueued",
            await self._transport.ask(
                "POST",
                path_of("/api/analysis/start"),
                body=body,
            ),
        )

    async def start_clustering(
        self,
        body: ClusteringBody | None = None,
    ) -> TaskQueued:
        """Make playlists of what belongs together.

        Answers at once; the task waits for those before it.
        """
        return cast(
            "TaskQueued",
            await self._transport.ask(
                "POST",
                path_of("/api/clustering/start"),
                body=body,
            ),
        )

    async def get_status(
        self,
        task_id: str,
    ) -> TaskStatus:
        """How a task stands."""
        return cast(
            "TaskStatus",
            await self._transport.ask(
                "GET",
                path_of("/api/status/{task_id}", task_id=task_id),
            ),
        )

    async def cancel(
        self,
        task_id: str,
    ) -> CancelledTask:
        """Cancel a task and its parts."""
        return cast(
            "CancelledTask",
            await self._transport.ask(
                "POST",
                path_of("/api/cancel/{task_id}", task_id=task_id),
            ),
        )

    async def cancel_all(
        self,
        task_type_prefix: str,
    ) -> CancelledTasks:
        """Cancel every main task of a type."""
        return cast(
            "CancelledTasks",
            await self._transport.ask(
                "POST",
                path_of("/api/cancel_all/{task_type_prefix}", task_type_prefix=task_type_prefix),
            ),
        )

    async def last_task(
        self,
    ) -> LastTask | NoLastTask:
        """The main task that was started last."""
        return cast(
            "LastTask | NoLastTask",
            await self._transport.ask(
                "GET",
                path_of("/api/last_task"),
            ),
        )

    async def active_tasks(
        self,
    ) -> ActiveTask | NoActiveTask:
        """The main task that is on.

        `{}` when there is none.
        """
        return cast(
            "ActiveTask | NoActiveTask",
            await self._transport.ask(
                "GET",
                path_of("/api/active_tasks"),
            ),
        )

    async def get_config(
        self,
    ) -> Configuration:
        """What is asked for where a request does not say."""
        return cast(
            "Configuration",
            await self._transport.ask(
                "GET",
                path_of("/api/config"),
            ),
        )

    async def get_playlists(
        self,
    ) -> dict[str, list[PlaylistSong]]:
        """The playlists that clusterings made."""
        return cast(
            "dict[str, list[PlaylistSong]]",
            await self._transport.ask(
                "GET",
                path_of("/api/playlists"),
            ),
        )


class AsyncBeatteller:
    """Harmony ai's (beatteller): discovery, moods, stories, trends, taste."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def discover(
        self,
        body: DiscoverBody,
    ) -> DiscoverAnswer:
        """Music that is asked for in words.

        Tracks of the library; unknown moods and genres ask for nothing.
        """
        return cast(
            "DiscoverAnswer",
            await self._transport.ask(
                "POST",
                path_of("/api/discover"),
                body=body,
            ),
        )

    async def recommend(
        self,
        body: RecommendationsBody,
    ) -> RecommendationsAnswer:
        """Music like a track, an artist, an album or a genre."""
        return cast(
            "RecommendationsAnswer",
            await self._transport.ask(
                "POST",
                path_of("/api/recommendations"),
                body=body,
            ),
        )

    async def list_trends(
        self,
        *,
        limit: int | str | None = None,
        category: TrendSubject | None = None,
        time_period: TrendPeriod | None = None,
        page: int | str | None = None,
        per_page: int | str | None = None,
    ) -> TrendingAnswer:
        """What is listened to now.

        Of all listeners together; what was added last where nobody has listened.
        """
        return cast(
            "TrendingAnswer",
            await self._transport.ask(
                "GET",
                path_of("/api/trending"),
                query={
                    "limit": limit,
                    "category": category,
                    "time_period": time_period,
                    "page": page,
                    "per_page": per_page,
                },
            ),
        )

    async def generate_playlist(
        self,
        body: ThemeBody,
    ) -> ThemeAnswer:
        """A playlist for a theme.

        Out of the library, as long as was asked for, give or take half a track.
        """
        return cast(
            "ThemeAnswer",
            await self._transport.ask(
                "POST",
                path_of("/api/playlist-generator"),
                body=body,
            ),
        )

    async def build_profile(
        self,
        body: ProfileBody,
    ) -> ProfileAnswer:
        """A taste, and artists that fit it.

        Out of interactions and preferences, or of interests; without interactions, out of what was
        played here.
        """
        return cast(
            "ProfileAnswer",
            await self._transport.ask(
                "POST",
                path_of("/api/profile"),
                body=body,
            ),
        )

    async def cross_domains(
        self,
        body: CrossDomainBody,
    ) -> CrossDomainReply:
        """Films, books, restaurants and fashion that go with music.

        Asked of Qloo, else of Gemini.
        """
        return cast(
            "CrossDomainReply",
            await self._transport.ask(
                "POST",
                path_of("/api/cross-domain"),
                body=body,
            ),
        )

    async def tell_story(
        self,
        body: StoryBody,
    ) -> StoryAnswer:
        """A story of some tracks.

        Told by Gemini where there is a key, else by a grammar over what was measured in the tracks.
        """
        return cast(
            "StoryAnswer",
            await self._transport.ask(
                "POST",
                path_of("/api/story"),
                body=body,
            ),
        )

    async def analyze_mood(
        self,
        body: MoodBody,
    ) -> MoodAnswer:
        """The mood of a text, and music that has it.

        Read by Gemini where there is a key, else by a lexicon.
        """
        return cast(
            "MoodAnswer",
            await self._transport.ask(
                "POST",
                path_of("/api/mood-analysis"),
                body=body,
            ),
        )

    async def get_health(
        self,
    ) -> BeattellerHealth:
        """Whether all is well.

        From what was last seen; nobody outside is asked.
        """
        return cast(
            "BeattellerHealth",
            await self._transport.ask(
                "GET",
                path_of("/api/health"),
            ),
        )

    async def get_metrics(
        self,
    ) -> str:
        """Metrics for Prometheus.

        Requests, tasks, scan, index, pushes, providers, caches and limits.
        """
        return cast(
            "str",
            await self._transport.ask(
                "GET",
                path_of("/api/metrics"),
                is_text=True,
            ),
        )


class AsyncStalgia:
    """Stalgia's: words to music."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_tags(
        self,
    ) -> dict[str, dict[str, list[str | dict[str, str]]] | list[str]]:
        """What can be chosen.

        By kind: categories with their entries; `instruments` is one list.
        """
        return cast(
            "dict[str, dict[str, list[str | dict[str, str]]] | list[str]]",
            await self._transport.ask(
                "GET",
                path_of("/tags"),
            ),
        )

    async def generate_music(
        self,
        body: GenerateBody,
    ) -> Generated:
        """Music for a wish.

        By a language model where there is a key, else by our own composer. The prompts of the
        examples are answered at once.
        """
        return cast(
            "Generated",
            await self._transport.ask(
                "POST",
                path_of("/generate"),
                body=body,
            ),
        )

    async def render_code(
        self,
        body: RenderBody,
    ) -> Generated:
        """What a program plays.

        In our dialect of musicpy; nothing is executed as Python.
        """
        return cast(
            "Generated",
            await self._transport.ask(
                "POST",
                path_of("/render-code"),
                body=body,
            ),
        )

    async def revise_music(
        self,
        body: ReviseBody,
    ) -> Generated:
        """Another piece for the same wish.

        `change`: the same piece, changed as requested; `regenerate`: a new one.
        """
        return cast(
            "Generated",
            await self._transport.ask(
                "POST",
                path_of("/revise"),
                body=body,
            ),
        )

    async def download_midi(
        self,
        into: BinaryIO,
        *,
        id: str | None = None,
    ) -> int:
        """The MIDI file of the latest piece.

        Written into a file that is open for bytes; returns how many.
        """
        return await self._transport.download(
            "GET",
            path_of("/download/midi"),
            query={"id": id},
            into=into,
        )

    async def download_audio(
        self,
        into: BinaryIO,
        *,
        id: str | None = None,
        format: Literal["mp3", "wav", "flac", "ogg", "opus"] | None = None,
    ) -> int:
        """The sound of the latest piece.

        Written into a file that is open for bytes; returns how many.
        """
        return await self._transport.download(
            "GET",
            path_of("/download/audio"),
            query={"id": id, "format": format},
            into=into,
        )


class AsyncBeatoven:
    """Beatoven's: tracks, compositions, stems."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def create_from_prompt(
        self,
        body: PresentTrackRequest,
    ) -> PresentTracks:
        """Create a track from a prompt."""
        return cast(
            "PresentTracks",
            await self._transport.ask(
                "POST",
                path_of("/api/v1/tracks"),
                body=body,
            ),
        )

    async def create_track(
        self,
        body: TrackRequest | None = None,
    ) -> TrackCreated:
        """Create a track.

        From a prompt, from parameters, or from both: parameters win.
        """
        return cast(
            "TrackCreated",
            await self._transport.ask(
                "POST",
                path_of("/api/v2/tracks"),
                body=body,
            ),
        )

    async def compose_track(
        self,
        id: str,
        body: TrackRequest | None = None,
    ) -> CompositionStarted:
        """Compose a track.

        Answers at once. What the body leaves out is as it was before.
        """
        return cast(
            "CompositionStarted",
            await self._transport.ask(
                "POST",
                path_of("/api/v2/tracks/{id}/compose", id=id),
                body=body,
            ),
        )

    async def get_composition_status(
        self,
        task_id: str,
    ) -> CompositionStatus:
        """How a composition stands."""
        return cast(
            "CompositionStatus",
            await self._transport.ask(
                "GET",
                path_of("/api/v2/status/{task_id}", task_id=task_id),
            ),
        )

    async def make_stems(
        self,
        id: str,
        body: StemsRequest | None = None,
        *,
        version: int | None = None,
    ) -> StemsStarted:
        """Make the stems of a track.

        Answers at once; nothing is made twice.
        """
        return cast(
            "StemsStarted",
            await self._transport.ask(
                "POST",
                path_of("/api/v2/tracks/{id}/instrument_urls", id=id),
                query={"version": version},
                body=body,
            ),
        )

    async def get_track_files(
        self,
        id: str,
        *,
        version: int | None = None,
    ) -> ComposedTrack:
        """Get a composed track."""
        return cast(
            "ComposedTrack",
            await self._transport.ask(
                "GET",
                path_of("/api/v2/tracks/{id}", id=id),
                query={"version": version},
            ),
        )

    async def get_composition_params(
        self,
    ) -> CompositionParams:
        """What a track may be made of."""
        return cast(
            "CompositionParams",
            await self._transport.ask(
                "GET",
                path_of("/api/v2/composition_params"),
            ),
        )

    async def compose_prompt(
        self,
        body: PresentComposition,
    ) -> PresentStarted:
        """Compose a prompt.

        The track and its stems; answers at once.
        """
        return cast(
            "PresentStarted",
            await self._transport.ask(
                "POST",
                path_of("/api/v1/tracks/compose"),
                body=body,
            ),
        )

    async def compose_known(
        self,
        id: str,
        body: PresentSound | None = None,
    ) -> PresentStarted:
        """Compose a track that was created."""
        return cast(
            "PresentStarted",
            await self._transport.ask(
                "POST",
                path_of("/api/v1/tracks/compose/{id}", id=id),
                body=body,
            ),
        )

    async def get_present_status(
        self,
        task_id: str,
    ) -> PresentStatus:
        """How a composition stands."""
        return cast(
            "PresentStatus",
            await self._transport.ask(
                "GET",
                path_of("/api/v1/tasks/{task_id}", task_id=task_id),
            ),
        )

    async def get_file(
        self,
        id: str,
        version: int,
        name: str,
        into: BinaryIO,
    ) -> int:
        """A file of a composition.

        Answers give its address away, which opens it for a day. Written into a file that is open
        for bytes; returns how many.
        """
        return await self._transport.download(
            "GET",
            path_of("/files/compositions/{id}/{version}/{name}", id=id, version=version, name=name),
            into=into,
        )
