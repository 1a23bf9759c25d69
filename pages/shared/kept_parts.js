// Parts of a card or row; each part is rebuilt only when its own data changed.
//
//   [name, data, build] … ─▶ show ─▶ parts with unchanged data stay in place; others are built, replaced, removed
//
// A button that is replaced between press and release gets no click: a part that changes every second must not rebuild the
// others.

class KeptParts {
  constructor(root) {
    this.root = root;
    this.made = new Map();
  }

  show(...wanted) {
    const held = this.root.getRootNode().activeElement;
    const again = this.root.contains(held) ? held.dataset.testid : null;
    const names = new Set(wanted.map(([name]) => name));
    for (const [name, part] of this.made) {
      if (names.has(name)) continue;
      part.node.remove();
      this.made.delete(name);
    }
    const nodes = wanted.map(([name, data, build]) => this.part(name, JSON.stringify(data), build));
    let next = this.root.firstChild;
    for (const node of nodes) {
      if (node === next) next = next.nextSibling;
      else this.root.insertBefore(node, next);
    }
    if (again && !held.isConnected) this.root.querySelector(`[data-testid="${again}"]`)?.focus();
  }

  part(name, state, build) {
    const part = this.made.get(name);
    if (part?.state === state) return part.node;
    part?.node.remove();
    const node = build();
    this.made.set(name, { state, node });
    return node;
  }
}
