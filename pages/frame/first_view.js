// Draw the first view (first_view.py) before Streamlit runs. Its shadow trees are closed: nothing takes it for the page itself,
// which Streamlit draws under it. Links work; a press of a button would have no effect yet, so buttons take none.

(() => {
  const LONGEST_MS = 20_000;
  const STYLES = `
    :host { position: fixed; z-index: 999; inset: 0 auto auto 0; pointer-events: none; font: 400 1rem/1.6 var(--st-font); color: var(--st-text-color); }
    :host(.whole) { inset: 0; pointer-events: auto; background: var(--st-background-color); }
    .main { height: 100%; margin-inline-start: var(--castmind-rail); overflow: hidden auto; }
    .column {
      display: flex; flex-direction: column; gap: 1rem; box-sizing: border-box; max-width: 72rem; margin-inline: auto;
      padding: 1.4rem clamp(1rem, 3vw, 3rem) 6rem;
    }
    .part { min-width: 0; }
    .head { display: flex; align-items: center; justify-content: space-between; gap: 1rem; }
    h1 { margin: 0; padding: .25rem 0 .5rem; font: 500 var(--castmind-size-5)/1.2 var(--st-heading-font); }
    p { margin: 0; font-size: .875rem; opacity: .6; }
  `;
  const INSIDE = "a { pointer-events: auto; }";

  // For the dates of the next first view.
  document.cookie = `castmind_zone=${Intl.DateTimeFormat().resolvedOptions().timeZone}; path=/; max-age=31536000; samesite=lax`;

  const sheet = (text) => {
    const made = new CSSStyleSheet();
    made.replaceSync(text);
    return made;
  };

  const box = (className, ...children) => {
    const made = document.createElement("div");
    made.className = className;
    made.append(...children);
    return made;
  };

  class FirstView {
    constructor(data) {
      this.data = data;
      this.parts = [];
      this.inside = sheet(INSIDE);
      this.host = box("castmind-first");
      this.host.style.colorScheme = { light: "light", dark: "dark" }[this.theme()] ?? "light dark";
      for (const [name, [light, dark]] of Object.entries(data.colours)) this.host.style.setProperty(name, `light-dark(${light}, ${dark})`);
      for (const [name, value] of Object.entries(data.shapes)) this.host.style.setProperty(name, value);
      const root = this.host.attachShadow({ mode: "closed" });
      root.adoptedStyleSheets = [sheet(STYLES)];
      if (data.content) root.append(box("main", box("column", ...data.content.map((block) => this.block(block)))));
      root.append(this.part(data.frame));
      // The browser itself follows the links: there is no page yet that could turn to another one.
      root.addEventListener("click", (event) => event.stopPropagation(), { capture: true });
      this.host.classList.toggle("whole", Boolean(data.content));
      document.body.append(this.host);
      // What is under a whole view takes neither presses nor the focus.
      this.root = document.getElementById("root");
      this.root.inert = Boolean(data.content);
      // The ground on which Streamlit will draw its page.
      this.ground = document.documentElement.style;
      this.ground.colorScheme = this.host.style.colorScheme;
      this.ground.background = `light-dark(${data.colours["--st-background-color"]})`;
      // The page may stop with an error before it comes to that part.
      this.watcher = new MutationObserver(() => this.look());
      this.watcher.observe(document.body, { subtree: true, attributeFilter: ["data-test-script-state"] });
      this.timer = setTimeout(() => this.end(), LONGEST_MS);
    }

    theme() {
      try {
        return localStorage.getItem("castmind.theme");
      } catch {
        return null; // the browser forbids storage, so no theme was chosen
      }
    }

    block(block) {
      if (block.words) {
        const line = document.createElement("p");
        line.textContent = block.words;
        return line;
      }
      if (!block.heading) return this.part(block);
      const heading = document.createElement("h1");
      heading.textContent = block.heading;
      return box("head", heading, this.part(block));
    }

    part({ part, data }) {
      const place = box("part");
      const parentElement = place.attachShadow({ mode: "closed" });
      const given = { key: part, name: part, data: [data], parentElement, setStateValue() {}, setTriggerValue() {} };
      const cleanup = document.castmindParts[part](given);
      parentElement.adoptedStyleSheets = [...parentElement.adoptedStyleSheets, this.inside];
      for (const control of parentElement.querySelectorAll("button, input")) control.inert = true;
      const skip = parentElement.querySelector("[data-testid=skip]");
      if (skip) skip.inert = true;
      for (const row of parentElement.querySelectorAll("li[tabindex]")) row.removeAttribute("tabindex");
      this.parts.push({ parentElement, cleanup });
      return place;
    }

    // A part was mounted, by Streamlit unless it is one of these.
    mounted(part, { parentElement }) {
      if (part === this.data.until && !this.parts.some((each) => each.parentElement === parentElement)) this.end();
    }

    // The link that had the focus has it in the page as well.
    focusSame({ href }) {
      const roots = [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")].map((host) => host.shadowRoot);
      roots.flatMap((root) => [...root.querySelectorAll("a")]).find((link) => link.href === href)?.focus();
    }

    look() {
      const state = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState;
      if (state === "running") this.ran = true;
      else if (this.ran && state === "notRunning") setTimeout(() => this.end(), 200);
    }

    end() {
      if (document.castmindFirst !== this) return;
      document.castmindFirst = null;
      clearTimeout(this.timer);
      this.watcher.disconnect();
      const held = this.parts.map(({ parentElement }) => parentElement.activeElement).find(Boolean);
      this.host.remove();
      this.root.inert = false;
      if (held) this.focusSame(held);
      this.ground.background = this.ground.colorScheme = "";
      for (const { cleanup } of this.parts) cleanup?.();
    }
  }

  const given = document.getElementById("castmind-first").textContent;
  if (given) {
    document.castmindFirst = null;
    const view = (document.castmindFirst = new FirstView(JSON.parse(given)));
    // The frame after the one that shows it.
    requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("castmind-first-view", { detail: view.data.content ? "library" : "rail" })));
  }
})();
