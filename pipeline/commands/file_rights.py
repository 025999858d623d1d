"""What this program writes is for its own user and group: worklists hold names, the store who is in arrears.

The group keeps what the caller gives it: in a deployment steps and opener are two users of one group.
"""

from __future__ import annotations

import os

_OTHERS = 0o007


def close_to_others() -> None:
    """Let no file that this process or its children make be open to other users of the computer."""
    os.umask(os.umask(_OTHERS) | _OTHERS)
