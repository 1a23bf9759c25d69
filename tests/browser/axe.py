"""axe-core in a page: barriers for screen readers and for people with low vision.

    complaints(page) ─▶ axe.run, shadow trees included ─▶ findings of every level, except those of Streamlit itself

axe-core comes with the package axe-playwright-python, pinned like all others: tests download nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from playwright.sync_api import Page

SOURCE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Foreign:
    """A finding in Streamlit's own elements, which this project cannot fix: a rule, within elements of a selector."""

    rule: str
    selector: str
    reason: str


STREAMLITS = (
    Foreign("color-contrast", "label[disabled]", "faint as the disabled field that it names, in which axe sees no field"),
    Foreign(
        "presentation-role-conflict",
        "[data-testid=stFileUploaderDropzone]",
        "the place to drop a file has a name and a role that has none; the button within is what is heard",
    ),
    Foreign("aria-dialog-name", "[data-testid=stToast]", "a short message, which is said as it comes"),
)

# Rules that depend on colours. All others check the structure, which is equal in both themes.
COLOURS = ("color-contrast", "link-in-text-block")

RUN = """async ([known, rules]) => {
    const only = rules.length ? { runOnly: { type: 'rule', values: rules } } : {};
    const { violations } = await axe.run(document, { resultTypes: ['violations'], elementRef: true, ...only });
    const foreign = (rule, node) => known.some(([id, selector]) => id === rule && node.element?.closest(selector));
    return violations
        .flatMap(({ id, impact, nodes }) => nodes.filter((node) => !foreign(id, node)).map((node) => {
            const wrong = [...node.any, ...node.all, ...node.none].map(({ message }) => message);
            return `${id} (${impact}): ${node.html.slice(0, 200)}: ${wrong.join('; ')}`;
        }));
}"""


def complaints(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """Return one line per finding of the given rules, or of all: rule, element, fault. Waits until the page is drawn, because
    buttons are faint until then.
    """
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_function("() => !document.castmindFirst")
    if not page.evaluate("'axe' in window"):
        page.evaluate(SOURCE)
    # A rerun may begin during the check: fragments that follow the queue rerun every two seconds.
    page.add_style_tag(content="[data-stale] { opacity: 1 !important; transition: none !important; }")
    # Finish transitions, so that colours are measured at their end; endless animations have no end to jump to.
    page.evaluate(
        """() => document.getAnimations()
            .filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity)
            .forEach((animation) => animation.finish())"""
    )
    found: list[str] = page.evaluate(RUN, [[[known.rule, known.selector] for known in STREAMLITS], list(rules)])
    return found
