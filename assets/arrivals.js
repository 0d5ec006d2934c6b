// A code that arrives is told in the tab's title, and by sound and browser notice to whoever has
// chosen so in this browser. Nothing leaves the page.
(() => {
  "use strict";
  const wants = (name) => localStorage.getItem(`nexnum.${name}`) === "1";
  const known = new Map();
  let plain = document.title;
  let told = "";

  const chime = () => {
    const audio = new AudioContext();
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.setValueAtTime(880, audio.currentTime);
    tone.frequency.setValueAtTime(1320, audio.currentTime + 0.12);
    volume.gain.setValueAtTime(0.12, audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.5);
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.5);
    tone.onended = () => audio.close();
  };

  const tell = (code, service) => {
    if (wants("sound")) chime();
    if (document.hidden) {
      if (document.title !== told) plain = document.title;
      told = `(1) ${code}`;
      document.title = told;
    }
    if (wants("notify") && document.hidden && window.Notification && Notification.permission === "granted") {
      new Notification(`Code for ${service}`, { body: code, tag: code });
    }
  };

  const look = () => {
    document.querySelectorAll("[data-activation]").forEach((card) => {
      const id = card.dataset.activation;
      const shown = card.querySelector("[data-testid=code]");
      const code = shown ? shown.textContent.trim() : "";
      if (known.has(id) && code && known.get(id) !== code) {
        const name = card.querySelector("h2");
        tell(code, name ? name.textContent : "your number");
      }
      known.set(id, code);
    });
    document.querySelectorAll("[data-opt-in]").forEach((box) => {
      if (box.dataset.read) return;
      box.dataset.read = "1";
      box.checked = wants(box.dataset.optIn);
    });
  };

  document.addEventListener("change", async (event) => {
    const name = event.target.dataset && event.target.dataset.optIn;
    if (!name) return;
    let on = event.target.checked;
    if (on && name === "notify" && window.Notification && Notification.permission !== "granted") {
      on = (await Notification.requestPermission()) === "granted";
      event.target.checked = on;
    }
    localStorage.setItem(`nexnum.${name}`, on ? "1" : "0");
    if (on && name === "sound") chime();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && told && document.title === told) document.title = plain;
  });

  let queued = false;
  const soon = () => {
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => { queued = false; look(); });
  };
  const start = () => {
    look();
    new MutationObserver(soon).observe(document.body, { subtree: true, childList: true, characterData: true });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
