// Earlier conversations: named by their first question, found by any of their questions. This browser keeps them; on a
// page with a login the server does, with the account. Part of the page's script.
const PAST = "citewire-conversations";
const MOST_PAST = 200;
const isOfAccount = element.querySelector(".cw-turns").hasAttribute("data-account");
let ofAccount = [];
const past = () => {
  if (isOfAccount) return ofAccount;
  try { return JSON.parse(localStorage.getItem(PAST)) ?? []; } catch { return []; }
};
const questionsOf = (link) => {
  const query = new URL(link, document.baseURI).searchParams;
  return [...query.getAll("turn"), ...query.getAll("q")];
};

// Changes come one after another, each to the list as the one before has left it. Tells whether the list has changed.
let changing = Promise.resolve();
const changePast = (change) => (changing = changing.then(async () => {
  const { keep, drop } = change?.(past()) ?? {};
  if (isOfAccount) {
    const sent = change ? { method: "POST", body: JSON.stringify({ keep: keep ?? null, drop }) } : {};
    const answer = await request("conversations", sent);
    if (!answer?.ok) return false;
    ofAccount = await answer.json();
  } else if (change) {
    const others = past().filter(({ link }) => !drop.includes(link));
    const entries = [keep, ...others].filter(Boolean).slice(0, MOST_PAST);
    try { localStorage.setItem(PAST, JSON.stringify(entries)); } catch { return false; }
  }
  listPast();
  return true;
}));

// The conversation at hand takes the place of what was kept of it: each of its questions stands in its address.
function remember(value) {
  if (!value.done || !location.search) return;
  const [keep, questions] = [{ link: location.search, token: value.token }, questionsOf(location.search)];
  const isPart = ({ link }) => {
    const before = questionsOf(link);
    return before.length <= questions.length && before.every((question, at) => question === questions[at]);
  };
  changePast((entries) => ({ keep, drop: entries.filter(isPart).map(({ link }) => link) }));
}

function listPast() {
  const list = document.querySelector(".cw-past ul");
  if (!list) return;
  const words = document.querySelector(".cw-past input").value.trim().toLowerCase();
  const found = past().filter(({ link }) => questionsOf(link).join("\n").toLowerCase().includes(words));
  list.replaceChildren(...found.map(({ link, token }) => {
    const [name] = questionsOf(link);
    const open = make("a", { href: link, class: "cw-past-open" }, name);
    if (token) open.dataset.token = token;
    if (link === location.search) open.setAttribute("aria-current", "page");
    return make("li", {}, open, make("button", { type: "button", class: "cw-past-away", "aria-label": `Delete: ${name}` }, "×"));
  }));
  const where = isOfAccount ? "with your account" : "in this browser only";
  document.querySelector(".cw-past .cw-note").textContent = found.length
    ? `Kept ${where}.` : words ? "No conversation has these words." : `What you ask is kept here, ${where}.`;
}

async function deletePast(link) {
  const isDone = await changePast(() => ({ drop: [link] }));
  if (isDone) status.textContent = "Conversation deleted.";
  else tell("The conversation could not be deleted: is the page's server still running?");
}

document.addEventListener("click", (event) => {
  const away = event.target.closest?.(".cw-past-away");
  const open = event.target.closest?.(".cw-past-open");
  if (away) deletePast(away.previousElementSibling.getAttribute("href"));
  else if (open && isPlain(event)) {
    event.preventDefault();
    history.pushState({ token: open.dataset.token }, "", open.getAttribute("href"));
    here = location.search;
    trigger("select");
    listPast();
    // On a phone the list covers what it has opened.
    if (innerWidth < 768) document.querySelector(".sidebar.open .toggle-button")?.click();
  } else if (event.target.closest?.(".sidebar .toggle-button")) changePast(); // another browser may have asked meanwhile
});
document.addEventListener("input", ({ target }) => { if (target.matches(".cw-past input")) listPast(); });
addEventListener("storage", ({ key }) => { if (key === PAST) listPast(); });
