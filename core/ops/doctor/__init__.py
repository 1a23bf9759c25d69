"""The doctor: examine this installation, say what is wrong and what to do, mend what is safe.

examinations (a table) ─▶ findings ─┬─▶ terminal, page, API: sentences in the reader's language
                                    ├─▶ fixes: only those that delete nothing of the user's
                                    └─▶ bundle: a zip for support, without contents and secrets
"""
