"""What docs/api/beatteller.md says is so."""

from __future__ import annotations

from pathlib import Path

from harmonie_daemon.api.beatteller import beatteller_family, paging, taste_schemas, telling, texts
from harmonie_daemon.api.beatteller.errors import CODES, DETAILS
from harmonie_daemon.api.beatteller.making import MOST_MINUTES, USUAL_MINUTES
from harmonie_daemon.config.names import FOREIGN_VARIABLES
from harmonie_daemon.discovery import mixing, profiles, tastes, trends
from harmonie_daemon.discovery.kept_mixes import MAKER, MOST_KEPT
from harmonie_daemon.discovery.stories import MOST_TRACKS

PAGE = (Path(__file__).parents[2] / "docs" / "api" / "beatteller.md").read_text(encoding="utf-8")


def test_every_operation_code_and_variable_is_in_it() -> None:
    for endpoint in beatteller_family().endpoints:
        assert f"| `{endpoint.method} {endpoint.path}` |" in PAGE
    for status, code in CODES.items():
        assert f"`{code}`" in PAGE
        assert str(status) in PAGE
    assert set(DETAILS) == set(CODES)
    for variable in FOREIGN_VARIABLES.values():
        assert f"`{variable}`" in PAGE


def test_the_numbers_are_those_of_the_code() -> None:
    for said in (
        f"1 to {texts.LONGEST_INPUT} characters",
        f"{texts.LONGEST_TEXT:,} characters",
        f"1 to {paging.DOCUMENTED_MOST}, or",
        f"{paging.RECOMMENDATIONS} for recommendations, {paging.TRENDS} for trends",
        f"1 to {paging.MOST_PAGES:,}, on",
        f"1 to {MOST_MINUTES}; {USUAL_MINUTES} by default",
        f"{taste_schemas.MOST_INTERACTIONS:,}; of their names the thousand",
        f"{taste_schemas.MOST_SAID} of each",
        f"{telling.MOST_PREFERENCES}, of which {MOST_TRACKS} have",
        f"of the {trends.MOST_TRACKS:,} tracks",
        f"{trends.SHARE_OF_PLAYS} × plays ÷ plays of",
        f"up to {mixing.SHORTLIST} tracks",
        f"one of the maker `{MAKER}`",
        f"the latest {profiles.MOST_PLAYS:,} plays",
        f"weighs {profiles.SAID:.0f}, shared by the {profiles.EXAMPLES} tracks",
        f"half of it for every {tastes.HALF_LIFE_S / trends.DAY_S:.0f} days",
    ):
        assert said in PAGE, said
    assert (profiles.MOST_ENTITIES, MOST_KEPT) == (1000, 100)
