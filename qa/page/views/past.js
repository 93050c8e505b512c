// Earlier conversations, kept in this browser alone: named by their first question, found by any of their questions.
// Part of the script in page.js.
const PAST = "citewire-conversations";
const MOST_PAST = 200;
const past = () => {
  try { return JSON.parse(localStorage.getItem(PAST)) ?? []; } catch { return []; }
};
const keepPast = (entries) => {
  localStorage.setItem(PAST, JSON.stringify(entries.slice(0, MOST_PAST)));
  listPast();
};
const asked = (link) => {
  const query = new URL(link, document.baseURI).searchParams;
  return [...query.getAll("turn"), ...query.getAll("q")];
};

// The conversation at hand takes the place of what was kept of it: each of its questions stands in its address.
function remember(value) {
  if (!value.done || !location.search) return;
  const questions = asked(location.search);
  const isPart = (entry) => {
    const before = asked(entry.link);
    return before.length <= questions.length && before.every((question, at) => question === questions[at]);
  };
  const entry = { name: questions[0], link: location.search, token: value.token };
  keepPast([entry, ...past().filter((each) => !isPart(each))]);
}

function listPast() {
  const list = document.querySelector(".cw-past ul");
  if (!list) return;
  const words = document.querySelector(".cw-past input").value.trim().toLowerCase();
  const found = past().filter(({ link }) => asked(link).join("\n").toLowerCase().includes(words));
  list.replaceChildren(...found.map(({ name, link, token }) => {
    const item = document.createElement("li");
    const open = Object.assign(document.createElement("a"), { href: link, textContent: name, className: "cw-past-open" });
    if (token) open.dataset.token = token;
    if (link === location.search) open.setAttribute("aria-current", "page");
    const away = Object.assign(document.createElement("button"), { type: "button", textContent: "×", className: "cw-past-away" });
    away.setAttribute("aria-label", `Delete: ${name}`);
    item.append(open, away);
    return item;
  }));
  document.querySelector(".cw-past .cw-note").textContent = found.length
    ? "Kept in this browser only." : words ? "No conversation has these words." : "What you ask is kept here, in this browser only.";
}

document.addEventListener("click", (event) => {
  const away = event.target.closest?.(".cw-past-away");
  const open = event.target.closest?.(".cw-past-open");
  if (away) {
    const link = away.previousElementSibling.getAttribute("href");
    keepPast(past().filter((each) => each.link !== link));
    status.textContent = "Conversation deleted.";
  } else if (open && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
    event.preventDefault();
    history.pushState({ token: open.dataset.token }, "", open.getAttribute("href"));
    here = location.search;
    trigger("select");
    listPast();
  } else if (event.target.closest?.(".sidebar")) setTimeout(listPast);
});
document.addEventListener("input", ({ target }) => { if (target.matches(".cw-past input")) listPast(); });
addEventListener("storage", ({ key }) => { if (key === PAST) listPast(); });
