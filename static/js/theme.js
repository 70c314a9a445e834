// Runs before the first paint, so that a chosen theme never flashes. No choice, no storage: the computer's setting counts.
"use strict";
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("theme");
  } catch {
    // Storage is switched off: the choice lasts for this page only.
  }
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const theme = () => chosen ?? (dark.matches ? "dark" : "light");
  document.documentElement.dataset.theme = theme();
  dark.addEventListener("change", () => {
    if (chosen === null) setTheme(theme());
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("theme", chosen);
    } catch {
      // As above.
    }
    setTheme(chosen);
  });
  function setTheme(name) {
    document.documentElement.dataset.theme = name;
    document.dispatchEvent(new CustomEvent("themechange"));
  }
})();
