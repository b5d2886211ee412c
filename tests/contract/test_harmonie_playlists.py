"""POST /playlists: fields, defaults, limits and errors. What is picked is tests/playlists."""

from __future__ import annotations

from typing import Any

import pytest

from tests.servers import Answer, Client

pytestmark = pytest.mark.asyncio(loop_scope="module")

ITEM = {
    "track_id", "path", "score", "library_root", "relative_path",
    "artist", "album", "title", "track_number", "styles",
}  # fmt: skip


async def build(api: Client, **body: Any) -> Answer:
    return await api.post("/api/v1/playlists", body)


def picked(answer: Answer) -> list[int]:
    assert answer.status == 200, answer.text
    return [item["track_id"] for item in answer.json["items"]]


EXAMPLES: list[dict[str, Any]] = [
    {"mode": "similar", "seeds": [1]},
    {
        "mode": "similar",
        "seeds": [3, 4],
        "n": 30,
        "smooth_transitions": {"bpm_tolerance": 5, "key_compatible": True},
        "filter": {"bpm": {"gte": 120, "lte": 140}, "style_min": 0.3},
        "include_seeds": True,
    },
    {
        "mode": "drift",
        "seeds": [1],
        "n": 30,
        "chunk_size": 5,
        "smooth_transitions": {"key_compatible": True},
    },
    {
        "mode": "vibe",
        "n": 30,
        "filter": {"bpm": {"gte": 120, "lte": 130}},
        "target": {"bpm": 128, "danceability": 1.5},
        "shuffle": True,
        "rng_seed": 42,
    },
    {
        "mode": "similar",
        "n": 20,
        "seed_refs": [
            {"path": "/music/Album/01.flac"},
            {"artist": "Aphex Twin", "album": "Selected Ambient Works", "title": "Xtal"},
        ],
    },
]


@pytest.mark.parametrize("body", EXAMPLES)
async def test_each_example_gives_a_playlist(api: Client, body: dict[str, Any]) -> None:
    answer = await api.post("/api/v1/playlists", body)
    assert answer.status == 200
    assert set(answer.json) == {"items", "unresolved_seed_refs"}
    assert len(set(picked(answer))) == len(answer.json["items"]) <= body.get("n", 20)
    assert all(set(item) == ITEM for item in answer.json["items"])


async def test_seeds_stay_out_unless_they_are_included(api: Client) -> None:
    assert 1 not in picked(await build(api, mode="similar", seeds=[1]))
    included = await build(api, mode="similar", seeds=[5, 1], include_seeds=True, n=4)
    assert picked(included)[:2] == [5, 1], "first, in their order, and counted"
    assert len(picked(included)) == 4


async def test_a_filter_gates_every_mode(api: Client) -> None:
    gate = {"genre": ["Electronic"], "bpm": {"gte": 100}}
    for body in ({"mode": "similar", "seeds": [1]}, {"mode": "drift", "seeds": [1]}):
        assert set(picked(await build(api, **body, filter=gate))) <= {2, 3, 4, 9, 10}
    assert set(picked(await build(api, mode="vibe", filter=gate))) == {2, 3, 4, 9, 10}


async def test_bpm_tolerance_and_key_compatibility_hold_between_neighbours(api: Client) -> None:
    near = await build(
        api, mode="similar", seeds=[3], smooth_transitions={"bpm_tolerance": 5}, include_seeds=True
    )
    tempo = {3: 121.3, 4: 122.8, 2: 120.0, 9: 145.0, 10: 141.0}
    assert picked(near)[0] == 3
    assert set(picked(near)) <= {2, 3, 4}
    assert all(track in tempo for track in picked(near))


@pytest.mark.parametrize("curve", [None, "rise", "fall", "wave"])
@pytest.mark.parametrize("body", EXAMPLES)
async def test_a_sequence_has_the_same_tracks_and_its_seeds_first(
    api: Client, body: dict[str, Any], curve: str | None
) -> None:
    plain = await build(api, **{"rng_seed": 1, **body})
    ordered = await build(api, **{"rng_seed": 1, **body}, sequence=True, energy_curve=curve)
    assert sorted(picked(ordered)) == sorted(picked(plain))
    if body.get("include_seeds"):
        assert picked(ordered)[:2] == picked(plain)[:2]
    scores = {item["track_id"]: item["score"] for item in plain.json["items"]}
    assert all(scores[item["track_id"]] == item["score"] for item in ordered.json["items"])


async def test_a_curve_needs_a_sequence_and_a_name_it_knows(api: Client) -> None:
    alone = await build(api, mode="vibe", energy_curve="rise")
    assert alone.status == 422
    assert "energy_curve needs sequence" in alone.text
    assert (await build(api, mode="vibe", sequence=True, energy_curve="up")).status == 422
    assert (await build(api, mode="vibe", sequence=1)).status == 422


async def test_the_same_seed_of_chance_gives_the_same_playlist(api: Client) -> None:
    for body in (
        {"mode": "vibe", "shuffle": True},
        {"mode": "similar", "seeds": [1], "variation": 1.0},
        {"mode": "drift", "seeds": [1], "variation": 0.7, "chunk_size": 2},
    ):
        for seed in (0, 42, -7, 2**63 - 1):
            first = await build(api, **body, rng_seed=seed)
            assert picked(first) == picked(await build(api, **body, rng_seed=seed))


async def test_vibe_without_shuffle_ranks_by_closeness_to_the_target(api: Client) -> None:
    answer = await build(
        api, mode="vibe", target={"bpm": 145.0}, shuffle=False, n=3, artist_cooldown=False
    )
    scores = [item["score"] for item in answer.json["items"]]
    assert picked(answer)[0] == 9
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


async def test_a_shuffled_vibe_is_near_its_target(api: Client) -> None:
    firsts = {
        bpm: {
            picked(await build(api, mode="vibe", target={"bpm": bpm}, rng_seed=seed, n=1))[0]
            for seed in range(6)
        }
        for bpm in (121.0, 145.0)
    }
    assert firsts[121.0] <= {2, 3, 4}
    assert firsts[145.0] <= {9, 10}


async def test_unresolved_references_come_back_as_they_were_sent(api: Client) -> None:
    refs: list[dict[str, Any]] = [
        {"artist": "Daft Punk", "title": "Nothing"},
        {"artist": "Aphex Twin", "title": "Xtal", "weight": 2.0},
        {"path": "/none.mp3", "weight": 0.5},
        {},
    ]
    answer = await build(api, mode="similar", seed_refs=refs)
    assert picked(answer)
    assert answer.json["unresolved_seed_refs"] == [
        {"ref": {"artist": "Daft Punk", "title": "Nothing"}, "reason": "no_match"},
        {"ref": {"path": "/none.mp3", "weight": 0.5}, "reason": "no_match"},
        {"ref": {}, "reason": "no_match"},
    ]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"seeds": [1], "smooth_transitions": {"max_bpm_delta": 5}}, "smooth_transitions.max_bpm"),
        ({"mode": "vibe", "target": {"bmp": 120}}, "target.bmp"),
    ],
)
async def test_a_misspelt_member_that_would_do_nothing_is_named(
    api: Client, body: dict[str, Any], words: str
) -> None:
    answer = await build(api, **{"mode": "similar", **body})
    assert answer.status == 422
    assert words in answer.detail


@pytest.mark.parametrize("name", ["seeds", "seed_weights", "seed_refs"])
async def test_a_list_of_bad_entries_fails_with_its_first(api: Client, name: str) -> None:
    """A million findings took minutes and a gigabyte."""
    answer = await build(api, **{"mode": "similar", "seeds": [1], name: [False] * 100_000})
    assert answer.status == 422
    assert answer.detail.startswith(f"{name}.0")
    assert "more" not in answer.detail


@pytest.mark.parametrize(
    ("name", "entry", "most"),
    [("seeds", 1, 100_000), ("seed_weights", 1, 100_000), ("seed_refs", {}, 20_000)],
)
async def test_a_list_has_a_greatest_length(
    api: Client, name: str, entry: object, most: int
) -> None:
    answer = await build(api, **{"mode": "similar", name: [entry] * (most + 1)})
    assert (answer.status, answer.detail) == (422, f"{name}: must have at most {most} entries")


async def test_only_references_are_unresolved(api: Client) -> None:
    """Track 7 has no embedding."""
    assert (await build(api, mode="similar", seeds=[1, 7])).json["unresolved_seed_refs"] == []
    refs = [{"path": "loose/unknown.wav"}]
    answer = await build(api, mode="similar", seeds=[1], seed_refs=refs)
    assert answer.json["unresolved_seed_refs"] == [{"ref": refs[0], "reason": "no_embedding"}]


@pytest.mark.parametrize("separator", ["/", "\\"])
async def test_a_path_that_no_file_system_could_hold_is_no_match(
    api: Client, separator: str
) -> None:
    ref = {"path": f"a{separator}" * 100_000 + "01 Xtal.flac"}
    answer = await build(api, mode="similar", seeds=[1], seed_refs=[ref])
    assert answer.json["unresolved_seed_refs"] == [{"ref": ref, "reason": "no_match"}]


async def test_seeds_and_references_are_merged_seeds_first(api: Client) -> None:
    answer = await build(
        api,
        mode="similar",
        seeds=[5, 3],
        seed_refs=[{"artist": "Daft Punk", "title": "Around the World"}, {"title": "Jóga",
                    "artist": "Björk"}],
        include_seeds=True,
    )  # fmt: skip
    assert picked(answer)[:3] == [5, 3, 6]


async def test_references_that_all_lead_nowhere_are_400(api: Client) -> None:
    answer = await build(api, mode="similar", seed_refs=[{"artist": "x", "title": "y"}])
    assert answer.status == 400
    assert answer.detail


@pytest.mark.parametrize("mode", ["similar", "drift"])
async def test_no_seed_at_all_is_400(api: Client, mode: str) -> None:
    for body in ({}, {"seeds": [], "seed_refs": [], "seed_weights": []}):
        answer = await build(api, mode=mode, **body)
        assert answer.status == 400
        assert "seed" in answer.detail


async def test_an_unknown_explicit_seed_is_404(api: Client) -> None:
    for seeds in ([999], [1, 999]):
        answer = await build(api, mode="similar", seeds=seeds, seed_refs=[{"title": "x"}])
        assert answer.status == 404
        assert "999" in answer.detail


@pytest.mark.parametrize("mode", ["similar", "drift", "vibe"])
@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("n", 0), ("n", 501), ("n", "20"), ("n", None), ("n", 2.5), ("n", True),
        ("filter", "bpm"), ("filter", []),
        ("artist_cooldown", "yes"), ("artist_cooldown", 1), ("dedupe_titles", None),
        ("rng_seed", "x"), ("rng_seed", 1.5), ("rng_seed", 2**63),
        ("variation", -0.1), ("variation", 1.1), ("variation", "much"), ("variation", None),
    ],
)  # fmt: skip
async def test_a_common_member_that_does_not_fit_is_422(
    api: Client, mode: str, member: str, value: Any
) -> None:
    answer = await build(api, mode=mode, **{"seeds": [1], member: value})
    assert answer.status == 422
    assert answer.detail.startswith(f"{member}: ")


@pytest.mark.parametrize("mode", ["similar", "drift"])
@pytest.mark.parametrize(
    ("member", "value", "where"),
    [
        ("seeds", 1, "seeds"), ("seeds", ["1"], "seeds.0"), ("seeds", [1, 2.5], "seeds.1"),
        ("seeds", [2**63], "seeds.0"),
        ("seed_refs", {}, "seed_refs"), ("seed_refs", [5], "seed_refs.0"),
        ("seed_refs", [{"title": 5}], "seed_refs.0.title"),
        ("seed_refs", [{"title": "x", "weight": 0}], "seed_refs.0.weight"),
        ("include_seeds", "no", "include_seeds"),
        ("seed_weights", [0], "seed_weights.0"), ("seed_weights", [-1], "seed_weights.0"),
        ("seed_weights", ["1"], "seed_weights.0"), ("seed_weights", [1, 2], "seed_weights"),
        ("smooth_transitions", [], "smooth_transitions"),
        ("smooth_transitions", {"bpm_tolerance": -1}, "smooth_transitions.bpm_tolerance"),
        ("smooth_transitions", {"bpm_tolerance": "5"}, "smooth_transitions.bpm_tolerance"),
        ("smooth_transitions", {"key_compatible": None}, "smooth_transitions.key_compatible"),
    ],
)  # fmt: skip
async def test_a_member_of_the_seeded_modes_that_does_not_fit_is_422(
    api: Client, mode: str, member: str, value: Any, where: str
) -> None:
    answer = await build(api, mode=mode, **{"seeds": [1], member: value})
    assert answer.status == 422
    assert answer.detail.startswith(where)


async def test_weights_that_are_no_finite_numbers_are_422(api: Client) -> None:
    for weight in ("NaN", "Infinity", "1e999"):
        body = f'{{"mode": "similar", "seeds": [1], "seed_weights": [{weight}]}}'
        answer = await api.post("/api/v1/playlists", data=body)
        assert answer.status == 422


@pytest.mark.parametrize("chunk_size", [0, 101, "5", None, 1.5])
async def test_a_chunk_size_outside_1_to_100_is_422(api: Client, chunk_size: Any) -> None:
    answer = await build(api, mode="drift", seeds=[1], chunk_size=chunk_size)
    assert answer.status == 422
    assert answer.detail.startswith("chunk_size: ")


@pytest.mark.parametrize(
    ("member", "value", "where"),
    [
        ("target", 128, "target"),
        ("target", {"bpm": "128"}, "target.bpm"),
        ("target", {"danceability": []}, "target.danceability"),
        ("shuffle", "yes", "shuffle"),
        ("shuffle", None, "shuffle"),
    ],
)
async def test_a_member_of_vibe_that_does_not_fit_is_422(
    api: Client, member: str, value: Any, where: str
) -> None:
    answer = await build(api, mode="vibe", **{member: value})
    assert answer.status == 422
    assert answer.detail.startswith(f"{where}: ")


async def test_a_missing_or_unknown_mode_is_422_and_names_the_modes(api: Client) -> None:
    missing = await build(api, seeds=[1])
    assert (missing.status, missing.detail) == (422, "the member 'mode' is required")
    unknown = await build(api, mode="radio", seeds=[1])
    assert unknown.status == 422
    assert all(mode in unknown.detail for mode in ("similar", "drift", "vibe"))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"vibe"', b"mode=vibe"])
async def test_a_body_that_is_no_json_object_is_422(api: Client, body: bytes) -> None:
    answer = await api.post("/api/v1/playlists", data=body)
    assert answer.status == 422
    assert answer.detail


@pytest.mark.parametrize(
    "body",
    [
        {"mode": "similar", "seeds": [1], "n": 1},
        {"mode": "similar", "seeds": [1], "n": 500.0},
        {"mode": "similar", "seeds": [1], "smooth_transitions": None, "filter": None},
        {"mode": "similar", "seeds": [1], "smooth_transitions": {"bpm_tolerance": None}},
        {"mode": "similar", "seeds": [1, 1], "seed_weights": [2, 0.5], "rng_seed": None},
        {"mode": "drift", "seeds": [1], "chunk_size": 1},
        {"mode": "drift", "seeds": [1], "chunk_size": 100},
        {"mode": "vibe", "target": None},
        {"mode": "vibe", "target": {"bpm": None}},
        {"mode": "vibe", "variation": 0.5, "seeds": "ignored here", "colour": "red"},
        {"mode": "similar", "seeds": [1], "chunk_size": "ignored here", "shuffle": 5},
    ],
)
async def test_bounds_are_included_null_is_the_default_and_the_rest_is_ignored(
    api: Client, body: dict[str, Any]
) -> None:
    assert (await api.post("/api/v1/playlists", body)).status == 200
