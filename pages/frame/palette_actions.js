// The actions of the palette. Each returns the key of the sentence that tells its result, or nothing.

const post = (text, address, body) => ask(text, address, { method: "POST", body });

const PALETTE_ACTIONS = {
  play: () => {
    theSound().toggle();
  },
  refresh: async (text) => {
    await post(text, "/api/v1/refreshes", {});
    return "refresh_done";
  },
  pause: async (text) => {
    await post(text, "/api/v1/queue/pause");
    return "pause_done";
  },
  resume: async (text) => {
    await post(text, "/api/v1/queue/resume");
    return "resume_done";
  },
  backup: async (text) => {
    await post(text, "/api/v1/backups", {});
    return "backup_done";
  },
  light: () => setTheme("light"),
  dark: () => setTheme("dark"),
  system: () => setTheme("system"),
};

// An action that would change nothing is not offered.
const offered = (name) => (name === "play" ? Boolean(theSound().track) : name !== theme());
