from __future__ import annotations

import re
from pathlib import Path

from core.domain.notify.delivery import DeliveryState
from core.store.migrations.notify import notifications


def test_the_database_takes_these_states_and_no_other() -> None:
    (said,) = re.findall(r"CHECK \(state IN \(([^)]*)\)\)", Path(notifications.__file__).read_text(encoding="utf-8"))
    assert set(re.findall(r"'(\w+)'", said)) == {state.value for state in DeliveryState}
