// The steps of the first run: a number or a tick, what was found, and the button or the page that mends it.

const TICK = "M9 16.2 4.8 12l-1.4 1.4L9 19 21 7l-1.4-1.4z";

const stepOf = ({ name, title, state, lines, href, pull }, number, text, setTriggerValue) => {
  const sign = element("span", { className: `sign ${state}`, "aria-hidden": "true" }, state === "ok" ? icon(TICK) : document.createTextNode(String(number)));
  const facts = lines.map((line) => element("p", { className: line.state ?? "" }, line.name ? element("b", { textContent: `${line.name} ` }) : null, line.words));
  const link = href ? element("a", { href, textContent: text.change, "aria-label": `${text.change}: ${title}`, onclick: (event) => follow(event, href) }) : null;
  const button = pull ? element("button", { type: "button", className: "main", textContent: pull, testid: "setup-pull", onclick: () => setTriggerValue("pull", true) }) : null;
  const head = element("div", { className: "head" }, element("h2", { textContent: title }), link);
  return element("li", { testid: `step-${name}` }, sign, element("div", { className: "words" }, head, ...facts, button));
};

export default function mount({ data: [data], parentElement, setTriggerValue }) {
  const { steps, open, text } = data;
  const before = parentElement.querySelector("details");
  const shown = JSON.stringify(data);
  if (before?.dataset.shown === shown) return;
  const hide = element("button", { type: "button", textContent: text.dismiss, testid: "setup-dismiss", onclick: () => setTriggerValue("dismiss", true) });
  const summary = element("summary", {}, element("span", { className: "title", textContent: text.title }), element("span", { className: "done", textContent: text.done }));
  const list = element("ol", {}, ...steps.map((step, index) => stepOf(step, index + 1, text, setTriggerValue)));
  const card = element("details", { open: before ? before.open : open, testid: "first-steps" }, summary, element("p", { className: "body", textContent: text.body }), list, element("p", { className: "end" }, hide));
  card.dataset.shown = shown;
  const focused = parentElement.getRootNode().activeElement;
  const again = focused?.dataset?.testid ?? (focused?.localName === "summary" ? "summary" : null);
  before?.remove();
  parentElement.append(card);
  if (again) (again === "summary" ? summary : card.querySelector(`[data-testid="${again}"]`))?.focus();
}
