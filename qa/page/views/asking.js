// What all parts use, then the address and the history, the box's count of characters, and the keys. Part of the script
// in page.js.
function make(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
function makeButton(words, kind, press) {
  const made = make("button", { type: "button", class: `cw-button ${kind}` }, words);
  made.addEventListener("click", press);
  return made;
}
const overPage = (made) => (document.querySelector(".gradio-container") ?? document.body).append(made);
const request = (path, options) => fetch(new URL(path, document.baseURI), options).catch(() => null);
const SILENT = "The page's server does not answer. Is it still running?";
const isPlain = (event) => !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);

// The address names the whole conversation from the moment a question is sent; an entry of the history keeps the token
// of the answer seen there, by which the server finds it again without asking.
const isNamed = () => new URLSearchParams(location.search).has("q");
let here = location.search;
const search = (link) => new URL(link, document.baseURI).search;
// When what is shown was asked for, or the person moved on: what was asked for before comes too late.
let latest = 0;
function move() {
  latest = window.citewireMoved = performance.now();
}
function isLate(value) {
  const isOfMove = typeof value.at === "string";
  // It may have taken the place of what belongs here: of what comes at once the last is seen alone.
  if (isOfMove && value.when < (window.citewireMoved ?? 0)) trigger("select");
  if (value.when < latest || (isOfMove && value.at !== location.search)) return true;
  latest = value.when ?? latest;
  return false;
}
function follow(value) {
  if (value.link && search(value.link) !== location.search) history.pushState({}, "", value.link);
  if (value.done) history.replaceState({ ...history.state, token: value.token }, "");
  here = location.search;
  remember(value);
}
// A new conversation begins at once: what is asked before the server has heard of it follows nothing.
function leaveConversation() {
  if (location.search) history.pushState({}, "", location.pathname);
  here = location.search;
  turns.replaceChildren();
  move();
  trigger("clear");
}
// Stepping back shows at once what stands there already; the server then takes the conversation to the same place.
function stepBack() {
  const questions = asked(location.search || "?");
  const shown = [...turns.querySelectorAll(".cw-turn")];
  const isPart = questions.every((question, at) => shown[at]?.querySelector("h2").textContent === question);
  if (isPart && questions.length) for (const turn of shown.slice(questions.length)) turn.remove();
}
addEventListener("popstate", () => {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  if (location.search === here) {
    if (history.state?.article) openArticle(history.state.article);
    return;
  }
  here = location.search;
  stepBack();
  move();
  trigger("select");
});

// The box counts where a question gets long, and says why it does not ask.
const counter = () => document.querySelector(".cw-count");
function count(words) {
  const counted = counter();
  counted.textContent = words;
  counted.classList.add("cw-over");
}
const askingBox = () => document.querySelector("#cw-question textarea");
document.addEventListener("input", ({ target }) => {
  if (target !== askingBox()) return;
  sessionStorage.setItem("citewire-draft", target.value);
  const counted = counter();
  const most = Number(counted.dataset.most);
  const length = [...target.value].length;
  counted.textContent = length > 0.75 * most ? `${length.toLocaleString("en")} of ${most.toLocaleString("en")} characters` : "";
  counted.classList.toggle("cw-over", length > most);
});

// The browser's tab keeps what is typed and not asked: a restart of the server reloads the page. Who has been quick
// to type keeps that.
function restoreDraft() {
  const [box, draft] = [askingBox(), sessionStorage.getItem("citewire-draft")];
  if (!draft || box.value) return;
  box.value = draft;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

// "/" goes to the box; there, with nothing typed, the arrow up brings the last question back.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const box = askingBox();
  if (event.key === "/" && box?.checkVisibility() && !event.target.closest("input, textarea, select, dialog")) {
    event.preventDefault();
    box.focus();
  }
  const last = turns.querySelector(".cw-turn:last-child h2");
  if (event.key === "ArrowUp" && event.target === box && !box.value && last) {
    event.preventDefault();
    box.value = last.textContent;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
