// Layers over the page: native dialogs that the page's state brings and takes away. What appears
// is shown as a modal; Esc and a click beside it press its data-close element, so that the state
// decides; what is gone gives the focus back to where it was.
(() => {
  "use strict";
  const shown = [];

  const show = (dialog) => {
    if (dialog.open) return;
    shown.push({ dialog, from: document.activeElement });
    dialog.showModal();
  };
  const closeOf = (dialog) => dialog.querySelector("[data-close]");
  const leave = (dialog) => {
    const way = closeOf(dialog);
    if (way) way.click();
    else dialog.close();
  };
  const settle = () => {
    document.querySelectorAll("dialog[data-modal]:not([open])").forEach(show);
    for (let n = shown.length - 1; n >= 0; n -= 1) {
      const { dialog, from } = shown[n];
      if (dialog.isConnected) continue;
      shown.splice(n, 1);
      if (from && from.isConnected) from.focus();
    }
  };

  const modal = (node) => (node instanceof HTMLDialogElement && "modal" in node.dataset ? node : null);
  document.addEventListener("cancel", (event) => {
    const dialog = modal(event.target);
    if (!dialog) return;
    event.preventDefault();
    leave(dialog);
  }, true);
  // A browser may insist on closing (a second Esc); the state follows.
  document.addEventListener("close", (event) => {
    const dialog = modal(event.target);
    if (dialog && dialog.isConnected) leave(dialog);
  }, true);
  document.addEventListener("pointerdown", (event) => {
    const dialog = modal(event.target);
    if (!dialog) return;
    const box = dialog.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right
      && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) leave(dialog);
  });

  // Layers of the browser alone: they are always in the page, and no server is asked.
  const open = (dialog, from) => {
    if (!dialog || dialog.open) return;
    dialog.nexnumFrom = from || document.activeElement;
    dialog.showModal();
    dialog.dispatchEvent(new Event("opened"));
  };
  window.nexnumOpen = (id) => open(document.getElementById(id));
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    const opener = target.closest("[data-opens]");
    if (opener) { open(document.getElementById(opener.dataset.opens), opener); return; }
    const dialog = target.closest("dialog[data-local]");
    if (dialog && (target === dialog || target.closest("[data-shuts], a[href]"))) dialog.close();
  });
  document.addEventListener("close", (event) => {
    const dialog = event.target;
    if (!("local" in (dialog.dataset || {}))) return;
    if (dialog.nexnumFrom && dialog.nexnumFrom.isConnected) dialog.nexnumFrom.focus();
  }, true);

  // A dangerous act waits for its word; the browser's own check keeps the form from being sent.
  const judge = (field) => {
    const right = field.value.trim() === field.dataset.typed;
    field.setCustomValidity(right ? "" : `Type ${field.dataset.typed} to confirm`);
  };
  document.addEventListener("input", (event) => {
    if (event.target instanceof HTMLInputElement && "typed" in event.target.dataset) judge(event.target);
  });

  const start = () => {
    settle();
    new MutationObserver(settle).observe(document.body, { subtree: true, childList: true });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
