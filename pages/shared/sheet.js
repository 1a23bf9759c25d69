// A sheet over the page: a dialog with a title, closed by Escape and by a press beside it.

const sheet = (testid, title, ...parts) => {
  const root = element("dialog", { testid, className: "sheet", "aria-labelledby": title.id }, element("div", {}, title, ...parts));
  root.onclick = (event) => {
    if (event.target === root) root.close();
  };
  // The page has keys of its own.
  root.onkeydown = (event) => event.stopPropagation();
  return root;
};
