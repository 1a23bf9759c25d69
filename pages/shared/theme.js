// The theme of this browser. Streamlit reads it when a page is loaded, from a key of its own for each address.

const THEMED = ["/", "/library", "/search", "/queue", "/feeds", "/highlights", "/settings", "/status", "/show", "/episode"];
const KEPT_AS = { light: "Light", dark: "Dark" };

const theme = () => remembered("theme") ?? "system";

// Keep `light`, `dark` or `system`, and load the page anew with it.
const setTheme = (chosen) => {
  remember("theme", chosen);
  for (const address of THEMED) {
    const key = `stActiveTheme-${address}-v2`;
    if (KEPT_AS[chosen]) localStorage.setItem(key, JSON.stringify(KEPT_AS[chosen]));
    else localStorage.removeItem(key);
  }
  location.reload();
};
