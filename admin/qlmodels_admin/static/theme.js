// Before the first paint: the theme that was chosen here, else the one of the system, as it changes.
(function () {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  function show() {
    let chosen = null;
    try { chosen = localStorage.getItem("qlmodels.theme"); } catch { /* not allowed here */ }
    document.documentElement.dataset.bsTheme = chosen || (dark.matches ? "dark" : "light");
  }
  show();
  dark.addEventListener("change", show);
})();
