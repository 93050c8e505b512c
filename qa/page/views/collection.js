// What follows a change of the library: the first screen counts anew, and a sentence says what was done.
document.addEventListener("cw-changed", async () => {
  if (!turns.querySelector(".cw-welcome")) return;
  const answer = await request("welcome");
  const now = answer?.ok && turns.querySelector(".cw-welcome") ? await answer.text() : "";
  if (now) turns.querySelector(".cw-welcome").outerHTML = now;
});

function tell(words) {
  document.querySelector(".cw-toast")?.remove();
  const toast = make("p", { class: "cw-toast", role: "status" }, words);
  overPage(toast);
  setTimeout(() => toast.remove(), 6000);
}

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

// In an article that was opened from a card: the ways to the citations before and after it.
function addSteps(dialog, body, link) {
  const links = [...(link?.closest(".cw-turn")?.querySelectorAll(".cw-card .cw-links .cw-open") ?? [])];
  let at = links.indexOf(link);
  if (at < 0 || links.length < 2) return;
  const told = make("span", {});
  const [back, on] = [["Previous", -1], ["Next", 1]].map(([words, step]) => makeButton(words, "", () => move(step)));
  const show = () => {
    told.textContent = `${at + 1} of ${links.length}`;
    back.disabled = at === 0;
    on.disabled = at === links.length - 1;
  };
  const move = async (step) => {
    const [html, problem] = await articleHtml(links[at + step].getAttribute("href"));
    if (problem) { tell(problem); return; }
    body.innerHTML = html;
    at += step;
    show();
    body.querySelector("mark")?.scrollIntoView({ block: "center" });
  };
  dialog.prepend(make("nav", { class: "cw-steps", "aria-label": "Citations" }, back, told, on));
  show();
}
