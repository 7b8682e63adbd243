"""What is to be reached, one part a file; each measures it and compares."""

from benchmarks.bench import Part
from benchmarks.goals.audit import audit
from benchmarks.goals.batches import batches
from benchmarks.goals.floor import floor
from benchmarks.goals.growth import growth
from benchmarks.goals.learning import learning
from benchmarks.goals.lookups import lookups
from benchmarks.goals.recording import recording
from benchmarks.goals.replay import replay
from benchmarks.goals.sessions import sessions
from benchmarks.goals.storage import storage
from benchmarks.goals.upserts import upserts
from benchmarks.goals.views import views
from benchmarks.goals.wal import wal

PARTS: dict[str, Part] = {
    part.__name__: part
    for part in (
        upserts,
        floor,
        batches,
        lookups,
        learning,
        sessions,
        wal,
        growth,
        audit,
        storage,
        recording,
        views,
        replay,
    )
}
"""In the order in which they run: those that add many rows come last."""
