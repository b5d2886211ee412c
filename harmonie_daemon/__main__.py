"""``python -m harmonie_daemon`` is ``harmonie``."""

import sys

INTERRUPTED = 130
"""As ``cli.exits`` has it, which is not loaded yet."""


def main() -> int:
    """Load the commands, which takes a second or two, and run one; Ctrl-C is no traceback."""
    try:
        from harmonie_daemon import cli  # noqa: PLC0415 - an interruption of this is caught
    except KeyboardInterrupt:
        return INTERRUPTED
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
