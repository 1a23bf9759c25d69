// The keys of the list, while one of its rows has the focus. The inbox has keys of its own before these (inbox.js).

const keyOf = (list, made, onRow, event) => {
  const { row } = made;
  const there = !row.deleted;
  const tick = () => list.tick(row.id, !list.ticked.has(row.id), event);
  return {
    ArrowDown: () => list.step(1),
    j: () => list.step(1),
    ArrowUp: () => list.step(-1),
    k: () => list.step(-1),
    x: tick,
    X: tick,
    s: () => there && list.act(row.starred ? "unstar" : "star", [row.id]),
    r: () => there && list.act(row.unread ? "read" : "mark_unread", [row.id]),
    p: () => list.play(row),
    Delete: () => there && list.act("delete", [row.id]),
    Escape: list.choosing ? () => list.setChoosing(false) : null,
    Enter: onRow ? () => goTo(row.href) : null,
  }[event.key];
};
