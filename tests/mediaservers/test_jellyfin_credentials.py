"""The table of who may do what, asked in every line of it."""

import pytest

from harmonie_daemon.mediaservers.jellyfin.credentials import (
    OF_A_PLAYLIST,
    Credential,
    JellyfinCredentials,
    JellyfinOperation,
    Version,
    Ways,
)
from harmonie_daemon.mediaservers.jellyfin.wire import User

OLD, NEWER, NEWEST = (10, 10, 7), (10, 11, 11), (12, 0, 0)
ALICE, BOB, ROOT = User("a", "alice", False), User("b", "bob", False), User("r", "root", True)
KEY = Credential("k", None, "d0")
OF_ALICE, OF_BOB = Credential("ta", ALICE, "d1"), Credential("tb", BOB, "d2")
OF_ROOT = Credential("tr", ROOT, "d3")

NOBODY: frozenset[str] = frozenset()

MAY: dict[JellyfinOperation, str] = {
    # of a playlist of alice's: alice, the key, root who sees it, root who does not, bob
    JellyfinOperation.CREATE: "alice key root-sees root",
    JellyfinOperation.READ_ENTRIES: "alice key root-sees root",
    JellyfinOperation.READ_IDS: "alice root-sees",
    JellyfinOperation.REPLACE: "alice",
    JellyfinOperation.REMOVE_ENTRIES: "alice key",
    JellyfinOperation.EDIT_PLAYLIST: "alice key",
    JellyfinOperation.RENAME: "alice key root-sees",
    JellyfinOperation.DELETE: "alice key root-sees",
    JellyfinOperation.COVER: "key root-sees",
    JellyfinOperation.TAGS: "key root-sees",
    JellyfinOperation.USER_DATA: "alice key root-sees root",
    JellyfinOperation.SOCKET: "alice",
    JellyfinOperation.SESSIONS: "alice key root-sees root",
}
ALONE = {
    "alice": (OF_ALICE, NOBODY),
    "key": (KEY, NOBODY),
    "root-sees": (OF_ROOT, {"r"}),
    "root": (OF_ROOT, NOBODY),
    "bob": (OF_BOB, {"b"}),
}


@pytest.mark.parametrize("version", [OLD, NEWER, NEWEST])
@pytest.mark.parametrize("operation", MAY)
def test_who_may_do_what_about_a_user(operation: JellyfinOperation, version: Version) -> None:
    for name, (credential, shared_with) in ALONE.items():
        found = JellyfinCredentials(version, (credential,)).best_for(
            operation, "a", shared_with=shared_with
        )
        is_edit = operation in (JellyfinOperation.REMOVE_ENTRIES, JellyfinOperation.EDIT_PLAYLIST)
        expected = name in MAY[operation].split()
        if name == "key" and is_edit and version is OLD:
            expected = False
        assert (found is credential) is expected, name


@pytest.mark.parametrize(
    ("operation", "may"),
    [
        (JellyfinOperation.SOCKET, "root alice"),
        (JellyfinOperation.SESSIONS, "key root"),
        (JellyfinOperation.USERS, "key root alice"),
        (JellyfinOperation.TRACKS, "key root alice"),
        (JellyfinOperation.LIBRARY, "key root"),
    ],
)
def test_who_may_do_what_is_about_nobody(operation: JellyfinOperation, may: str) -> None:
    named = {"key": KEY, "root": OF_ROOT, "alice": OF_ALICE}
    for name, credential in named.items():
        found = JellyfinCredentials(NEWEST, (credential,)).best_for(operation)
        assert (found is credential) is (name in may.split())
    everybody = JellyfinCredentials(NEWEST, (OF_ALICE, OF_ROOT, KEY))
    assert everybody.best_for(operation) is named[may.split(maxsplit=1)[0]]


@pytest.mark.parametrize(
    ("operation", "user", "best"),
    [
        (JellyfinOperation.CREATE, "a", OF_ALICE),
        (JellyfinOperation.REPLACE, "a", OF_ALICE),
        (JellyfinOperation.EDIT_PLAYLIST, "a", OF_ALICE),
        (JellyfinOperation.COVER, "a", KEY),
        (JellyfinOperation.COVER, "r", OF_ROOT),
        (JellyfinOperation.TAGS, "b", KEY),
        (JellyfinOperation.CREATE, "b", KEY),
        (JellyfinOperation.EDIT_PLAYLIST, "b", KEY),
        (JellyfinOperation.REPLACE, "b", None),
        (JellyfinOperation.SOCKET, "b", None),
        (JellyfinOperation.SESSIONS, "a", KEY),
    ],
)
def test_several_credentials_each_do_what_they_do_best(
    operation: JellyfinOperation, user: str, best: Credential | None
) -> None:
    held = JellyfinCredentials(NEWEST, (KEY, OF_ALICE, OF_ROOT))
    assert held.best_for(operation, user) is best


def test_the_one_that_comes_first_is_taken_of_two_equals() -> None:
    other = Credential("t2", User("r2", "root2", True), "d4")
    assert (
        JellyfinCredentials(NEWEST, (other, OF_ROOT)).best_for(JellyfinOperation.LIBRARY) is other
    )
    assert (
        JellyfinCredentials(NEWEST, (OF_ROOT, other)).best_for(JellyfinOperation.LIBRARY) is OF_ROOT
    )


def test_a_question_without_its_user_is_a_fault_of_the_program() -> None:
    held = JellyfinCredentials(NEWEST, (KEY,))
    for operation in OF_A_PLAYLIST:
        with pytest.raises(ValueError, match="say which"):
            held.best_for(operation)
    with pytest.raises(ValueError, match="about no user"):
        held.best_for(JellyfinOperation.USERS, "a")


def test_the_ways_of_changing_a_playlist() -> None:
    held = JellyfinCredentials(NEWEST, (KEY, OF_ALICE, OF_ROOT))
    assert held.ways(OF_ALICE, "a") == Ways(replace_contents=True, remove_entries=True)
    assert held.ways(KEY, "a") == Ways(replace_contents=False, remove_entries=True)
    assert held.ways(OF_ROOT, "a") == Ways(replace_contents=False, remove_entries=False)
    old = JellyfinCredentials(OLD, (KEY,))
    assert old.ways(KEY, "a") == Ways(replace_contents=False, remove_entries=False)


def test_who_owns_playlists_for_others() -> None:
    configured = Credential("t", ALICE, "d", is_configured=True)
    assert JellyfinCredentials(NEWEST, (configured, OF_ROOT)).service is configured
    assert JellyfinCredentials(NEWEST, (KEY, OF_ALICE, OF_ROOT)).service is OF_ROOT
    assert JellyfinCredentials(NEWEST, (KEY, OF_ALICE)).service is None


def test_a_token_is_in_no_representation() -> None:
    assert "ta'" not in repr(JellyfinCredentials(NEWEST, (OF_ALICE,)))
    assert "'ta" not in repr(OF_ALICE)
