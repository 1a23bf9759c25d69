// Icons of the places, drawn with strokes in a 24 × 24 square.

const STROKES = {
  library: "M5 4v16M10 4v16M15 4.5 19.5 20",
  feeds: "M12 10.5a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4zM12 15v6M7.6 16.3a5.8 5.8 0 1 1 8.8 0M4.9 18.6a9.6 9.6 0 1 1 14.2 0",
  search: "M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.8 15.8 20.5 20.5",
  highlights: "M4 20.5h16M8 16.5l-2-2L15.5 5l3.5 3.5-9 9.5zM13 7.5l3.5 3.5",
  queue: "M4 6h16M4 11.5h10M4 17h6M14.5 14v6.5l5.5-3.2z",
  settings: "M4 8h9M17.5 8H20M4 16h2.5M11 16h9M15.2 5.6a2.3 2.3 0 1 0 0 4.7 2.3 2.3 0 0 0 0-4.7zM8.8 13.6a2.3 2.3 0 1 0 0 4.7 2.3 2.3 0 0 0 0-4.7z",
  status: "M3 12.5h4l2.6-7 4.6 13 2.8-6h4",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
};

const MARK = "M4 10v4M8 6v12M12 3v18M16 8v8M20 10v4";

const stroked = (path, className = "stroked") => {
  const made = icon(path);
  made.setAttribute("class", className);
  return made;
};
