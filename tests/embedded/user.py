"""A process that uses the embedded server: tells on its standard output what it got, and
leaves when its standard input ends."""

import json
import sys
from pathlib import Path

from qlmodels.embedded import EmbeddedServer
from qlmodels.errors import QLModelsError


def main() -> None:
    home = Path(sys.argv[1])
    try:
        with EmbeddedServer(home, durable=False) as server:
            pid = int((home / "data" / "postmaster.pid").read_text().split()[0])
            print(json.dumps({"port": server.port, "pid": pid}), flush=True)  # noqa: T201
            sys.stdin.read()
    except QLModelsError as error:
        sys.exit(str(error))


main()
