"""A Subsonic server as far as Harmonie talks to one, in the shapes that differ between servers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from multidict import MultiDict

USER, PASSWORD, KEY = "alice", "correct horse", "key-of-alice"


@dataclass(slots=True)
class Kind:
    """What servers differ in."""

    name: str
    takes_tokens: bool = True
    takes_keys: bool = False
    forms: bool = False
    """OpenSubsonic with formPost."""
    says_what_it_made: bool = True
    finds_by_nothing: bool = True
    knows_open: bool = True
    """Whether it knows getOpenSubsonicExtensions at all."""
    counts: bool = False
    """Whether it gives its playlists numbers as ids, again from 1 after a new start."""


NAVIDROME = Kind("navidrome", forms=True)
SUPYSONIC = Kind("supysonic", takes_tokens=False, says_what_it_made=False, knows_open=False)
KEYED = Kind("keyed", takes_keys=True, forms=True)
OLD = Kind("old", finds_by_nothing=False, says_what_it_made=False, knows_open=False, counts=True)
KINDS = (NAVIDROME, SUPYSONIC, KEYED, OLD)


@dataclass(slots=True)
class FakeSong:
    id: str
    path: str
    title: str
    album: str
    artist: str
    track: int
    duration: int
    said: dict[str, Any] = field(default_factory=dict)
    """What the account likes and plays: starred, playCount, played."""


@dataclass(slots=True)
class Held:
    """A playlist."""

    id: str
    name: str
    owner: str = USER
    comment: str = ""
    public: bool = False
    songs: list[str] = field(default_factory=list)
    changed: str = "2023-11-14T22:13:20.000Z"
    readonly: bool = False


class RefusalError(Exception):
    """The protocol's failure."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class FakeSubsonic:
    """One server; faults are methods by name and what happens to their next request."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.songs: dict[str, FakeSong] = {}
        self.playlists: dict[str, Held] = {}
        self.requests: list[str] = []
        self.longest_line = 0
        self.faults: dict[str, list[str]] = {}
        self.made = 0
        self.last_scan: str | None = None
        """When it scanned last, if it says."""
        self._runner: web.AppRunner | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        app = web.Application(client_max_size=2**20)
        app.router.add_route("*", "/rest/{method}.view", self._answer)
        self._runner = web.AppRunner(app, handle_signals=False, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def add_song(self, path: str, **tags: Any) -> str:
        song_id = hashlib.sha1(path.encode()).hexdigest()[:20]
        self.songs[song_id] = FakeSong(song_id, path, **tags)
        return song_id

    def fail(self, method: str, *how: str) -> None:
        """``500``, ``drop`` (nothing is done), ``lose`` (done, no answer), ``garble``, ``50``."""
        self.faults.setdefault(method, []).extend(how)

    def named(self, name: str) -> Held:
        (found,) = [held for held in self.playlists.values() if held.name == name]
        return found

    async def _answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.requests.append(method)
        self.longest_line = max(self.longest_line, len(request.path_qs))
        waiting = self.faults.get(method, [])
        fault = waiting.pop(0) if waiting else ""
        if fault == "500":
            return web.Response(status=500, text="<html>oops</html>")
        if fault == "garble":
            return web.Response(text='{"subsonic-response": [')
        if fault == "drop" and request.transport is not None:
            request.transport.abort()
        if fault == "drop":
            return web.Response()
        form = await request.post() if request.method == "POST" and self.kind.forms else {}
        given: MultiDict[str] = MultiDict(request.query)
        given.extend((name, str(value)) for name, value in form.items())
        try:
            _refuse_if_told(fault)
            self._log_in(given)
            inner = getattr(self, f"_{method}", self._unknown)(given)
        except RefusalError as error:
            return self._failed(error)
        if fault == "lose" and request.transport is not None:
            request.transport.abort()
        return self._reply({"status": "ok", **inner})

    def _reply(self, inner: dict[str, Any], status: int = 200) -> web.Response:
        said = {"version": "1.16.1", "type": self.kind.name, "openSubsonic": self.kind.forms}
        body = json.dumps({"subsonic-response": {**said, **inner}})
        return web.Response(status=status, text=body, content_type="application/json")

    def _failed(self, error: RefusalError) -> web.Response:
        status = 404 if error.code == 0 and not self.kind.knows_open else 200
        inner = {"status": "failed", "error": {"code": error.code, "message": str(error)}}
        return self._reply(inner, status)

    def _log_in(self, given: MultiDict[str]) -> None:
        if given.get("v") != "1.16.1" or given.get("c") != "harmonie" or given.get("f") != "json":
            raise RefusalError(10, "v, c, f")
        if "apiKey" in given:
            if not self.kind.takes_keys or given["apiKey"] != KEY or "u" in given:
                raise RefusalError(44, "Invalid API key")
            return
        if "t" in given:
            if not self.kind.takes_tokens:
                raise RefusalError(10, "Missing parameter p")
            token = hashlib.md5((PASSWORD + given["s"]).encode()).hexdigest()
            is_right = len(given["s"]) >= 6 and given["t"] == token
        else:
            is_right = given.get("p") == f"enc:{PASSWORD.encode().hex()}"
        if not is_right or given.get("u") != USER:
            raise RefusalError(40, "Wrong username or password")

    def _unknown(self, given: MultiDict[str]) -> dict[str, Any]:
        raise RefusalError(0, "unknown method")

    def _ping(self, given: MultiDict[str]) -> dict[str, Any]:
        return {}

    def _getOpenSubsonicExtensions(self, given: MultiDict[str]) -> dict[str, Any]:  # noqa: N802
        if not self.kind.knows_open:
            raise RefusalError(0, "unknown method")
        extensions = [{"name": "formPost", "versions": [1]}] if self.kind.forms else []
        return {"openSubsonicExtensions": extensions}

    def _getScanStatus(self, given: MultiDict[str]) -> dict[str, Any]:  # noqa: N802
        if self.last_scan is None:
            raise RefusalError(0, "unknown method")
        status = {"scanning": False, "count": len(self.songs), "lastScan": self.last_scan}
        return {"scanStatus": status}

    def _search3(self, given: MultiDict[str]) -> dict[str, Any]:
        start, count = int(given["songOffset"]), int(given["songCount"])
        found = list(self.songs.values()) if self.kind.finds_by_nothing else []
        assert given["query"] == ""
        return {
            "searchResult3": {"song": [self._song(one) for one in found[start : start + count]]}
        }

    def _getAlbumList2(self, given: MultiDict[str]) -> dict[str, Any]:  # noqa: N802
        albums = sorted({song.album for song in self.songs.values()})
        start, size = int(given["offset"]), int(given["size"])
        return {
            "albumList2": {"album": [{"id": a, "name": a} for a in albums[start : start + size]]}
        }

    def _getAlbum(self, given: MultiDict[str]) -> dict[str, Any]:  # noqa: N802
        songs = [self._song(s) for s in self.songs.values() if s.album == given["id"]]
        return {"album": {"id": given["id"], "song": songs}}

    def _getPlaylists(self, given: MultiDict[str]) -> dict[str, Any]:  # noqa: N802
        rows = [self._row(held) for held in self.playlists.values()]
        return {"playlists": {"playlist": rows} if rows else {}}

    def _getPlaylist(self, given: MultiDict[str]) -> dict[str, Any]:  # noqa: N802
        held = self._held(given["id"], to_change=False)
        songs = [self._song(self.songs[one]) for one in held.songs if one in self.songs]
        return {"playlist": {**self._row(held), "entry": songs}}

    def _createPlaylist(self, given: MultiDict[str]) -> dict[str, Any]:  # noqa: N802
        songs = given.getall("songId", [])
        if missing := [one for one in songs if one not in self.songs]:
            raise RefusalError(70, f"no song {missing[0]}")
        if "playlistId" in given:
            held = self._held(given["playlistId"])
            held.songs = songs
        else:
            self.made += 1
            new_id = (
                str(self.made) if self.kind.counts else hashlib.sha1(b"%d" % self.made).hexdigest()
            )
            held = self.playlists[new_id] = Held(new_id, given["name"], songs=songs)
        return {"playlist": self._row(held)} if self.kind.says_what_it_made else {}

    def _updatePlaylist(self, given: MultiDict[str]) -> dict[str, Any]:  # noqa: N802
        held = self._held(given["playlistId"])
        held.name = given.get("name", held.name)
        held.comment = given.get("comment", held.comment)
        held.public = given.get("public", str(held.public).lower()) == "true"
        held.songs += given.getall("songIdToAdd", [])
        return {}

    def _deletePlaylist(self, given: MultiDict[str]) -> dict[str, Any]:  # noqa: N802
        del self.playlists[self._held(given["id"]).id]
        return {}

    def _held(self, playlist_id: str, *, to_change: bool = True) -> Held:
        held = self.playlists.get(playlist_id)
        if held is None:
            raise RefusalError(70, "Playlist not found")
        if held.owner != USER and (to_change or not held.public):
            raise RefusalError(50, "not yours")
        return held

    def _song(self, song: FakeSong) -> dict[str, Any]:
        return {
            "id": song.id, "path": song.path, "title": song.title, "album": song.album,
            "artist": song.artist, "track": song.track, "duration": song.duration, **song.said,
        }  # fmt: skip

    def _row(self, held: Held) -> dict[str, Any]:
        number: Any = int(held.id) if self.kind.counts else held.id
        changed = {} if self.kind.counts else {"changed": held.changed}
        readonly = {"readonly": True} if held.readonly else {}
        return {
            "id": number, "name": held.name, "owner": held.owner, "comment": held.comment,
            "public": held.public, "songCount": len(held.songs), **changed, **readonly,
        }  # fmt: skip


def _refuse_if_told(fault: str) -> None:
    if fault.isdigit():
        raise RefusalError(int(fault), f"refused {PASSWORD} {PASSWORD.encode().hex()}")
