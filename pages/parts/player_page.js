// Small pieces of the page. Foreign text enters through `textContent` only.

const element = (tag, { testid, ...properties } = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("aria-") || name === "role" || name === "lang") made.setAttribute(name, value);
    else made[name] = value;
  }
  if (testid) made.dataset.testid = testid;
  made.append(...children.filter((child) => child !== null));
  return made;
};

const icon = (path) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
};

const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  return whole >= 3600 ? `${Math.floor(whole / 3600)}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
};

// Storage may be forbidden by the browser: then positions and speeds are not remembered, and nothing else changes.
const remembered = (name) => {
  try {
    return localStorage.getItem(`castmind.${name}`);
  } catch {
    return null;
  }
};

const remember = (name, value) => {
  try {
    localStorage.setItem(`castmind.${name}`, String(value));
  } catch {
    return;
  }
};
