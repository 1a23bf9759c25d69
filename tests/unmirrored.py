"""The modules of core/ and pages/ that have no test file of their own name, each with its reason.

    core/x/y.py, pages/x/y.py ─▶ tests/x/test_y.py, tests/pages/x/test_y.py        tests/test_house.py compares

The list only shrinks: a module that gets its own test file leaves it, and COUNT falls with it.
"""

from __future__ import annotations

COUNT = 46

_VALUES = "dataclasses, enums and constants: nothing in it decides"
_ERRORS = "classes of errors, their codes and sentences; tests/errors/test_tree.py holds what is common to them"

# Folders of which every module is shown in the same way.
FOLDERS = {"core/store/migrations/": "tests/store/test_migrations.py runs each step of the schema from every earlier one"}

WITHOUT_BEHAVIOUR: dict[str, str] = {
    "core/app/listeners.py": "a table; tests/test_published_events.py and those of the listeners show its rows",
    "core/api/accounts/accounts.py": "tests are on their way",
    "core/api/accounts/audit.py": "tests are on their way",
    "core/api/accounts/sign_in.py": "tests are on their way",
    "core/api/gate/client_address.py": "tests are on their way",
    "core/api/gate/open_pages.py": "tests are on their way",
    "core/api/gate/request_gate.py": "tests are on their way",
    "core/api/server/plain_form.py": "tests are on their way",
    "core/app/rights.py": "tests are on their way",
    "core/cli/password.py": "tests are on their way",
    "core/ops/console_token.py": "tests are on their way",
    "core/services/accounts/accounts.py": "tests are on their way",
    "core/services/accounts/audit.py": "tests are on their way",
    "core/services/accounts/front_door.py": "tests are on their way",
    "core/services/accounts/sessions.py": "tests are on their way",
    "core/services/accounts/sign_in.py": "tests are on their way",
    "pages/plain/plain_page.py": "tests are on their way",
    "pages/settings/own_account.py": "tests are on their way",
    "pages/settings/people.py": "tests are on their way",
    "pages/sign_in/page.py": "tests are on their way",
    "core/api/asking.py": "reads the actor that the gate found",
    "core/api/services.py": "a protocol",
    "core/domain/accounts/actor.py": _VALUES,
    "core/domain/accounts/audit.py": _VALUES,
    "core/domain/accounts/entry_form.py": _VALUES,
    "core/domain/accounts/visit.py": _VALUES,
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
