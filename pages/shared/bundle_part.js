// One part of the bundle (component_source.py). PART, STYLES and SOURCE are filled in: a key, a text, a component's own script.
// It is made at its first mount, and its styles are parsed once for all places where it is mounted.

(document.castmindParts ??= {})[PART] = (() => {
  const make = () => {
    SOURCE
  };
  let mount, sheet;
  return (given) => {
    if (!mount) {
      mount = make();
      sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLES);
    }
    const root = given.parentElement;
    if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    const cleanup = mount(given);
    document.castmindFirst?.mounted(PART, given);
    return cleanup;
  };
})();
