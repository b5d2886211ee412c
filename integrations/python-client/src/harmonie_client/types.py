"""The public names of what is sent and answered."""

from harmonie_client.generated.types import *  # noqa: F403
