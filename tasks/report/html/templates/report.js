"use strict";
(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const remembered = {
    get() { try { return localStorage.getItem("copydesk-theme"); } catch { return null; } },
    set(theme) { try { localStorage.setItem("copydesk-theme", theme); } catch { /* a file may not */ } },
  };
  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const label = () => { button.textContent = isDark() ? "Light" : "Dark"; };
  const before = remembered.get();
  if (before === "light" || before === "dark") root.dataset.theme = before;
  button.hidden = false;
  label();
  system.addEventListener("change", label);
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    remembered.set(root.dataset.theme);
    label();
  });

  // The value under the pointer or a finger; the table behind each chart has all of them.
  const tip = document.getElementById("tip");
  addEventListener("pointermove", show);
  addEventListener("pointerdown", show);
  addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
  function show(event) {
    const mark = event.target.closest?.("svg [aria-label], [data-tip]");
    tip.hidden = !mark;
    if (!mark) return;
    tip.textContent = mark.dataset.tip ?? mark.getAttribute("aria-label");
    const box = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(event.clientX + 12, innerWidth - box.width - 4))}px`;
    tip.style.top = `${Math.max(4, event.clientY - box.height - 12)}px`;
  }
})();
