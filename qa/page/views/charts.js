// The charts of the articles, whose bars narrow the list. A script of its own, which Gradio runs for its element.
element.addEventListener("click", (event) => {
  const bar = event.target.closest(".cw-bar, .cw-outlet-bar");
  if (bar) trigger("select", { ...bar.dataset });
});
document.addEventListener("cw-changed", () => trigger("change"));
