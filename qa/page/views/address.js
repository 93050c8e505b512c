// The page's address and history: the conversation shown, and the tab. Part of the page's script.
// The address names the whole conversation from the moment a question is sent; an entry of the history keeps the token
// of the answer seen there, by which the server finds it again without asking.
const isNamed = () => new URLSearchParams(location.search).has("q");
let here = location.search;
const search = (link) => new URL(link, document.baseURI).search;
// When what is shown was asked for, or the person moved on: what was asked for before comes too late.
let shownAt = 0;
function markMoved() {
  shownAt = window.citewireMoved = performance.now();
}
function isLate(value) {
  const isOfMove = typeof value.at === "string";
  // It may have taken the place of what belongs here: of what comes at once the last is seen alone.
  if (isOfMove && value.when < (window.citewireMoved ?? 0)) trigger("select");
  if (value.when < shownAt || (isOfMove && value.at !== location.search)) return true;
  shownAt = value.when ?? shownAt;
  return false;
}
function updateAddress(value) {
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
  markMoved();
  trigger("clear");
}
// Stepping back shows at once what stands there already; the server then takes the conversation to the same place.
function stepBack() {
  const questions = questionsOf(location.search || "?");
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
  markMoved();
  trigger("select");
});

// Each tab but the first has an address of its own: #articles, #notebook, #add.
const tabs = () => [...document.querySelectorAll('.cw-tabs button[role="tab"]')];
const tabName = (tab) => tab.textContent.trim().toLowerCase();
function openTab() {
  const tab = tabs().find((each) => tabName(each) === location.hash.slice(1));
  if (tab?.getAttribute("aria-selected") === "false") tab.click();
}
document.addEventListener("click", (event) => {
  const tab = event.target.closest?.('.cw-tabs button[role="tab"]');
  if (!tab) return;
  const hash = tab === tabs()[0] ? "" : `#${tabName(tab)}`;
  if (hash !== location.hash) history.replaceState(history.state, "", location.pathname + location.search + hash);
});
addEventListener("hashchange", openTab);
setTimeout(openTab);
