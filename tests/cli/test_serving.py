"""`qlmodels up` raises its limit of open files, and says so."""

import subprocess
import sys

import pytest

RAISED = "from qlmodels.cli.serving import raise_open_files; raise_open_files()"
FILES = "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ("ulimit -Sn 5000; ulimit -Hn 9000", ["5000"]),
        (
            "ulimit -Sn 300; ulimit -Hn 9000",
            ["Raised the limit of open files from 300 to 4096.", "4096"],
        ),
        (
            "ulimit -Sn 300; ulimit -Hn 1000",
            [
                "Raised the limit of open files from 300 to 1000.",
                "This system allows 1000 open files, and each browser takes some. Raise the limit"
                " for many users: `ulimit -Hn 4096`.",
                "1000",
            ],
        ),
    ],
)
def test_open_files_are_raised_as_far_as_the_system_allows(limits: str, said: list[str]) -> None:
    command = ["sh", "-c", f'{limits}; exec "$0" -c "$1"', sys.executable, f"{RAISED}; {FILES}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == said
