// The filters that are set, as chips: each goes with a click. A script of its own, which Gradio runs for its element.
const list = element.querySelector(".cw-chips");
const dayWords = (day) => new Date(day + "T00:00:00Z").toLocaleDateString(
  "en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
function chip(words, without) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "cw-chip" });
  button.setAttribute("aria-label", `Remove the filter: ${words}`);
  const cross = Object.assign(document.createElement("span"), { textContent: "×", ariaHidden: "true" });
  button.append(Object.assign(document.createElement("span"), { textContent: words }), cross);
  button.addEventListener("click", () => {
    props.value = { ...props.value, ...without };
    show();
    trigger("select");
  });
  return button;
}
function show() {
  const { sources, after, before, article } = props.value;
  const chips = sources.map((name) => chip(name, { sources: sources.filter((each) => each !== name) }));
  if (article) chips.unshift(chip(`Only “${article.title}”`, { article: null }));
  else if (!sources.length) {
    chips.push(Object.assign(document.createElement("span"), { className: "cw-chip", textContent: "All outlets" }));
  }
  if (after) chips.push(chip(`from ${dayWords(after)}`, { after: "" }));
  if (before) chips.push(chip(`until ${dayWords(before)}`, { before: "" }));
  list.replaceChildren(...chips.map((each) => {
    const item = document.createElement("li");
    item.append(each);
    return item;
  }));
}
watch("value", show);
show();
document.addEventListener("cw-changed", () => trigger("input"));
document.addEventListener("cw-about", ({ detail: { id, title } }) => {
  props.value = { sources: [], after: "", before: "", article: { id, title } };
  show();
  trigger("select");
});
