// The notebook: where pinned quotes stand and what was noted, kept in this browser; the server gives their words.
const NOTEBOOK = "citewire-notebook";
function pins() {
  try { return JSON.parse(localStorage.getItem(NOTEBOOK)) ?? []; } catch { return []; }
}
function keepPins(list) {
  try { localStorage.setItem(NOTEBOOK, JSON.stringify(list)); } catch { tell("This browser keeps no more quotes."); }
}
const postPins = (suffix) => request(`notebook.${suffix}`, {
  method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(pins()),
});

function pin(button) {
  const { article, version, start, end } = button.dataset;
  const list = pins();
  const known = list.some((p) => p.article === article && p.version === version && p.start === +start && p.end === +end);
  if (known) { tell("This quote is in the notebook already."); return; }
  const question = button.closest(".cw-turn")?.querySelector("h2")?.textContent ?? "";
  keepPins([...list, { article, version, start: +start, end: +end, question, note: "" }]);
  tell("Pinned: it is in the notebook.");
  showNotebook();
}

async function showNotebook() {
  const place = document.querySelector(".cw-notebook");
  if (!place) return;
  const answer = await postPins("html");
  place.innerHTML = answer?.ok ? await answer.text() : "<p>The notebook cannot be shown: is the page's server still running?</p>";
}

async function saveNotebook(suffix) {
  const answer = await postPins(suffix);
  if (!answer?.ok) { tell("The notebook could not be exported."); return; }
  const name = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition"))[1];
  const link = make("a", { href: URL.createObjectURL(await answer.blob()), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

function movePin(number, step) {
  const list = pins();
  const [moved] = list.splice(number, 1);
  if (step) list.splice(number + step, 0, moved);
  keepPins(list);
  showNotebook();
}

document.addEventListener("click", (event) => {
  const at = (selector) => event.target.closest?.(selector);
  let found;
  if ((found = at(".cw-pin"))) pin(found);
  else if ((found = at(".cw-notebook-file"))) saveNotebook(found.dataset.suffix);
  else if ((found = at("[data-move]"))) movePin(+found.closest("[data-pin]").dataset.pin, +found.dataset.move);
});
document.addEventListener("input", (event) => {
  const item = event.target.closest?.("[data-pin]");
  if (!item) return;
  const list = pins();
  list[+item.dataset.pin].note = event.target.value;
  keepPins(list);
});
document.addEventListener("cw-changed", showNotebook);
document.addEventListener("cw-notebook", showNotebook);
