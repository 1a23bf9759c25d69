// Episodes that wait for the same condition outside, folded into one card: how many, why, the remedy, acts on all of them.
//
//   Try all now, Cancel all of these ─▶ acts ─▶ HTTP API; the card goes at once, and is back with a sentence if that is refused
//   Show, Hide ─▶ trigger `turned` ─▶ their own cards below

class HeldCards {
  constructor(acts) {
    this.acts = acts;
    this.root = element("ul", { className: "held", testid: "queue-held", role: "list" });
    this.parts = new KeptParts(this.root);
  }

  show({ held, text }, turn) {
    this.turn = turn;
    const there = held.filter(({ ids }) => !ids.every((id) => this.acts.painted({ id }).work));
    this.root.hidden = !there.length;
    this.parts.show(...there.map((each) => [each.name, [each, text], () => this.card(each, text)]));
  }

  card(each, text) {
    const { name, said, reason, remedy, ids, unfolded } = each;
    const button = (act, words, does) => element("button", { type: "button", testid: `held-${act}-${name}`, edits: act !== "turn", textContent: words, "aria-label": `${words}: ${said}`, onclick: does });
    const link = remedy && element("a", { href: remedy.href, textContent: remedy.said, onclick: (event) => follow(event, remedy.href) });
    const turn = button("turn", unfolded ? text.held_hide : text.held_show, () => this.turn(name));
    turn.setAttribute("aria-expanded", String(unfolded));
    const does = (action) => () => this.acts.do(action, { ids, rows: ids.map((id) => ({ id, state: "waiting" })) });
    const acts = [turn, button("retry", text.held_retry, does("retry")), button("cancel", text.held_cancel, does("cancel"))];
    return element(
      "li",
      { className: "card", testid: "held-card" },
      element("p", { className: "said" }, element("b", { textContent: said })),
      element("p", { className: "why", textContent: reason }),
      element("div", { className: "acts" }, ...(link ? [link] : []), ...acts),
    );
  }
}
