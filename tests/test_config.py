"""Settings: where they come from, what is refused and in which words; and what documents them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel, Field, SecretStr

from harmonie_daemon.config import (
    Settings,
    load_settings,
    renamed_settings,
    unknown_variables,
)
from harmonie_daemon.config.names import (
    FOREIGN_VARIABLES,
    FORMER_NAMES,
    setting_names,
    variable,
)
from harmonie_daemon.config.problems import MOST_SHOWN
from harmonie_daemon.domain.clustering import ClusterMethod, ClusterRequest
from harmonie_daemon.domain.errors import ConfigurationError
from harmonie_daemon.domain.filters import Range
from harmonie_daemon.domain.playlist import RecipeMode

PROJECT = Path(__file__).parent.parent
_FOREIGN = ("STATE_DIRECTORY", "XDG_DATA_HOME", *FOREIGN_VARIABLES.values())


@pytest.fixture(autouse=True)
def _nothing_but_the_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(__import__("os").environ):
        if name.startswith("HARMONIE_") or name in _FOREIGN:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def refusals(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(write(tmp_path / "under-test.toml", text))
    return str(caught.value).splitlines()


def refusal(tmp_path: Path, text: str = "") -> str:
    (message,) = refusals(tmp_path, text)
    return message


def test_without_any_setting_the_defaults_are_local_and_complete(tmp_path: Path) -> None:
    settings = load_settings()
    assert (settings.http.host, settings.http.port, settings.scan.on_startup) == (
        "127.0.0.1",
        8842,
        True,
    )
    assert settings.data_dir == tmp_path / ".local/share/harmonie"
    assert settings.m3u_folder == settings.data_dir / "playlists"
    assert settings.workers >= 1


def test_the_state_directory_of_systemd_is_the_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/harmonie")
    assert load_settings().data_dir == Path("/var/lib/harmonie")


def test_the_environment_overrides_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "x.toml", 'port = 1234\nlibraries = ["/a", "/b,c"]\nworkers = 3')
    monkeypatch.setenv("HARMONIE_PORT", "4321")
    settings = load_settings(file)
    assert settings.http.port == 4321
    assert settings.libraries == (Path("/a"), Path("/b,c"))
    monkeypatch.setenv("HARMONIE_LIBRARIES", "/x, /y")
    assert load_settings(file).libraries == (Path("/x"), Path("/y"))
    monkeypatch.setenv("HARMONIE_LIBRARIES", "/music/Crosby, Stills,Nash, ~/more,./here,")
    three = (Path("/music/Crosby, Stills,Nash"), tmp_path / "more", tmp_path / "here")
    assert load_settings(file).libraries == three


def test_the_key_of_gemini_is_found_under_its_usual_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def key() -> str | None:
        found = load_settings().gemini.api_key
        return None if found is None else found.get_secret_value()

    assert key() is None
    monkeypatch.setenv("GEMINI_API_KEY", "of the machine")
    assert key() == "of the machine"
    assert load_settings().secrets == ("of the machine",)
    monkeypatch.setenv("HARMONIE_GEMINI_API_KEY", "ours")
    assert key() == "ours"
    assert load_settings().gemini.models == (
        "gemini-3.1-pro-preview",
        "gemini-3.1-flash-lite-preview",
    )
    monkeypatch.setenv("HARMONIE_GEMINI_FAILOVER_MODEL", "gemini-3.1-pro-preview")
    assert load_settings().gemini.models == ("gemini-3.1-pro-preview",)


def test_the_variables_of_beattellers_document_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "QLOO_API_KEY": "a qloo key", "QLOO_API_BASE": "https://staging.api.qloo.com/",
        "API_TIMEOUT": "12", "RATE_LIMIT": "7 per hour", "CACHE_TIMEOUT": "60",
        "CACHE_ENABLED": "False", "REDIS_URL": "redis://:hunter2@nas:6379",
        "SECRET_KEY": "a secret", "FLASK_ENV": "production", "FLASK_DEBUG": "False",
    }  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    qloo, cache = settings.qloo, settings.cache
    assert (qloo.base_url, qloo.timeout_s) == ("https://staging.api.qloo.com", 12)
    assert (settings.rate_limit.per_hour, settings.rate_limit.per_minute) == (7, 10)
    assert (cache.timeout_s, cache.enabled) == (60, False)
    assert set(settings.secrets) == {"a qloo key", "redis://:hunter2@nas:6379", "a secret"}
    assert "hunter2" not in repr(settings)
    monkeypatch.setenv("HARMONIE_RATE_LIMIT_PER_HOUR", "9")
    monkeypatch.setenv("HARMONIE_CACHE_TIMEOUT_S", "90")
    settings = load_settings()
    assert (settings.rate_limit.per_hour, settings.cache.timeout_s) == (9, 90)


BEATTELLERS: dict[str, tuple[str, str, object, str, object]] = {
    # its name: ours, a value as its document writes them, what it is, another value, what that is
    "QLOO_API_KEY": ("qloo.api_key", "theirs", "theirs", "ours", "ours"),
    "QLOO_API_BASE": ("qloo.base_url", "https://q.example", "https://q.example",
                      "https://o.example", "https://o.example"),
    "GEMINI_API_KEY": ("gemini.api_key", "theirs", "theirs", "ours", "ours"),
    "API_TIMEOUT": ("qloo.timeout_s", "30", 30.0, "20", 20.0),
    "RATE_LIMIT": ("rate_limit.per_hour", "100 per hour", 100, "50", 50),
    "MAX_RESULTS_PER_REQUEST": ("discovery.max_results", "40", 40, "30", 30),
    "CACHE_TIMEOUT": ("cache.timeout_s", "300", 300.0, "60", 60.0),
    "REDIS_URL": ("cache.redis_url", "redis://localhost:6379", "redis://localhost:6379",
                  "redis://nas:6379", "redis://nas:6379"),
    "SECRET_KEY": ("http.secret_key", "theirs", "theirs", "ours", "ours"),
    "DEFAULT_MUSIC_LIMIT": ("discovery.default_limit", "12", 12, "8", 8),
    "MAX_STORY_LENGTH": ("discovery.max_story_words", "1000", 1000, "500", 500),
    "ENABLE_CROSS_DOMAIN": ("discovery.cross_domain", "False", False, "true", True),
    "CACHE_ENABLED": ("cache.enabled", "False", False, "true", True),
}  # fmt: skip


def test_all_variables_of_beattellers_document_are_in_the_table() -> None:
    ours = {name: variable for variable, (name, *_) in BEATTELLERS.items()}
    assert ours == dict(FOREIGN_VARIABLES)


@pytest.mark.parametrize("theirs", BEATTELLERS)
def test_a_variable_of_beattellers_document_is_read_and_ours_wins(
    theirs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, text, value, other_text, other = BEATTELLERS[theirs]
    table, _, key = name.partition(".")

    def found() -> object:
        setting = getattr(getattr(load_settings(), table), key)
        return setting.get_secret_value() if isinstance(setting, SecretStr) else setting

    monkeypatch.setenv(theirs, text)
    assert found() == value
    monkeypatch.setenv(variable(name), other_text)
    assert found() == other


@pytest.mark.parametrize("theirs", BEATTELLERS)
def test_what_the_file_says_wins_over_a_variable_of_another_program(
    theirs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, text, _, ours, value = BEATTELLERS[theirs]
    table, _, key = name.partition(".")
    written = ours if ours in ("true", "false") or ours.isdecimal() else f'"{ours}"'
    file = write(tmp_path / "c.toml", f"[{table}]\n{key} = {written}")
    monkeypatch.setenv(theirs, text)
    setting = getattr(getattr(load_settings(file), table), key)
    assert (setting.get_secret_value() if isinstance(setting, SecretStr) else setting) == value


def test_a_mistake_in_the_file_is_not_laid_to_a_variable_of_another_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATE_LIMIT", "100 per hour")
    message = refusal(tmp_path, "[rate_limit]\nper_hour = -1")
    assert "RATE_LIMIT" not in message
    assert "rate_limit.per_hour=-1" in message


@pytest.mark.parametrize(
    ("text", "per_hour"),
    [("100", 100), ("100 per hour", 100), ("5/hour", 5), ("5 per 1 hour", 5), ("0 PER HOUR", 0)],
)
def test_a_limit_is_a_number_or_the_words_of_the_document(
    text: str, per_hour: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATE_LIMIT", text)
    assert load_settings().rate_limit.per_hour == per_hour


def test_a_variable_of_another_program_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATE_LIMIT", "10 per minute")
    message = refusal(tmp_path)
    assert message.startswith("RATE_LIMIT: ")
    assert "HARMONIE_RATE_LIMIT_PER_MINUTE" in message


def test_everything_that_is_wrong_is_said_at_once_a_line_each(tmp_path: Path) -> None:
    lines = refusals(
        tmp_path, 'workers = 0\n[scan]\nwach = true\n[[playlist]]\nname = "a"\nseeds = [[]]'
    )
    assert [line.partition(": ")[2].partition("=")[0] for line in lines] == [
        "workers",
        "scan.wach is not a setting; did you mean watch?",
        "playlist.0.seeds.0",
    ]


def test_of_very_much_that_is_wrong_the_beginning_is_said(tmp_path: Path) -> None:
    lines = refusals(tmp_path, "\n".join(f"flower{n} = 1" for n in range(30)))
    assert (len(lines), lines[-1]) == (MOST_SHOWN + 1, "and 20 more")


def test_files_are_looked_for_in_order(tmp_path: Path) -> None:
    write(tmp_path / ".config/harmonie/config.toml", "port = 2")
    assert load_settings().http.port == 2
    write(tmp_path / "config.toml", "port = 1")
    assert load_settings().http.port == 1


def test_a_missing_explicit_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_settings(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('port = "x"', ["port='x'", "whole number"]),
        ("port = 99999", ["port=99999", "65535"]),
        ("prot = 1", ["prot is not a setting; did you mean port?"]),
        ("libaries = []", ["did you mean libraries?"]),
        ("[jelyfin]", ["jelyfin is not a setting; did you mean jellyfin?"]),
        ("[jellyfin]\nurll = 'x'", ["jellyfin.urll is not a setting; did you mean url?"]),
        ("[[playlist]]\nnaem = 'x'\nname = 'a'", ["playlist.0.naem", "did you mean name?"]),
        ("flowers = 1", ["flowers is not a setting; see config.example.toml"]),
        ("[[playlist]]\nmode = 'vibe'", ["playlist.0.name is missing"]),
        ('[gemini]\nmodel = "../x"', ["gemini.model='../x'", "gemini-3.1-pro-preview"]),
        ('[gemini]\napi_version = "v1/../.."', ["gemini.api_version='v1/../..'"]),
        ('[gemini]\nbase_url = "ftp://x"', ["gemini.base_url='ftp://x'", "http://"]),
        ('log_level = "loud"', ["log_level='loud'", "'debug', 'info', 'warning' or 'error'"]),
        ("workers = 0", ["workers=0", "greater than or equal to 1"]),
        ("scan_interval_hours = -1", ["scan_interval_hours=-1"]),
        ('host = "0.0.0.0"', ["HARMONIE_API_KEY", "HARMONIE_ALLOW_UNAUTHENTICATED=true"]),
        ('http.also_listen = ["0.0.0.0:1"]', ["also_listen='0.0.0.0:1'", "HARMONIE_API_KEY"]),
        ('http.also_listen = ["5001"]', ["http.also_listen", "127.0.0.1:5001"]),
        ('http.also_listen = ["nas:0"]', ["http.also_listen", "127.0.0.1:5001"]),
        ('http.also_listen = ["127.0.0.1:8842"]', ["127.0.0.1:8842 is listened on once already"]),
        ('jellyfin_url = "nas:8096"\njellyfin_token="t"', ["jellyfin_url='nas:8096'", "http://"]),
        (
            'jellyfin_token = "t"',
            ["jellyfin.url is missing", "HARMONIE_JELLYFIN_TOKEN"],
        ),
        ('path_mappings = ["/music"]', ["OURS=THEIRS"]),
        ('path_mappings = ["/music="]', ["OURS=THEIRS"]),
        ('m3u_path_mappings = ["/music"]', ["FOLDER=NAME"]),
        ('m3u_path_mappings = ["music=/x"]', ["FOLDER=NAME"]),
        ('m3u_path_mappings = ["/music=a\\nb"]', ["FOLDER=NAME"]),
        ('m3u_extension = "pls"', ["'m3u8' or 'm3u'"]),
        ('m3u_mode = "0755"', ["0644"]),
        ('m3u_mode = "0444"', ["0644"]),
        ('[[playlist]]\nname = "a"', ["needs seeds"]),
        (
            '[[playlist]]\nname = "a"\nmode = "vibe"\nseeds = [1]',
            ["mode vibe takes no seeds; use similar or drift"],
        ),
        (
            '[[playlist]]\nname = "a"\nmode = "vibe"\nclustering = {runs = 9}',
            ["mode vibe takes no clustering; use clustering"],
        ),
        (
            '[[playlist]]\nname = "a"\nmode = "clustering"\nusers = ["alice"]',
            ["mode clustering takes no users; it is of the whole library"],
        ),
        (
            '[[playlist]]\nname = "a"\nmode = "clustering"\nclustering = {runs = 0}',
            ["runs=0: must be a whole number from 1 to 10000"],
        ),
        (
            '[[playlist]]\nname = "a"\nmode = "clustering"\nclustering = {k = 3}',
            ["k=3: must be left out; there are method, num_clusters_min"],
        ),
        (
            '[[playlist]]\nname = "a"\nmode = "clustering"\nclustering = {num_clusters_min = 50}',
            ["playlist 'a'", "num_clusters_min=50: must be no more than num_clusters_max"],
        ),
        ("[clustering]\nruns = 1000000", ["clustering.runs=1000000", "10000"]),
        ('[clustering]\nmethod = "ward"', ["clustering.method='ward'", "'kmeans'"]),
        (
            "[clustering]\ndbscan_eps_min = 0.9",
            ["clustering.dbscan_eps_min=0.9: must be no more than dbscan_eps_max, which is 0.8"],
        ),
        ('[[playlist]]\nname = "a"\nmode = "wild"', ["playlist.0.mode='wild'", "'similar'"]),
        ('[[playlist]]\nname = "a"\nmode = "vibe"\nschedule = "daily"', ["cron expression"]),
        ('[[playlist]]\nname = "a"\nmode = "vibe"\nfilter = {bpm = "9..1"}', ["upper bound 1"]),
        (
            '[[playlist]]\nname = "a"\nmode = "vibe"\nservers = ["plex"]',
            ["servers.0='plex'", "m3u|jellyfin|subsonic"],
        ),
        (
            '[[playlist]]\nname = "a"\nmode = "vibe"\nservers = ["m3u:kodi"]',
            ["playlist 'a'", "no [[m3u.player]] with the name 'kodi'"],
        ),
        ('[[m3u.player]]\nname = "kodi"', ["m3u.player.0.dir"]),
        ('[[m3u.player]]\nname = "Ko di"\ndir = "/k"', ["m3u.player.0.name='Ko di'"]),
        (
            '[[m3u.player]]\nname = "a"\ndir = "/k"\n[[m3u.player]]\nname = "b"\ndir = "/k"',
            ["two players have the folder '/k'"],
        ),
        (
            '[m3u]\ndir = "/k"\n[[m3u.player]]\nname = "b"\ndir = "/k"',
            ["m3u.player 'b' has the folder of [m3u], /k"],
        ),
        ('[[playlist]]\nname="a"\nmode="vibe"\n[[playlist]]\nname="a"\nmode="vibe"', ["twice"]),
        ("port =", ["not valid TOML"]),
        ('libraries = ["~nosuch/music"]', ["user that does not exist"]),
        ('libraries = ["/a\\u0000b"]', ["NUL"]),
        ('cors_origins = ["http://["]', ["cors_origins", "https://player.example"]),
        ('cors_origins = ["player.example"]', ["https://player.example"]),
        ('http.public_url = "nas.example"', ["http.public_url", "http://"]),
        ('http.public_url = "https://"', ["https://nas.example/harmonie"]),
        ('http.public_url = "https://[nas"', ["http.public_url='https://[nas'"]),
        ('http.public_url = "https://me:it@nas"', ["https://nas.example/harmonie"]),
        ('http.public_url = "https://nas?a=1"', ["https://nas.example/harmonie"]),
        ('api_key = " "', ["api_key=(hidden)", "blank"]),
        ('http.trusted_proxies = ["nas"]', ["http.trusted_proxies", "10.0.0.0/8"]),
        ("[rate_limit]\nper_minute = -1", ["rate_limit.per_minute=-1", "0"]),
        ("[rate_limit]\nper_hour = 1000000", ["rate_limit.per_hour=1000000", "100000"]),
        ('[cache]\nredis_url = "http://x"', ["redis_url=(hidden)", "redis://localhost:6379"]),
        ('[cache]\nredis_url = "redis://["', ["redis_url=(hidden)", "redis://localhost:6379"]),
        ('[cache]\nredis_url = "redis://nas/db1"', ["redis_url=(hidden)", "redis://nas:6379/1"]),
    ],
)
def test_a_wrong_value_is_refused_in_one_line_that_names_it(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    message = refusal(tmp_path, text)
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("libraries = 5", "libraries=5: should be a list"),
        ("libraries = [5]", "libraries.0=5: should be a path in quotes"),
        ("port = 2024-01-01", 'port="2024-01-01": should be a whole number'),
        ('watch = "maybe"', "watch='maybe': should be true or false"),
        ("quiet_hours = 5", "quiet_hours=5: should be text in quotes"),
        ('[playlist]\nname = "a"', 'playlist={"name": "a"}: should be a list'),
        ('[[playlist]]\nname="a"\nmode="vibe"\ntarget=5', "playlist.0.target=5: should be a table"),
        ('[[playlist]]\nname="a"\nmode="similar"\nseeds=[1.5]', "seeds.0=1.5: should be text"),
    ],
)
def test_a_refusal_speaks_toml_not_python(tmp_path: Path, text: str, words: str) -> None:
    assert words in refusal(tmp_path, text)


def test_a_wrong_variable_is_named_as_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARMONIE_WORKERS", "many")
    assert refusal(tmp_path).startswith("HARMONIE_WORKERS: workers='many'")


def test_a_secret_is_in_no_message_and_no_representation(tmp_path: Path) -> None:
    message = refusal(tmp_path, 'api_key = ["hunter2"]')
    assert "hunter2" not in message
    settings = load_settings(write(tmp_path / "y.toml", 'api_key = "hunter2"'))
    assert "hunter2" not in repr(settings) + str(settings.model_dump())
    assert settings.secrets == ("hunter2",)


def test_a_recipe_in_a_variable_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARMONIE_PLAYLIST", "foo")
    assert refusal(tmp_path) == (
        "HARMONIE_PLAYLIST cannot be read; write it into the configuration file"
    )


def test_blanks_around_a_key_do_not_belong_to_it(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path / "k.toml", 'api_key = " hunter2 "'))
    assert settings.secrets == ("hunter2",)


def test_a_misspelled_variable_is_noticed() -> None:
    known = [variable(name) for name in setting_names(Settings)]
    former = [f"HARMONIE_{name.upper()}" for name in FORMER_NAMES]
    environ = dict.fromkeys(["HARMONIE_PROT", "PATH", *known, *former], "1")
    assert unknown_variables(environ) == ["HARMONIE_PROT"]


def test_a_recipe_becomes_what_the_kitchen_works_from(tmp_path: Path) -> None:
    text = """
    [[playlist]]
    name = "Running"
    mode = "vibe"
    filter = { bpm = "160..180", genre = ["Rock"], key = "db" }
    target = { bpm = 170 }
    schedule = "0 5 * * 7"
    servers = ["m3u"]
    """
    (recipe,) = load_settings(write(tmp_path / "r.toml", text)).recipes
    assert recipe.mode is RecipeMode.VIBE
    assert recipe.filter.ranges["bpm"] == Range(160, 180)
    assert (recipe.filter.genres, recipe.filter.keys) == (("Rock",), ("C#",))
    assert (recipe.target.bpm, recipe.servers) == (170, ("m3u",))


def test_playlist_files_are_made_for_the_player_that_reads_them(tmp_path: Path) -> None:
    text = """
[m3u]
mode = "664"
extension = "m3u"
path_mappings = ["/music=", '/nas/music=M:\\Music']
"""
    settings = load_settings(write(tmp_path / "x.toml", text))
    assert settings.m3u.file_mode == 0o664
    assert settings.m3u.extension == "m3u"
    assert settings.m3u.path_mapping_pairs == (("/music", ""), ("/nas/music", "M:\\Music"))
    assert load_settings().m3u.file_mode == 0o644


def test_further_players_have_folders_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """
[[m3u.player]]
name = "kodi"
dir = "/kodi"
extension = "m3u"
paths = "absolute"

[[playlist]]
name = "a"
mode = "vibe"
servers = ["m3u:kodi"]
"""
    settings = load_settings(write(tmp_path / "x.toml", text))
    (kodi,) = settings.m3u.player
    assert (kodi.name, kodi.dir, kodi.extension, kodi.paths) == (
        "kodi", Path("/kodi"), "m3u", "absolute",
    )  # fmt: skip
    assert settings.m3u.paths == "relative"
    monkeypatch.setenv("HARMONIE_M3U_PLAYER", '[{"name": "mpd", "dir": "/mpd"}]')
    assert [player.name for player in load_settings().m3u.player] == ["mpd"]
    monkeypatch.setenv("HARMONIE_M3U_PLAYER", "mpd")
    with pytest.raises(ConfigurationError, match="write it into the configuration file"):
        load_settings()


def example() -> tuple[str, dict[str, str]]:
    """The example file, and each setting in it with its line, commented or not."""
    text = (PROJECT / "config.example.toml").read_text(encoding="utf-8")
    lines: dict[str, str] = {}
    table = ""
    for line in text.partition("# [[playlist]]")[0].splitlines():
        if named := re.fullmatch(r"\[(\w+)\]", line):
            table = f"{named[1]}."
        elif given := re.match(r"(?:# )?(\w+) = ", line):
            assert table + given[1] not in lines
            lines[table + given[1]] = line
    return text, lines


def test_the_example_file_shows_every_setting_with_its_default(tmp_path: Path) -> None:
    text, lines = example()
    assert {*lines, "playlist"} == set(setting_names(Settings))
    settings = load_settings(write(tmp_path / "z.toml", text))
    assert settings == load_settings(write(tmp_path / "empty.toml", ""))
    given = {name for name, line in lines.items() if not line.startswith("#")}
    assert {variable(name) for name in given} >= {"HARMONIE_PORT", "HARMONIE_SCAN_WATCH"}


def test_what_the_example_file_shows_commented_out_can_be_uncommented(tmp_path: Path) -> None:
    text, lines = example()
    for line in (line for line in lines.values() if line.startswith("# ")):
        value = line.removeprefix("# ").replace('token = ""', 'token = "x"')
        text = text.replace(line, value)
    settings = load_settings(write(tmp_path / "z.toml", text))
    assert settings.jellyfin.url == "http://127.0.0.1:8096"
    assert settings.scan.quiet_hours == "08:00-23:00"


def test_the_recipes_of_the_example_file_work_when_uncommented(tmp_path: Path) -> None:
    text = (PROJECT / "config.example.toml").read_text(encoding="utf-8")
    recipes = text[text.index("# [[playlist]]") :].replace("\n#", "\n").lstrip("#")
    lines = [line.strip() for line in recipes.splitlines()]
    settings = load_settings(write(tmp_path / "w.toml", "\n".join(lines)))
    assert [recipe.name for recipe in settings.recipes] == [
        "Evening", "Running", "Moods", "Personal mixes",
    ]  # fmt: skip


def test_the_readme_names_every_setting_and_no_other() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    _, _, table = readme.partition("| setting | default | meaning |")
    named = re.findall(r"^\| `([\w.]+)` \|", table, re.MULTILINE)
    assert sorted(named) == sorted({*setting_names(Settings)} - {"playlist"})


def of_before(tmp_path: Path) -> Path:
    """The example file of 0.1, in which nothing was in a table, with every value uncommented."""
    text = (PROJECT / "tests/data/config_of_0.1.toml").read_text(encoding="utf-8")
    settings, mark, recipes = text.partition("# [[playlist]]")
    settings = re.sub(r"^# (\w+ = )", r"\1", settings, flags=re.MULTILINE)
    settings = settings.replace('jellyfin_token = ""', 'jellyfin_token = "hunter2"')
    settings = settings.replace("exclude = []", 'exclude = ["*.part"]')
    settings = settings.replace("watch = true", "watch = false").replace("8842", "8843")
    lines = [line.removeprefix("#").strip() for line in (mark + recipes).splitlines()]
    return write(tmp_path / "of_before.toml", settings + "\n".join(lines))


def test_a_file_of_before_there_were_tables_loses_nothing(tmp_path: Path) -> None:
    old = of_before(tmp_path)
    given = tomllib.loads(old.read_text(encoding="utf-8"))
    assert set(FORMER_NAMES) < set(given)
    settings = load_settings(old)
    for former, name in FORMER_NAMES.items():
        table, _, key = name.partition(".")
        found = getattr(getattr(settings, table), key)
        if isinstance(found, SecretStr):
            found = found.get_secret_value()
        wanted = given[former]
        assert found == (tuple(wanted) if isinstance(wanted, list) else type(found)(wanted)), name
    for name in set(given) - set(FORMER_NAMES) - {"playlist", "libraries"}:
        assert str(getattr(settings, name)) == str(given[name])
    assert [recipe.name for recipe in settings.recipes] == ["Evening", "Running"]
    assert settings.secrets == ("a long random text", "hunter2")


def test_every_former_name_is_told_once_with_the_one_of_today(tmp_path: Path) -> None:
    old = of_before(tmp_path)
    told = renamed_settings(old, {"HARMONIE_WATCH": "true", "HARMONIE_M3U_DIR": "/m"})
    assert len(told) == len(FORMER_NAMES) + 1
    assert f"{old}: m3u_dir is called m3u.dir now; it is read under either name" in told
    assert told[-1].startswith("HARMONIE_WATCH is called HARMONIE_SCAN_WATCH now")
    assert renamed_settings(PROJECT / "config.example.toml", {"HARMONIE_PORT": "1"}) == []


def test_variables_of_before_there_were_tables_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {
        "workers": "3", "exclude": "*.part, *.tmp", "scan_on_startup": "false", "watch": "false",
        "max_load": "1.5", "quiet_hours": "08:00-23:00", "backup_keep": "3", "host": "0.0.0.0",
        "port": "1", "api_key": "hunter2", "cors_origins": "https://a.example", "m3u_dir": "/m",
        "m3u_mode": "0640", "jellyfin_url": "http://nas:8096/", "jellyfin_token": "t",
        "jellyfin_user": "alice", "path_mappings": "/a=/b,/c=/d",
    }  # fmt: skip
    for name, value in values.items():
        monkeypatch.setenv(f"HARMONIE_{name.upper()}", value)
    settings = load_settings(of_before(tmp_path))
    assert (settings.workers, settings.scan.exclude) == (3, ("*.part", "*.tmp"))
    assert not settings.scan.on_startup
    assert not settings.scan.watch
    assert (settings.scan.max_load, settings.backup.keep) == (1.5, 3)
    assert (settings.http.host, settings.http.port) == ("0.0.0.0", 1)
    assert settings.secrets == ("hunter2", "t")
    assert (settings.m3u_folder, settings.m3u.file_mode) == (Path("/m"), 0o640)
    assert (settings.jellyfin.url, settings.jellyfin.user) == ("http://nas:8096", "alice")
    assert settings.jellyfin.path_mapping_pairs == (("/a", "/b"), ("/c", "/d"))


def test_the_environment_wins_under_either_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = write(tmp_path / "new.toml", "[scan]\nwatch = true")
    old = write(tmp_path / "old.toml", "watch = true")
    for name in ("HARMONIE_WATCH", "HARMONIE_SCAN_WATCH"):
        monkeypatch.setenv(name, "false")
        assert not load_settings(new).scan.watch
        assert not load_settings(old).scan.watch
        monkeypatch.setenv(name, "perhaps")
        said = name.removeprefix("HARMONIE_").lower()
        assert refusal(tmp_path).startswith(f"{name}: {said}='perhaps': should be true")
        monkeypatch.delenv(name)


def test_a_setting_under_both_names_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "are the same setting under two names; keep"
    message = refusal(tmp_path, "watch = true\n[scan]\nwatch = true")
    assert message == f"{tmp_path / 'under-test.toml'}: watch and scan.watch {words} scan.watch"
    monkeypatch.setenv("HARMONIE_WATCH", "true")
    monkeypatch.setenv("HARMONIE_SCAN_WATCH", "true")
    assert refusal(tmp_path) == (
        f"HARMONIE_WATCH and HARMONIE_SCAN_WATCH {words} HARMONIE_SCAN_WATCH"
    )


@pytest.mark.parametrize(
    "text",
    [
        'api_key = ["hunter2"]',
        '[http]\napi_key = ["hunter2"]',
        '[[http]]\napi_key = "hunter2"',
        '[jellyfin]\nurl = "http://nas"\ntoken = { value = "hunter2" }',
        'jellyfin = ["hunter2"]',
    ],
)
def test_a_secret_is_hidden_wherever_it_is(tmp_path: Path, text: str) -> None:
    message = refusal(tmp_path, text)
    assert "hunter2" not in message
    assert "(hidden)" in message


class ServerSettings(BaseModel):
    """A table of a capability to come."""

    password: SecretStr | None = None


class LaterSettings(Settings):
    """With secrets that today's program does not know."""

    servers: tuple[ServerSettings, ...] = ()
    keys: Mapping[str, SecretStr] = Field(default_factory=dict)


def test_secrets_are_found_by_their_type() -> None:
    settings = LaterSettings(
        api_key="one",
        servers=[{"password": "two"}, {}],
        keys={"gemini": "three"},
    )
    assert settings.secrets == ("one", "two", "three")


def test_a_clustering_is_weekly_and_takes_from_its_settings_what_it_does_not_say(
    tmp_path: Path,
) -> None:
    text = """
    [clustering]
    method = "gmm"
    max_songs_per_cluster = 50
    [[playlist]]
    name = "By itself"
    mode = "clustering"
    [[playlist]]
    name = "Its own"
    mode = "clustering"
    n = 30
    schedule = "0 3 1 * *"
    clustering = { method = "auto", seed = 7 }
    """
    by_itself, own = load_settings(write(tmp_path / "config.toml", text)).recipes
    assert by_itself.schedule == "45 4 * * mon"
    assert by_itself.clustering == ClusterRequest(
        method=ClusterMethod.GMM, max_songs_per_cluster=50
    )
    assert own.schedule == "0 3 1 * *"
    assert own.clustering == ClusterRequest(
        method=ClusterMethod.AUTO, max_songs_per_cluster=30, seed=7
    )


def test_the_settings_of_clusterings_are_those_of_a_request() -> None:
    assert load_settings().clustering.request() == ClusterRequest()
