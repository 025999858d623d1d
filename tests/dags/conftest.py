"""Airflow reads its settings at its first import: they are set here, on a folder of this test process alone."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

from pipeline.commands.practising.airflow_processes import DAGS, airflow_environment

AIRFLOW_HOME = Path(tempfile.mkdtemp(prefix="samenloop-airflow-"))
atexit.register(shutil.rmtree, AIRFLOW_HOME, ignore_errors=True)
os.environ.update(
    {name: value for name, value in airflow_environment(AIRFLOW_HOME, []).items() if name.startswith("AIRFLOW")}
)
sys.path.insert(0, str(DAGS))
