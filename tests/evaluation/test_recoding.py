"""What is said of tracks that no codec could be tried with."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np

from harmonie_daemon.evaluation.collection import Collection
from harmonie_daemon.evaluation.recoding import codec_reports
from harmonie_daemon.evaluation.run import Means, Run
from tests.analysis.sounds import music, write
from tests.evaluation.factories import subject, unit_rows


async def test_a_track_that_cannot_be_encoded_is_named_with_the_reason(tmp_path: Path) -> None:
    write(tmp_path / "fine.wav", np.stack([music(8.0)] * 2, axis=1))
    (tmp_path / "junk.ogg").write_bytes(b"OggS" + bytes(5_000))
    subjects = [subject(name) for name in ("fine.wav", "junk.ogg")]
    here = [replace(one, file=replace(one.file, root=str(tmp_path))) for one in subjects]
    library = Collection(tuple(here), {"timbre316-2": unit_rows(2, 316)})
    means = Means(tmp_path / "h.db", tmp_path, 2, lambda _: nullcontext(lambda done, total: None))
    run = Run(means, seed=1)
    reports = await codec_reports(library, 2, run)
    assert len(reports) == len(run.notes) == 4
    for note in run.notes:
        assert "1 of 2 tracks could not be encoded as " in note
        assert f"{tmp_path / 'junk.ogg'}: cannot be encoded as " in note
