"""How the services stand, by what was last seen of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.beatteller_server import beatteller
from tests.standins import gemini as service
from tests.standins.gemini import FakeGemini, fake_gemini

MOOD = {"text": "so happy today"}


def settings(fake: FakeGemini, **more: object) -> dict[str, object]:
    """Of a Gemini with a key."""
    given = {"api_key": service.KEY, "base_url": fake.url, "model": "one", "failover_model": ""}
    return {"gemini": {**given, **more}}


async def test_without_keys_all_is_well(tmp_path: Path) -> None:
    async with beatteller(tmp_path) as api:
        answer = await api.get("health")
        body = answer.json
        assert answer.status == 200
        assert (body["status"], body["version"]) == ("healthy", "1.0.0")
        assert body["timestamp"] == "2025-06-15T15:06:40Z"
        assert body["services"] == {
            "qloo_api": "not_configured", "gemini_api": "not_configured", "database": "connected",
        }  # fmt: skip
        assert body["harmonie_version"] == api.deps.version
        assert body["apis"] == {"qloo_configured": False, "gemini_configured": False}
        assert len(body["features"]) == 8
        assert [name for name, is_so in body["features"].items() if not is_so] == ["cross_domain"]
        assert "error" not in body


async def test_a_service_stands_as_it_was_last_seen(tmp_path: Path) -> None:
    async with fake_gemini() as fake, beatteller(tmp_path, **settings(fake)) as api:

        async def standing() -> tuple[str, str]:
            body = (await api.get("health")).json
            return body["status"], body["services"]["gemini_api"]

        assert await standing() == ("degraded", "unreachable")
        body = (await api.get("health")).json
        assert body["apis"] == {"qloo_configured": False, "gemini_configured": True}
        assert body["features"]["cross_domain"] is True
        assert fake.asked == []
        fake.script(service.says('{"nonsense": 1}'))
        assert (await api.post("mood-analysis", **MOOD)).json["source"] == "local"
        assert await standing() == ("healthy", "connected")
        fake.script(service.fails(403, "PERMISSION_DENIED", "API key not valid"))
        assert (await api.post("mood-analysis", **MOOD)).json["source"] == "local"
        assert await standing() == ("degraded", "unauthorized")


async def test_an_address_that_leads_elsewhere_is_not_the_service(tmp_path: Path) -> None:
    async with fake_gemini() as fake, beatteller(tmp_path, **settings(fake)) as api:
        fake.script(service.redirects("http://127.0.0.1:1/"))
        assert (await api.post("mood-analysis", **MOOD)).json["source"] == "local"
        assert (await api.get("health")).json["services"]["gemini_api"] == "unreachable"


@pytest.mark.parametrize(
    ("status", "standing"), [(200, "connected"), (404, "connected"), (403, "unauthorized"),
                             (500, "unreachable"), (307, "unreachable")]
)  # fmt: skip
async def test_a_look_at_gemini_costs_nothing_and_tells(
    tmp_path: Path, status: int, standing: str
) -> None:
    async with fake_gemini() as fake, beatteller(tmp_path, **settings(fake)) as api:
        fake.looked_at_status = status
        gemini = api.core.words.gemini
        assert gemini is not None
        assert await gemini.look() == standing
        assert (await api.get("health")).json["services"]["gemini_api"] == standing
        assert fake.asked == []


async def test_nobody_there_is_unreachable(tmp_path: Path) -> None:
    async with fake_gemini() as fake:
        url = fake.url
    fake.url = url
    async with beatteller(tmp_path, **settings(fake)) as api:
        assert api.core.words.gemini is not None
        assert await api.core.words.gemini.look() == "unreachable"


async def test_a_closed_database_is_degraded(tmp_path: Path) -> None:
    async with beatteller(tmp_path) as api:
        await api.core.store.database.close()
        body = (await api.get("health")).json
        assert (body["status"], body["services"]["database"]) == ("degraded", "unreachable")
