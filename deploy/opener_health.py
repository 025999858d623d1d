"""Health of the opener's container: exit 0 when an opener serves this store, 1 when none does."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from pipeline.commands.homes import homes_by_gemeente
from pipeline.commands.opener import is_alive
from pipeline.commands.wiring import Home, home_path, open_store, utc_text

[(gemeente, path)] = homes_by_gemeente([home_path(None)]).items()
store = open_store(Home(path), gemeente)
sys.exit(0 if is_alive(store, utc_text(datetime.now(UTC))) else 1)
