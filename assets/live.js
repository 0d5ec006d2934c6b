// Time and clipboard for pages under a strict CSP. Pages carry moments as data attributes;
// this file turns them into words once a second, by the server's clock.
(() => {
  "use strict";
  let skew = 0;
  let stamp = "";
  const now = () => Date.now() - skew;

  const two = (n) => String(n).padStart(2, "0");
  const clock = (ms) => {
    const s = Math.max(0, Math.ceil(ms / 1000));
    const h = Math.floor(s / 3600);
    const m = Math.floor((s % 3600) / 60);
    return h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
  };
  const ago = (ms) => {
    const s = Math.max(0, Math.floor(ms / 1000));
    if (s < 2) return "now";
    if (s < 60) return `${s} s ago`;
    if (s < 3600) return `${Math.floor(s / 60)} min ago`;
    if (s < 86400) return `${Math.floor(s / 3600)} h ago`;
    return `${Math.floor(s / 86400)} d ago`;
  };
  const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };

  const tick = () => {
    // Before the page has its state, React still compares what it finds with what was built.
    const server = document.querySelector("[data-server-ms]");
    if (!server || !(Number(server.dataset.serverMs) > 0)) return;
    if (server.dataset.serverMs !== stamp) {
      stamp = server.dataset.serverMs;
      skew = Date.now() - Number(stamp);
    }
    const t = now();
    document.querySelectorAll("[data-until]").forEach((n) => put(n, clock(Number(n.dataset.until) - t)));
    document.querySelectorAll("[data-ago]").forEach((n) => put(n, Number(n.dataset.ago) ? ago(t - Number(n.dataset.ago)) : "never"));
    document.querySelectorAll("[data-at]").forEach((n) => put(n, Number(n.dataset.at) ? new Date(Number(n.dataset.at)).toLocaleTimeString([], { hour12: false }) : ""));
    document.querySelectorAll("[data-ring-until]").forEach((n) => {
      const from = Number(n.dataset.ringFrom);
      const until = Number(n.dataset.ringUntil);
      const part = until > from ? Math.min(1, Math.max(0, (until - t) / (until - from))) : 0;
      n.style.setProperty("--part", part.toFixed(4));
    });
    document.querySelectorAll("[data-lock]").forEach((n) => {
      if (Number(n.dataset.lock) <= t) n.setAttribute("data-open", "");
      else n.removeAttribute("data-open");
    });
  };

  // The chosen country stays in sight of its own list; the page itself does not move.
  let shown = null;
  const reveal = () => {
    const chosen = document.querySelector(".places [aria-current]");
    if (chosen === shown) return;
    shown = chosen;
    if (!chosen) return;
    const list = chosen.parentElement;
    const box = list.getBoundingClientRect();
    const at = chosen.getBoundingClientRect();
    if (at.top < box.top || at.bottom > box.bottom) list.scrollTop += at.top - box.top - 56;
    if (at.left < box.left || at.right > box.right) list.scrollLeft += at.left - box.left - 16;
  };

  let queued = false;
  const soon = () => {
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => { queued = false; tick(); reveal(); });
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-copy]");
    if (!button) return;
    const done = () => {
      button.setAttribute("data-copied", "");
      setTimeout(() => button.removeAttribute("data-copied"), 1500);
    };
    navigator.clipboard.writeText(button.dataset.copy).then(done, () => {});
  });

  const start = () => {
    tick();
    setInterval(tick, 1000);
    new MutationObserver((changes) => {
      if (changes.some((c) => c.type === "childList" ? c.addedNodes.length : true)) soon();
    }).observe(document.body, {
      subtree: true,
      childList: true,
      attributeFilter: ["data-until", "data-ago", "data-at", "data-ring-until", "data-lock", "data-server-ms", "aria-current"],
    });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
