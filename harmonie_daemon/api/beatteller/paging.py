"""How much is answered, and which page of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, Field, WithJsonSchema

from harmonie_daemon.config.groups import MOST_RESULTS, DiscoverySettings
from harmonie_daemon.domain.errors import ParameterError
from harmonie_daemon.web.validation import WHOLE_TEXT

DOCUMENTED_MOST = 50
MOST_PAGES = 1000
RECOMMENDATIONS, TRENDS = 8, 20
"""How many there are where a request does not say; of what is discovered a setting says it."""


def number_or_text(most: int) -> WithJsonSchema:
    """How a schema shows a number from 1 on that may come as text."""
    number = {"type": "integer", "minimum": 1, "maximum": most}
    return WithJsonSchema({"anyOf": [number, {"type": "string", "pattern": "^[1-9]$"}]})


Limit = Annotated[
    int, Field(ge=1, le=MOST_RESULTS), WHOLE_TEXT, number_or_text(DOCUMENTED_MOST)
]  # fmt: skip
PageNumber = Annotated[int, Field(ge=1, le=MOST_PAGES), WHOLE_TEXT, number_or_text(MOST_PAGES)]
LIMIT_TEXT = "How many; the most is 50, or what HARMONIE_DISCOVERY_MAX_RESULTS says."
PAGE_TEXT = "Ours: which page of them."
PER_PAGE_TEXT = "Ours: how many a page has, in the place of `limit`."


class Pagination(BaseModel):
    """Where in the whole answer this one stands."""

    page: int
    per_page: int
    total: int = Field(description="On all pages.")
    pages: int
    has_next: bool
    has_prev: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of an answer."""

    page: int
    per_page: int

    @property
    def offset(self) -> int:
        """How many come before it."""
        return (self.page - 1) * self.per_page

    def among(self, total: int) -> Pagination:
        """The page beside the others."""
        pages = -(-total // self.per_page)
        return Pagination(
            page=self.page,
            per_page=self.per_page,
            total=total,
            pages=pages,
            has_next=self.page < pages,
            has_prev=self.page > 1,
        )


def sheet(
    settings: DiscoverySettings,
    *,
    limit: int | None,
    page: int | None,
    per_page: int | None,
    usual: int,
) -> Sheet:
    """The page that is asked for. Raises ``ParameterError`` for more than is configured."""
    for name, asked in (("limit", limit), ("per_page", per_page)):
        checked(name, asked, settings)
    size = per_page or limit or min(usual, settings.max_results)
    return Sheet(page or 1, size)


def checked(name: str, asked: int | None, settings: DiscoverySettings) -> None:
    """Raises ``ParameterError`` for more than is configured."""
    if asked is not None and asked > settings.max_results:
        raise ParameterError(name, asked, f"{settings.max_results} or less")
