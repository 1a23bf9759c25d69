from __future__ import annotations

from core.ops.replica.lag import Lag, ReplicaLag
from core.ops.replica.litestream import LitestreamAway, SyncState


class Told:
    """What Litestream tells next; an error is raised."""

    def __init__(self) -> None:
        self.next: SyncState | LitestreamAway = SyncState(None, None)

    def __call__(self) -> SyncState:
        if isinstance(self.next, LitestreamAway):
            raise self.next
        return self.next


def test_it_is_the_age_of_the_older_of_the_last_copy_and_the_last_arrival() -> None:
    told = Told()
    one = ReplicaLag(told, 100.0)
    told.next = SyncState(copied_at=149.0, arrived_at=148.0)
    assert one.look(150.0) == Lag(2.0)
    told.next = SyncState(copied_at=155.0, arrived_at=180.0)
    assert one.look(180.0) == Lag(25.0)


def test_before_the_first_success_it_counts_from_the_start() -> None:
    assert ReplicaLag(Told(), 100.0).look(110.0) == Lag(10.0)


def test_it_grows_while_litestream_is_away_or_cannot_copy_and_says_why() -> None:
    told = Told()
    one = ReplicaLag(told, 100.0)
    told.next = SyncState(149.0, 149.0)
    one.look(150.0)
    told.next = LitestreamAway("no connection")
    assert one.look(160.0) == Lag(11.0, "no connection")
    # All that was copied has arrived, and nothing is copied.
    told.next = SyncState(None, 170.0, "disk I/O error")
    assert one.look(170.0) == Lag(21.0, "disk I/O error")
    told.next = SyncState(171.0, 171.0)
    assert one.look(171.0) == Lag(0.0)


def test_a_copy_under_way_does_not_age_what_was_known() -> None:
    told = Told()
    one = ReplicaLag(told, 100.0)
    told.next = SyncState(149.0, 149.0)
    one.look(150.0)
    told.next = SyncState(None, 150.0)
    assert one.look(151.0) == Lag(2.0)


def test_a_clock_that_was_set_back_gives_no_lag_below_zero() -> None:
    told = Told()
    told.next = SyncState(149.0, 149.0)
    assert ReplicaLag(told, 100.0).look(120.0) == Lag(0.0)
