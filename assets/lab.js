// The lab's trace, lit both ways: pointing at a field or a step lights its bytes, and pointing at
// bytes lights what became of them. No server is asked.
(() => {
  "use strict";
  const clear = () => document.querySelectorAll("[data-lit]").forEach((node) => node.removeAttribute("data-lit"));
  const light = (names) => {
    clear();
    if (!names.length) return;
    document.querySelectorAll("[data-fields]").forEach((node) => {
      const own = node.dataset.fields.split(" ");
      if (names.some((name) => own.includes(name))) node.setAttribute("data-lit", "");
    });
    document.querySelectorAll("[data-lights]").forEach((node) => {
      if (names.includes(node.dataset.lights)) node.setAttribute("data-lit", "");
    });
  };
  const namesOf = (target) => {
    if (!(target instanceof Element)) return [];
    const from = target.closest("[data-lights], [data-fields]");
    if (!from) return [];
    const said = from.dataset.lights || from.dataset.fields || "";
    return said.split(" ").filter(Boolean);
  };
  const follow = (event) => light(namesOf(event.target));
  document.addEventListener("pointerover", follow);
  document.addEventListener("focusin", follow);
  // A step that is pressed brings its first byte into sight, inside of the answer's own box.
  document.addEventListener("click", (event) => {
    const names = namesOf(event.target);
    const first = names.length && document.querySelector("[data-fields][data-lit]");
    const box = first && first.closest(".labraw");
    if (!box || box.contains(event.target)) return;
    box.scrollTop += first.getBoundingClientRect().top - box.getBoundingClientRect().top - 24;
  });
})();
