// The height that bars of sound cover at the foot of the window, as --castmind-foot: messages, the tray and the end of a page
// keep clear of it. Each bar tells its own height, 0 while it is hidden or elsewhere.

const keepFoot = (bar, pixels) => {
  const heights = (window.castmindFoot ??= new Map());
  if (pixels) heights.set(bar, pixels);
  else heights.delete(bar);
  const { style } = document.documentElement;
  if (heights.size) style.setProperty("--castmind-foot", `${Math.max(...heights.values())}px`);
  else style.removeProperty("--castmind-foot");
};
