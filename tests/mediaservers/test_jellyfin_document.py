"""The table of docs/jellyfin.md is what the program does."""

from pathlib import Path

import pytest

from harmonie_daemon.mediaservers.jellyfin.credentials import (
    OF_A_PLAYLIST,
    Credential,
    JellyfinCredentials,
    JellyfinOperation,
)
from harmonie_daemon.mediaservers.jellyfin.wire import User

DOCUMENT = Path(__file__).parents[2] / "docs" / "jellyfin.md"
ME, OTHER = "me", "other"
COLUMNS = {
    "a user's login": (Credential("t", User(ME, "me", False), "d"), (12, 0, 0)),
    "an administrator's login": (Credential("t", User(ME, "me", True), "d"), (12, 0, 0)),
    "API key": (Credential("t", None, "d"), (10, 11, 0)),
    "API key on 10.10": (Credential("t", None, "d"), (10, 10, 7)),
}


def rows() -> dict[str, dict[str, str]]:
    lines = [line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    (_, *names), _, *body = cells
    return {first: dict(zip(names, rest, strict=True)) for first, *rest in body}


def test_the_table_has_every_operation_and_no_other() -> None:
    assert list(rows()) == [operation.value for operation in JellyfinOperation]


@pytest.mark.parametrize("operation", JellyfinOperation)
@pytest.mark.parametrize("column", COLUMNS)
def test_the_table_is_true(operation: JellyfinOperation, column: str) -> None:
    credential, version = COLUMNS[column]
    said = rows()[operation.value][column]
    alone = JellyfinCredentials(version, (credential,))

    def may(user: str | None, shared: bool = False) -> bool:
        try:
            found = alone.best_for(operation, user, shared_with=(ME,) if shared else ())
        except ValueError:
            return False
        return found is not None

    assert (said == "no") is (operation not in alone.abilities(credential))
    if operation in OF_A_PLAYLIST or operation is JellyfinOperation.USER_DATA:
        assert may(OTHER) is (said in ("anybody's", "for anybody"))
        assert may(OTHER, shared=True) is (may(OTHER) or said.endswith("and shared ones"))
    if said.startswith("their own"):
        assert may(ME)
    if said == "by all":
        assert may(None)
