"""A process that upgrades the data of a home to the preferred major version."""

import sys
from pathlib import Path

from qlmodels.embedded import EmbeddedServer, find_binaries

with EmbeddedServer(Path(sys.argv[1]), durable=False, binaries=find_binaries(), upgrade=True):
    pass
