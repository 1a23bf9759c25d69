// The state of the connection to CastMind, in the reader's language: Streamlit's own sign of it is in the hidden header.

const CONNECTED = "CONNECTED";
// Shorter interruptions, as of a restart, need no word.
const SILENT_MS = 2500;

// A session that has ended closes the page's connection, and none is let in again.
async function toSignInIfSignedOut() {
  const answer = await fetch("/api/v1/accounts/me", { headers: { accept: "application/json" } }).catch(() => null);
  if (answer?.status !== 401) return;
  const here = location.pathname + location.search;
  location.replace(here === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(here)}`);
}

class Connection {
  constructor(told) {
    this.told = told;
    this.observer = new MutationObserver(() => this.look());
    this.app = document.querySelector("[data-testid=stApp]");
    if (this.app) this.observer.observe(this.app, { attributes: true, attributeFilter: ["data-test-connection-state"] });
    this.look();
  }

  get lost() {
    return Boolean(this.app) && this.app.dataset.testConnectionState !== CONNECTED;
  }

  look() {
    clearTimeout(this.timer);
    if (this.lost) {
      toSignInIfSignedOut();
      this.timer = setTimeout(() => this.told(this.lost), SILENT_MS);
    } else this.told(false);
  }

  close() {
    clearTimeout(this.timer);
    this.observer.disconnect();
  }
}
