"""Which weights there are: the published files of each embedding model that needs some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from harmonie_daemon.domain.errors import ModelError

EFFNET_MODEL = "discogs-effnet-bs64-1"
DEFAULT_URL = "https://essentia.upf.edu/models"
"""Where the Music Technology Group publishes its models; a mirror keeps its folders."""
NON_COMMERCIAL = "CC BY-NC-SA 4.0: not for commercial use"


class Role(StrEnum):
    """What a file is for."""

    BACKBONE = "backbone"
    HEAD = "genre head"


@dataclass(frozen=True, slots=True)
class WeightFile:
    """One published file, or one that people make of it."""

    name: str
    folder: str | None = None
    """Below the source address; ``None`` for conversions, which nobody publishes."""
    about_bytes: int = 0
    """Its size as people see it, for the progress bar; the exact one is the server's to say."""
    sha256: str | None = None
    """``None`` where no published checksum is known."""
    must_contain: frozenset[str] = frozenset()
    """Names of nodes (.pb) by which the file is recognised."""
    must_hold: tuple[int, ...] = ()
    """The shape of a tensor by which it is recognised, in any order."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of the networks that a model is made of, in every file format that will do."""

    role: Role
    files: tuple[WeightFile, ...]
    """The best one first; that is the one which is downloaded."""

    @property
    def preferred(self) -> WeightFile:
        """The file to download."""
        return self.files[0]

    def present(self, folder: Path) -> Path:
        """The best file that is there; ``ModelError`` if none is."""
        for file in self.files:
            if (folder / file.name).is_file():
                return folder / file.name
        raise ModelError(f"{self.preferred.name} is not in {folder}")


@dataclass(frozen=True, slots=True)
class Weights:
    """What an embedding model needs."""

    model: str
    """Its name in the store."""
    dim: int
    parts: tuple[Part, ...]
    licence: str
    about: str
    """Where its authors describe it."""

    @property
    def download_bytes(self) -> int:
        """About how much is fetched."""
        return sum(part.preferred.about_bytes for part in self.parts)

    def file(self, name: str) -> tuple[Part, WeightFile] | None:
        """The file of that name, and what it is for."""
        for part in self.parts:
            for file in part.files:
                if file.name == name:
                    return part, file
        return None


_EFFNET_NODES = frozenset({"serving_default_melspectrogram", "PartitionedCall"})
_BACKBONE = Part(
    Role.BACKBONE,
    (
        WeightFile(
            "discogs-effnet-bsdynamic-1.onnx",
            folder="feature-extractors/discogs-effnet",
            about_bytes=18_000_000,
            # not from the publisher, who gives none: three independent projects pin this one
            sha256="a280825b334797cf677939db8cd5762c0392aedd0ca6415dbc1cd083f045e43c",
        ),
        WeightFile("discogs-effnet-bs64-1.onnx", about_bytes=16_000_000),
        WeightFile(
            "discogs-effnet-bs64-1.pb",
            folder="feature-extractors/discogs-effnet",
            about_bytes=18_000_000,
            must_contain=_EFFNET_NODES,
        ),
    ),
)
_HEAD_LAYER = (1280, 400)
_HEAD = Part(
    Role.HEAD,
    (
        WeightFile(
            "genre_discogs400-discogs-effnet-1.pb",
            folder="classification-heads/genre_discogs400",
            about_bytes=2_050_000,
            must_hold=_HEAD_LAYER,
        ),
        WeightFile(
            "genre_discogs400-discogs-effnet-1.onnx",
            about_bytes=2_050_000,
            must_hold=_HEAD_LAYER,
        ),
    ),
)

REGISTRY: Mapping[str, Weights] = {
    EFFNET_MODEL: Weights(
        model=EFFNET_MODEL,
        dim=1280,
        parts=(_BACKBONE, _HEAD),
        licence=NON_COMMERCIAL,
        about="https://essentia.upf.edu/models.html#discogs-effnet",
    )
}
"""Embedding model to its weights. The built-in model needs none and is not here."""


def weights_of(model: str) -> Weights:
    """The entry of that name; ``ModelError`` names those there are."""
    try:
        return REGISTRY[model]
    except KeyError:
        known = ", ".join(REGISTRY)
        raise ModelError(
            f"no weights are known for {model!r}; there are those of {known}"
        ) from None
