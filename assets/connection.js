// While the server is out of reach nothing is asked of it: Reflex keeps events and sends them
// when the socket is back, and a purchase must not happen then. Links, copying and layers of the
// browser still work; what was typed stays where it is.
(() => {
  "use strict";
  const OVER_MS = 4000;
  const FEEL_MS = 30000;
  const root = document.documentElement;
  const isOff = () => "offline" in root.dataset;
  const press = (name) => {
    const button = document.querySelector(`[data-errand="${name}"]`);
    if (button) button.click();
  };

  const judge = () => {
    const off = !navigator.onLine || Boolean(document.querySelector("[data-offline-banner]"));
    if (off === isOff()) return;
    if (off) {
      root.dataset.offline = "";
      delete root.dataset.online;
      return;
    }
    delete root.dataset.offline;
    root.dataset.online = "";
    setTimeout(() => { delete root.dataset.online; }, OVER_MS);
  };

  window.addEventListener("offline", judge);
  window.addEventListener("online", judge);

  const LOCAL = "[data-opens], [data-shuts], [data-copy], dialog[data-local]";
  const PRESSED = "button, [role=switch], [role=checkbox], input[type=checkbox], input[type=submit]";
  const refuse = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    root.dataset.refused = "";
    setTimeout(() => { delete root.dataset.refused; }, 400);
  };
  window.addEventListener("click", (event) => {
    if (!isOff() || !(event.target instanceof Element)) return;
    if (event.target.closest(LOCAL)) return;
    if (event.target.closest(PRESSED)) refuse(event);
  }, true);
  window.addEventListener("submit", (event) => { if (isOff()) refuse(event); }, true);

  // A hidden tab is not read for; it says so once its page is there, and says when it is seen.
  let told = "";
  const look = () => {
    const stamp = document.querySelector("[data-server-ms]");
    if (!stamp || !(Number(stamp.dataset.serverMs) > 0) || isOff()) return;
    const now = document.hidden ? `hidden ${location.pathname}` : "";
    if (now === told) return;
    const wasHidden = told !== "";
    told = now;
    if (now) press("hidden");
    else if (wasHidden) press("seen");
  };
  document.addEventListener("visibilitychange", look);
  // Only staff have the chip, and only they may ask.
  setInterval(() => {
    if (!document.hidden && !isOff() && document.querySelector(".health")) press("feel");
  }, FEEL_MS);

  const start = () => {
    judge();
    new MutationObserver(() => { judge(); look(); }).observe(document.body, {
      subtree: true, childList: true, attributeFilter: ["data-server-ms"],
    });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
