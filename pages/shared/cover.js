// An episode's cover: its picture, over a square with an initial while there is none. Needs {initial, hue, cover}.

const cover = (row) => {
  const made = element("span", { className: "cover", "aria-hidden": "true", textContent: row.initial });
  made.style.setProperty("--hue", String(row.hue));
  if (row.cover) {
    const picture = element("img", { src: row.cover, alt: "", loading: "lazy", decoding: "async" });
    picture.onerror = () => picture.remove();
    made.append(picture);
  }
  return made;
};
