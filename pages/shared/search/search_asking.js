// Ask for the answer to what is typed.
//
//   later ─ 100 ms without a key ─▶ now ─▶ GET /api/v1/search/quick ─┬─▶ answered(found)
//                                    ├─▶ asked()                     │
//                                    │  slow? ─▶ waits(true)         └─▶ failed(error), also after PATIENCE
//   the next one, or stop ───────────┴─▶ the request is dropped: an older answer never comes after a newer one

const PAUSE_MS = 100;
const SLOW_MS = 400;
const PATIENCE_MS = 20_000;

class SearchAsking {
  // `more`: further parameters of the request, as {limit: 15}.
  constructor({ text, asked = () => {}, answered, failed, waits, more = () => ({}) }) {
    Object.assign(this, { text, asked, answered, failed, waits, more });
  }

  later(words) {
    this.stop();
    this.timer = setTimeout(() => this.now(words), PAUSE_MS);
  }

  async now(words) {
    this.stop();
    const asking = new AbortController();
    this.asking = asking;
    const slow = setTimeout(() => this.waits(true), SLOW_MS);
    let late = false;
    const patience = setTimeout(() => {
      late = true;
      asking.abort();
    }, PATIENCE_MS);
    const current = () => this.asking === asking;
    try {
      const answer = ask(this.text(), searchAddress(words, this.more()), { signal: asking.signal });
      this.asked();
      const found = await answer;
      if (current()) this.answered({ words: words.trim(), ...found });
    } catch (error) {
      if (current() && late) this.failed(new Refusal(this.text().no_connection));
      else if (current() && error.name !== "AbortError") this.failed(error);
    } finally {
      clearTimeout(slow);
      clearTimeout(patience);
      if (current()) this.waits(false);
    }
  }

  stop() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.asking = null;
    this.waits(false);
  }
}

// A blank after the last word tells that the word is complete. The days of a filter are those of this browser.
const searchAddress = (words, more = {}) => {
  const query = new URLSearchParams({ q: words.trimStart().slice(0, 500), ...more });
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  if (timeZone && /\d{4}/.test(words)) query.set("zone", timeZone);
  return `/api/v1/search/quick?${query}`;
};
