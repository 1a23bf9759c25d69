// A choice among models: radio cards, those of second rank folded, and a field for a model that is not listed.

const card = ({ value, name, facts, note, marks, quality = 0, quality_name: qualityName = "", pull }, { chosen, locked, groupName, choose, download }) => {
  const box = element("input", { type: "radio", name: groupName, value, checked: value === chosen, disabled: locked || Boolean(pull), testid: `model-${value || "auto"}` });
  box.onchange = () => choose(value);
  const dots = quality ? element("span", { className: "quality", title: qualityName, "aria-hidden": "true" }, ...[1, 2, 3, 4, 5].map((n) => element("i", { className: n <= quality ? "on" : "" }))) : null;
  const title = element("span", { className: "title" }, element("b", { textContent: name }), dots, ...marks.map((mark) => element("span", { className: "mark", textContent: mark })));
  const line = facts.filter(Boolean).join(" · ");
  const words = element("span", { className: "words" }, title, line ? element("span", { className: "facts", textContent: line }) : null, note ? element("span", { className: "note", textContent: note }) : null);
  const label = element("label", { className: pull ? "card absent" : "card" }, box, words);
  if (!pull) return label;
  const button = element("button", { type: "button", textContent: pull, testid: `pull-${value}`, onclick: () => download(value) });
  label.append(button);
  return label;
};

export default function mount({ data: [data], parentElement, setTriggerValue }) {
  const { options, chosen, locked, text } = data;
  const opened = parentElement.querySelector("details")?.open ?? false;
  const groupName = `models-${Math.random().toString(36).slice(2)}`;
  const hooks = { chosen, locked, groupName, choose: (value) => setTriggerValue("chosen", value || "auto"), download: (value) => setTriggerValue("pull", value) };
  const shown = options.filter((option) => !option.folded || option.value === chosen);
  const folded = options.filter((option) => option.folded && option.value !== chosen);
  const listed = options.some((option) => option.value === chosen);
  const field = element("input", { type: "text", className: "field", placeholder: text.other_example, value: listed ? "" : chosen, disabled: locked, "aria-label": text.other, testid: "model-other" });
  const use = element("button", { type: "submit", textContent: text.other_use, disabled: locked });
  const form = element("form", { className: "other" }, element("span", { className: "facts", textContent: text.other }), element("span", { className: "line" }, field, use));
  form.onsubmit = (event) => {
    event.preventDefault();
    if (field.value.trim()) hooks.choose(field.value.trim());
  };
  const more = element("details", { open: opened || !listed }, element("summary", { textContent: text.more }), ...folded.map((option) => card(option, hooks)), form);
  const focused = parentElement.activeElement ?? parentElement.getRootNode().activeElement;
  const again = focused?.type === "radio" ? focused.value : null;
  parentElement.querySelector("fieldset")?.remove();
  const group = element("fieldset", {}, element("legend", { textContent: text.label }), ...shown.map((option) => card(option, hooks)), more);
  parentElement.append(group);
  if (again !== null) [...group.querySelectorAll("input[type=radio]")].find((box) => box.value === again)?.focus();
}
