// What follows a change of the library: the first screen counts anew, and a sentence says what was done.
document.addEventListener("cw-changed", async () => {
  if (!turns.querySelector(".cw-welcome")) return;
  const answer = await fetch(new URL("welcome", document.baseURI)).catch(() => null);
  const now = answer?.ok && turns.querySelector(".cw-welcome") ? await answer.text() : "";
  if (now) turns.querySelector(".cw-welcome").outerHTML = now;
});

function tell(words) {
  document.querySelector(".cw-toast")?.remove();
  const toast = Object.assign(document.createElement("p"), { className: "cw-toast", textContent: words });
  toast.setAttribute("role", "status");
  (document.querySelector(".gradio-container") ?? document.body).append(toast);
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
  const row = Object.assign(document.createElement("nav"), { className: "cw-steps" });
  row.setAttribute("aria-label", "Citations");
  const told = document.createElement("span");
  const [back, on] = ["Previous", "Next"].map((words, side) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "cw-button" });
    button.textContent = words;
    button.addEventListener("click", () => move(side ? 1 : -1));
    return button;
  });
  const show = () => {
    told.textContent = `${at + 1} of ${links.length}`;
    back.disabled = at === 0;
    on.disabled = at === links.length - 1;
  };
  const move = async (step) => {
    const address = new URL(links[at + step].getAttribute("href"), document.baseURI);
    address.searchParams.set("part", "1");
    const answer = await fetch(address).catch(() => null);
    if (!answer?.ok) { tell("This article cannot be shown: it may have been removed."); return; }
    body.innerHTML = await answer.text();
    at += step;
    show();
    body.querySelector("mark")?.scrollIntoView({ block: "center" });
  };
  row.append(back, told, on);
  dialog.prepend(row);
  show();
}
