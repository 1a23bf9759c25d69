// What stands side by side in a card or a row, each part built anew only when its own data changed.
//
//   [name, data, build] … ─▶ show ─▶ parts whose data is as it was stay where they are; others are built, replaced, removed
//
// A button that were replaced between the press and the release of a finger would not be clicked: what moves every second must
// not take with it what stands still.

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
