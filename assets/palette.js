// The command palette and the keyboard: opens, filters and chooses without asking the server.
// Only records come from it; they are shown when they answer the words that stand in the box.
(() => {
  "use strict";
  const MODES = { ">": ["do"], "#": ["records"], "@": ["records"], "$": ["records"] };
  const SEQUENCE_MS = 1200;
  const byId = (id) => document.getElementById(id);
  const box = () => byId("palette-words");
  const list = () => byId("palette-list");
  const isOpen = () => Boolean(byId("palette") && byId("palette").open);
  if (/Mac|iPhone|iPad/.test(navigator.platform)) document.documentElement.dataset.mac = "";
  let goingUntil = 0;
  let wanted = false;

  const words = () => (box() ? box().value.trim() : "");
  const shown = () => [...list().querySelectorAll("[role=option]")].filter((one) => !one.hidden && !one.parentElement.hidden);
  const isFresh = () => list().dataset.asked === words();

  const choose = (option) => {
    list().querySelectorAll("[aria-selected=true]").forEach((one) => {
      if (one !== option) one.setAttribute("aria-selected", "false");
    });
    if (!option) { box().removeAttribute("aria-activedescendant"); return; }
    if (option.getAttribute("aria-selected") !== "true") option.setAttribute("aria-selected", "true");
    if (box().getAttribute("aria-activedescendant") !== option.id) box().setAttribute("aria-activedescendant", option.id);
  };
  const step = (option) => { choose(option); option.scrollIntoView({ block: "nearest" }); };
  const chosen = () => shown().find((one) => one.getAttribute("aria-selected") === "true");

  const matches = (option, parts) => parts.every((part) => (option.dataset.words || "").includes(part));
  const filter = (keep) => {
    if (!isOpen()) return;
    const text = words();
    const mode = MODES[text[0]];
    const parts = (mode ? text.slice(1) : text).toLowerCase().split(/\s+/).filter(Boolean);
    list().querySelectorAll("[data-group]").forEach((group) => {
      const name = group.dataset.group;
      let count = 0;
      group.querySelectorAll("[role=option]").forEach((option) => {
        const fits = name === "records" ? text !== "" : matches(option, parts);
        if (option.hidden === fits) option.hidden = !fits;
        count += fits ? 1 : 0;
      });
      const hide = count === 0 || Boolean(mode && !mode.includes(name));
      if (group.hidden !== hide) group.hidden = hide;
      if (name === "records") group.classList.toggle("is-stale", !isFresh());
    });
    const options = shown();
    byId("palette").querySelector(".palette__none").hidden = options.length > 0 || !isFresh();
    const count = byId("palette").querySelector("[data-count]");
    const said = options.length === 1 ? "1 result" : `${options.length} results`;
    if (count.textContent !== said) count.textContent = said;
    const current = keep && chosen();
    choose(current || options[0]);
    if (!current && list().scrollTop) list().scrollTop = 0;
    if (wanted && isFresh()) press();
  };

  const press = () => {
    const option = chosen();
    const record = option && option.closest("[data-group=records]");
    // An older answer is not opened: what was meant is still on its way.
    if ((record || !option) && !isFresh()) { wanted = true; return; }
    wanted = false;
    if (option) option.click();
  };

  const errand = (name) => {
    const button = document.querySelector(`[data-errand="${name}"]`);
    if (button) button.click();
  };
  const acts = {
    keys: () => window.nexnumOpen("shortcuts"),
    copy: () => navigator.clipboard.writeText(location.href).catch(() => {}),
    logout: () => { const form = document.querySelector("form[action='/session/logout']"); if (form) form.requestSubmit(); },
    sync: () => errand("sync"),
  };
  document.addEventListener("click", (event) => {
    const option = event.target.closest && event.target.closest("[data-act]");
    if (!option) return;
    byId("palette").close();
    (acts[option.dataset.act] || (() => {}))();
  });
  document.addEventListener("pointermove", (event) => {
    const option = event.target.closest && event.target.closest("#palette-list [role=option]");
    if (option && option.getAttribute("aria-selected") !== "true") choose(option);
  });

  document.addEventListener("opened", (event) => {
    if (event.target.id !== "palette") return;
    box().value = "";
    wanted = false;
    box().focus();
    filter();
  }, true);
  document.addEventListener("input", (event) => {
    if (event.target.id !== "palette-words") return;
    wanted = false;
    filter();
  });

  const inPalette = (event) => {
    const options = shown();
    const at = options.indexOf(chosen());
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps && options.length) {
      step(options[(at + steps[event.key] + options.length) % options.length]);
    } else if (event.key === "Home" || event.key === "End") {
      step(options[event.key === "Home" ? 0 : options.length - 1]);
    } else if (event.key === "Enter") {
      press();
    } else return;
    event.preventDefault();
  };
  const isTyping = (target) => target instanceof Element
    && Boolean(target.closest("input, textarea, select, [contenteditable=true], [contenteditable='']"));
  const go = (key) => {
    const option = [...document.querySelectorAll("#palette-list [data-hotkey]")].find((one) => one.dataset.hotkey === key);
    if (option) option.click();
    return Boolean(option);
  };

  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    if (key === "k" && (event.metaKey || event.ctrlKey) && !event.altKey && !event.shiftKey) {
      if (!byId("palette")) return;
      event.preventDefault();
      if (isOpen()) byId("palette").close();
      else if (!document.querySelector("dialog[open]")) window.nexnumOpen("palette");
      return;
    }
    if (isOpen() && event.target.id === "palette-words") { inPalette(event); return; }
    if (event.metaKey || event.ctrlKey || event.altKey || event.repeat) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (Date.now() < goingUntil) {
      goingUntil = 0;
      if (go(key)) event.preventDefault();
      return;
    }
    if (key === "g") goingUntil = Date.now() + SEQUENCE_MS;
    else if (event.key === "?" && byId("shortcuts")) { event.preventDefault(); window.nexnumOpen("shortcuts"); }
    else if (event.key === "/") {
      const search = document.querySelector("main input[type=search]");
      if (search) { event.preventDefault(); search.focus(); }
    }
  });

  const start = () => new MutationObserver((changes) => {
    if (isOpen() && changes.some((one) => list().contains(one.target))) filter(true);
  }).observe(document.body, { subtree: true, childList: true, attributeFilter: ["data-asked"] });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
