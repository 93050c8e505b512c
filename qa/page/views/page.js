// The conversation in the browser. Gradio runs this once and gives it `element`, `props`, `trigger` and `watch`.
// Every piece of HTML comes from the server, where it was escaped. The script's other parts are in files of their own.
const turns = element.querySelector(".cw-turns");
const status = element.querySelector(".cw-status");
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const scrollToPlace = (place, block) => place.scrollIntoView({ block, behavior: calm() ? "auto" : "smooth" });

// Shows what the server tells, the whole conversation each time.
function show(value) {
  if (value?.note) showCount(value.note);
  if (typeof value?.html === "string" && !isLate(value)) putTurns(value);
  document.body.classList.toggle("cw-asked", Boolean(turns.querySelector(".cw-turn")) || isNamed());
}

// The turns that stand there already stay as they are; the first that is another goes with all after it.
function putTurns(value) {
  const holder = document.createElement("template");
  holder.innerHTML = value.html;
  const [before, now] = [[...turns.children], [...holder.content.children]];
  const same = (turn, at) => turn.dataset.token && turn.dataset.token === before[at]?.dataset.token;
  const from = now.findIndex((turn, at) => !same(turn, at));
  const kept = from < 0 ? now.length : from;
  for (const turn of before.slice(kept)) turn.remove();
  turns.append(...now.slice(kept));
  if (value.say) status.textContent = value.say;
  markStars();
  updateAddress(value);
  setTitle();
  if (value.welcome) focusBox();
  // The page moves once, when a question is sent; the first one stands where it is.
  else if (now.length > before.length && now.length > 1) scrollToPlace(turns.lastElementChild, "start");
}

// The first screen counts anew after a change of the library.
document.addEventListener("cw-changed", async () => {
  if (!turns.querySelector(".cw-welcome")) return;
  const answer = await request("welcome");
  const now = answer?.ok && turns.querySelector(".cw-welcome") ? await answer.text() : "";
  if (now) turns.querySelector(".cw-welcome").outerHTML = now;
});

function setTitle() {
  const question = turns.querySelector(".cw-turn:last-child h2")?.textContent;
  document.title = question ? `${question.slice(0, 80)} – Citewire` : "Citewire";
}

// Asks what is not typed in the question's box: an example, or an edited question in the place of its turn.
// Gradio holds a trigger back while an answer is being made, without what it carried; so the page carries it.
let picked = null;
function ask(question, turn) {
  picked = { question, turn };
  trigger("submit");
}
// A double click asks once.
function askOnce(example, event) {
  if (event.detail < 2 && !picked) ask(example.dataset.question);
}
window.citewirePicked = (typed) => {
  const question = picked;
  picked = null;
  // An answer that has just come may stand in the value alone, before the browser has got round to showing it.
  const { link, done, token } = props.value ?? {};
  const isHere = done && link && search(link) === location.search;
  // The box takes its place at once and not with the first answer: nothing moves under the eye later.
  if (!question) sessionStorage.removeItem("citewire-draft");
  if (question || typed.trim()) document.body.classList.add("cw-asked");
  const shown = history.state?.token ?? (isHere ? token : null);
  return { ...question, token: shown, query: location.search, when: performance.now() };
};

// Editing a question: its heading becomes a form, and asking again drops the turns after it.
function edit(button) {
  const head = button.closest(".cw-question");
  const heading = head.querySelector("h2");
  const leave = () => { form.remove(); head.classList.remove("cw-is-edited"); button.focus(); };
  const box = make("textarea", { rows: 2, "aria-label": "Edit the question" }, heading.textContent);
  const again = make("button", { type: "submit", class: "cw-button cw-primary" }, "Ask again");
  const form = make("form", { class: "cw-editing" }, box, again, makeButton("Cancel", "", leave));
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); form.requestSubmit(); }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(box.value, Number(button.dataset.turn));
  });
  head.classList.add("cw-is-edited");
  head.append(form);
  box.focus();
}

async function copy(button) {
  const link = button.dataset.link;
  const text = link ? new URL(link, document.baseURI).href : button.dataset.text;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without https browsers keep the clipboard to themselves, except in this old way.
    const box = make("textarea", {}, text);
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
    button.focus();
  }
  status.textContent = link ? "Link copied." : "Answer copied with its citations.";
  button.classList.add("cw-did");
  setTimeout(() => button.classList.remove("cw-did"), 1500);
}

function openCard(link) {
  const quote = document.getElementById(link.getAttribute("href").slice(1));
  const card = quote?.closest(".cw-card");
  if (!card) return;
  card.open = true;
  card.querySelector("summary").focus({ preventScroll: true });
  const pane = card.closest(".cw-evidence");
  if (getComputedStyle(pane).overflowY === "auto") {
    const above = quote.getBoundingClientRect().top - pane.getBoundingClientRect().top;
    pane.scrollTo({ top: pane.scrollTop + above - pane.clientHeight / 3, behavior: calm() ? "auto" : "smooth" });
    scrollToPlace(pane, "nearest");
  } else scrollToPlace(quote, "center");
  card.classList.remove("cw-chosen");
  requestAnimationFrame(() => card.classList.add("cw-chosen"));
}

// A preview stays within the window.
function placePreview(mark) {
  const tip = mark.querySelector(".cw-tip");
  tip.style.removeProperty("--cw-shift");
  tip.classList.remove("cw-below");
  const box = tip.getBoundingClientRect();
  if (!box.width || getComputedStyle(tip).position === "fixed") return;
  tip.classList.toggle("cw-below", box.top < 4);
  const over = Math.max(0, box.right + 8 - innerWidth) - Math.max(0, 8 - box.left);
  tip.style.setProperty("--cw-shift", `${-over}px`);
}
for (const event of ["mouseover", "focusin"]) {
  element.addEventListener(event, ({ target }) => {
    const mark = target.closest?.(".cw-ref");
    if (mark) placePreview(mark);
  });
}

async function sendFeedback(form) {
  const told = form.querySelector(".cw-form-status");
  const given = new FormData(form);
  const verdict = [...given.entries()].find(([name]) => name.endsWith("-verdict"))?.[1];
  const answer = await request("feedback", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: form.dataset.token, verdict, words: given.get("words") }),
  });
  told.textContent = answer ? (await answer.json()).message : SILENT;
  if (answer?.ok) form.querySelector("button").disabled = true;
}

document.addEventListener("click", (event) => {
  const at = (selector) => event.target.closest?.(selector);
  let found;
  if ((found = at(".cw-example"))) askOnce(found, event);
  else if ((found = at(".cw-retry"))) ask(found.closest(".cw-turn").querySelector("h2").textContent, Number(found.dataset.turn));
  else if (at(".cw-stop")) trigger("stop");
  else if (at(".cw-new")) leaveConversation();
  else if ((found = at(".cw-edit"))) edit(found);
  else if ((found = at(".cw-copy"))) copy(found);
  else if ((found = at(".cw-remove"))) confirmRemoval(found);
  else if ((found = at(".cw-about"))) askAbout(found);
  else if ((found = at(".cw-marker"))) { event.preventDefault(); openCard(found); }
  else if (isPlain(event) && (found = at(".cw-open"))) { event.preventDefault(); openArticleLink(found); }
  for (const menu of document.querySelectorAll(".cw-menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches(".cw-feedback form")) return;
  event.preventDefault();
  sendFeedback(event.target);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll(".cw-menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  // A preview goes away without the pointer or the focus having to move; it may come back afterwards.
  const mark = document.querySelector(".cw-ref:hover, .cw-ref:focus-within");
  if (mark) {
    mark.classList.add("cw-dismissed");
    const back = () => mark.classList.remove("cw-dismissed");
    mark.addEventListener("mouseleave", back, { once: true });
    mark.addEventListener("focusout", back, { once: true });
  }
});

// On paper every card is open.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll(".cw-card:not([open])")];
  for (const card of opened) card.open = true;
});
addEventListener("afterprint", () => { for (const card of opened) card.open = false; });

// Gradio's folding parts do not say whether they are open.
const tellFolds = () => {
  for (const fold of document.querySelectorAll("button.label-wrap")) {
    fold.setAttribute("aria-expanded", String(fold.classList.contains("open")));
  }
};
document.addEventListener("focusin", tellFolds);
document.addEventListener("click", () => setTimeout(tellFolds));
tellFolds();

watch("value", () => show(props.value));
window.citewireShow = show; // for what comes where the person has moved to
show(isNamed() ? {} : props.value);

changePast();

// The page is shown once all of it is there (frame.css): its parts come one by one and push each other down.
function reveal() {
  if (document.querySelector("#cw-start") && askingBox()) {
    document.body.classList.add("cw-ready");
    restoreDraft();
    focusBox();
  }
  else requestAnimationFrame(reveal);
}
reveal();
