"""The modules of core/ and pages/ that have no test file of their own name, each with its reason.

    core/x/y.py, pages/x/y.py ─▶ tests/x/test_y.py, tests/pages/x/test_y.py        tests/test_house.py compares

The list only shrinks: a module that gets its own test file leaves it, and COUNT falls with it.
"""

from __future__ import annotations

COUNT = 26

_VALUES = "dataclasses, enums and constants: nothing in it decides"
_ERRORS = "classes of errors, their codes and sentences; tests/errors/test_tree.py holds what is common to them"

# Folders of which every module is shown in the same way.
FOLDERS = {"core/store/migrations/": "tests/store/test_migrations.py runs each step of the schema from every earlier one"}

WITHOUT_BEHAVIOUR: dict[str, str] = {
    "core/app/listeners.py": "a table; tests/test_published_events.py and those of the listeners show its rows",
    "core/api/asking.py": "reads the actor that the gate found",
    "core/api/services.py": "a protocol",
    "core/domain/accounts/actor.py": _VALUES,
    "core/domain/accounts/audit.py": _VALUES,
    "core/domain/accounts/entry_form.py": _VALUES,
    "core/domain/episodes/export_form.py": _VALUES,
    "core/domain/episodes/reading_state.py": _VALUES,
    "core/domain/episodes/tag.py": _VALUES,
    "core/domain/episodes/touched_kind.py": _VALUES,
    "core/domain/jobs/gpu_line.py": _VALUES,
    "core/domain/jobs/worker_status.py": _VALUES,
    "core/domain/transcripts/annotation.py": _VALUES,
    "core/errors/access.py": _ERRORS,
    "core/errors/accounts.py": _ERRORS,
    "core/errors/backups.py": _ERRORS,
    "core/errors/feeds.py": _ERRORS,
    "core/errors/jobs.py": _ERRORS,
    "core/errors/media.py": _ERRORS,
    "core/errors/net.py": _ERRORS,
    "core/errors/notes.py": _ERRORS,
    "core/errors/speech.py": _ERRORS,
    "core/errors/store.py": _ERRORS,
    "core/pipeline/executor.py": "a protocol, and a call",
    "pages/text/spoken_languages.py": "a table of languages",
    "pages/visitor.py": "finds the reader by a cookie, and reads two headers",
}

# Shown by the tests of another module, or of a whole page in a browser.
SHOWN_BY: dict[str, str] = {}
