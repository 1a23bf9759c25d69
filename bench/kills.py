"""Kill CastMind a thousand times with `kill -9`: `make test-kills KILLS=1000`, resumable.

batch: an empty library ─▶ BATCH × (an episode is asked for, half an upload ─▶ a random moment of a stage ─▶ kill -9 ─▶ start)
       ─▶ each episode is done once, with its words, notes and file; no leftovers; the database is intact ─▶ a row in kills.csv

A run that is broken off goes on after the last whole batch. A batch that fails ends the run, and its folder is kept.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
import time
from pathlib import Path

from tests.fakes.ollama import FakeOllama
from tests.fakes.podcast_host import PodcastHost
from tests.kills import kill_again_and_again, settings
from tests.running import RunningApp
from tests.warm_parent import PARENT

BATCH = 20
SEED = 20261201
NAMES = ("seed", "kills", "seconds")


def rows(path: Path) -> list[dict[str, str]]:
    """Return the whole batches so far."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if all(row.get(name) for name in NAMES)]


def run(folder: Path, kills: int, *, batch: int = BATCH) -> int:
    """Kill until `kills` are in the folder's kills.csv; return how many are."""
    folder.mkdir(parents=True, exist_ok=True)
    ledger = folder / "kills.csv"
    done = sum(int(row["kills"]) for row in rows(ledger))
    while done < kills:
        seed, count, began = SEED + done, min(batch, kills - done), time.monotonic()
        data = folder / "library"
        shutil.rmtree(data, ignore_errors=True)
        (folder / "library.log").unlink(missing_ok=True)
        with FakeOllama() as ollama, PodcastHost() as host:
            ollama.behave(delay=0.2)
            with RunningApp(data, **settings(ollama)) as app:
                kill_again_and_again(app, host, count, seed=seed)
        new = not ledger.exists()
        with ledger.open("a", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(NAMES)
            writer.writerow([seed, count, round(time.monotonic() - began)])
        done += count
        print(f"{done} of {kills} kills: 0 lost, 0 doubled", flush=True)
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--folder", type=Path, default=Path("artifacts/kills"), help="the library, and what was done so far")
    asked = parser.parse_args()
    RunningApp.parent = PARENT
    run(asked.folder.resolve(), asked.kills)


if __name__ == "__main__":
    sys.exit(main())
