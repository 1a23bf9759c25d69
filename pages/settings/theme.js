// The theme of this browser. Streamlit reads it when a page is loaded, from a key of its own for each address.

const ADDRESSES = ["/", "/library", "/search", "/queue", "/feeds", "/settings", "/status", "/episode"];
const KEPT_AS = { light: "Light", dark: "Dark" };

const keep = (theme) => {
  remember("theme", theme);
  for (const address of ADDRESSES) {
    const key = `stActiveTheme-${address}-v2`;
    if (KEPT_AS[theme]) localStorage.setItem(key, JSON.stringify(KEPT_AS[theme]));
    else localStorage.removeItem(key);
  }
  location.reload();
};

export default function mount({ data: [data], parentElement }) {
  const { themes, text } = data;
  const chosen = remembered("theme") ?? "system";
  const options = themes.map((theme) => {
    const box = element("input", { type: "radio", name: "theme", value: theme, checked: theme === chosen, testid: `theme-${theme}` });
    box.onchange = () => keep(theme);
    return element("label", {}, box, element("span", { textContent: text[theme] }));
  });
  const group = element("fieldset", {}, element("legend", { textContent: text.label }), element("div", { className: "options" }, ...options));
  parentElement.querySelector("fieldset")?.remove();
  parentElement.append(group);
}
