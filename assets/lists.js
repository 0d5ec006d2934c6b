// Lists: what the URL says stands in the filters, menus close as people expect, the open tab is in
// sight, and moments read as a clock time today and a date before.
(() => {
  "use strict";
  const two = (n) => String(n).padStart(2, "0");
  const clock = (d) => `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
  const say = (ms) => {
    const d = new Date(ms);
    const today = new Date();
    if (d.toDateString() === today.toDateString()) return clock(d);
    const month = d.toLocaleDateString("en-GB", { month: "short" });
    const year = d.getFullYear() === today.getFullYear() ? "" : ` ${d.getFullYear()}`;
    return `${d.getDate()} ${month}${year} ${two(d.getHours())}:${two(d.getMinutes())}`;
  };

  // Tabs wider than their window begin at the open one; what a hand scrolled stays until they change.
  let shown = "";
  const reveal = () => {
    const open = document.querySelector(".tabs > [aria-current=page]");
    const row = open && open.parentElement;
    const now = row ? `${open.href} ${row.scrollWidth} ${row.clientWidth}` : "";
    if (now === shown) return;
    shown = now;
    if (!row) return;
    const [tab, window_] = [open.getBoundingClientRect(), row.getBoundingClientRect()];
    if (tab.right > window_.right) row.scrollLeft += tab.right - window_.right;
    else if (tab.left < window_.left) row.scrollLeft -= window_.left - tab.left;
  };

  const show = () => {
    reveal();
    document.querySelectorAll("[data-when]").forEach((node) => {
      const ms = Number(node.dataset.when);
      const text = ms ? say(ms) : "";
      if (node.textContent !== text) node.textContent = text;
      if (ms && !node.title) node.title = new Date(ms).toString();
    });
    // A field that is being typed in is ahead of the URL; the others follow it.
    document.querySelectorAll("[data-sync]").forEach((node) => {
      if (node !== document.activeElement && node.value !== node.dataset.sync) node.value = node.dataset.sync;
    });
  };

  const close = (but) => document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    if (!but || !menu.contains(but)) menu.removeAttribute("open");
  });
  document.addEventListener("click", (event) => {
    // One column after the other is chosen with the menu open; a view is chosen once.
    const went = event.target.closest("[data-menu] a:not([role=menuitemcheckbox])");
    close(went ? null : event.target);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details[data-menu][open]");
    if (!menu) return;
    menu.removeAttribute("open");
    menu.querySelector("summary").focus();
  });

  let queued = false;
  const soon = () => {
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => { queued = false; show(); });
  };
  const start = () => {
    show();
    new MutationObserver(soon).observe(document.body, {
      subtree: true, childList: true, attributeFilter: ["data-when", "data-sync"],
    });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
