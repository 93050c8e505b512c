// What opens over the page: an article, and the question whether something shall be removed. Part of the script in page.js.
// An article that is open is an entry of the history: Back closes it.
function openLinked(link) {
  const href = link.getAttribute("href");
  history.pushState({ ...history.state, article: href }, "");
  openArticle(href, link);
}

async function openArticle(href, link) {
  const address = new URL(href, document.baseURI);
  address.searchParams.set("part", "1");
  const dialog = document.createElement("dialog");
  dialog.className = "cw-dialog";
  dialog.setAttribute("aria-label", "Article");
  const close = Object.assign(document.createElement("button"), { type: "button", textContent: "Close" });
  close.className = "cw-button cw-close";
  close.addEventListener("click", () => dialog.close());
  const body = document.createElement("div");
  body.className = "cw-dialog-body";
  body.tabIndex = 0;
  body.setAttribute("role", "region");
  body.setAttribute("aria-label", "Text of the article");
  try {
    const answer = await fetch(address);
    body.innerHTML = answer.ok ? await answer.text() : "<p>This article cannot be shown: it may have been removed.</p>";
  } catch {
    body.innerHTML = "<p>The page's server does not answer. Is it still running?</p>";
  }
  dialog.append(close, body);
  addSteps(dialog, body, link);
  (document.querySelector(".gradio-container") ?? document.body).append(dialog);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => {
    dialog.remove();
    link?.focus();
    if (history.state?.article === href) history.back();
  });
  dialog.showModal();
  const mark = body.querySelector("#quote") ?? body.querySelector("mark");
  if (mark) mark.scrollIntoView({ block: "center" });
  body.focus({ preventScroll: true });
}

// The next questions go to one article alone, wherever it was opened.
function askAbout(button) {
  const { article: id, title } = button.dataset;
  const go = () => {
    tabs()[0].click();
    document.dispatchEvent(new CustomEvent("cw-about", { detail: { id, title } }));
    status.textContent = `Your next questions go to “${title}” alone.`;
    setTimeout(() => askingBox().focus());
  };
  const dialog = button.closest("dialog");
  if (!dialog) { go(); return; }
  // Closing it steps back in the history, to the tab that it was opened in.
  addEventListener("popstate", go, { once: true });
  dialog.close();
}

// Removing asks first; the server checks whether it is allowed.
function remove(button) {
  const dialog = document.createElement("dialog");
  dialog.className = "cw-dialog cw-confirm";
  dialog.setAttribute("aria-labelledby", "cw-confirm-words");
  const words = Object.assign(document.createElement("p"), { id: "cw-confirm-words" });
  words.textContent = button.dataset.ask;
  const told = document.createElement("p");
  told.setAttribute("role", "alert");
  const no = Object.assign(document.createElement("button"), { type: "button", textContent: "Keep it" });
  const yes = Object.assign(document.createElement("button"), { type: "button", textContent: "Remove" });
  no.className = "cw-button";
  yes.className = "cw-button cw-danger";
  const row = document.createElement("div");
  row.className = "cw-actions";
  row.append(no, yes);
  dialog.append(words, told, row);
  (document.querySelector(".gradio-container") ?? document.body).append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  no.addEventListener("click", () => dialog.close());
  yes.addEventListener("click", async () => {
    try {
      const answer = await fetch(new URL(button.dataset.at, document.baseURI), { method: "DELETE" });
      if (!answer.ok) { told.textContent = (await answer.json()).message; return; }
    } catch {
      told.textContent = "The page's server does not answer. Is it still running?";
      return;
    }
    dialog.close();
    button.closest("dialog")?.close();
    tell(button.dataset.done);
    document.dispatchEvent(new Event("cw-changed"));
  });
  dialog.showModal();
  no.focus();
}
