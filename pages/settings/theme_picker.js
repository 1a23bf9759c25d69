// A choice of the theme: as the system, light, dark.

export default function mount({ data: [data], parentElement }) {
  const { themes, text } = data;
  const options = themes.map((name) => {
    const box = element("input", { type: "radio", name: "theme", value: name, checked: name === theme(), testid: `theme-${name}` });
    box.onchange = () => setTheme(name);
    return element("label", {}, box, element("span", { textContent: text[name] }));
  });
  parentElement.querySelector("fieldset")?.remove();
  parentElement.append(element("fieldset", {}, element("legend", { textContent: text.label }), element("div", { className: "options" }, ...options)));
}
