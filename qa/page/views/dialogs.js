// What opens over the page: an article, and the question whether something shall be removed. Part of the script in page.js.
// An article that is open is an entry of the history: Back closes it.
function openLinked(link) {
  const href = link.getAttribute("href");
  history.pushState({ ...history.state, article: href }, "");
  openArticle(href, link);
}

function openDialog(attributes, ...children) {
  const dialog = make("dialog", attributes, ...children);
  dialog.addEventListener("close", () => dialog.remove());
  overPage(dialog);
  dialog.showModal();
  return dialog;
}

// Gives the article's HTML, or why there is none.
async function articleHtml(href) {
  const address = new URL(href, document.baseURI);
  address.searchParams.set("part", "1");
  const answer = await request(address);
  if (answer?.ok) return [await answer.text()];
  return [null, answer ? "This article cannot be shown: it may have been removed." : SILENT];
}

async function openArticle(href, link) {
  const body = make("div", { class: "cw-dialog-body", tabindex: 0, role: "region", "aria-label": "Text of the article" });
  const [html, problem] = await articleHtml(href);
  body.innerHTML = html ?? `<p>${problem}</p>`;
  const close = makeButton("Close", "cw-close", () => dialog.close());
  const dialog = openDialog({ class: "cw-dialog", "aria-label": "Article" }, close, body);
  addSteps(dialog, body, link);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => {
    link?.focus();
    if (history.state?.article === href) history.back();
  });
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
  const told = make("p", { role: "alert" });
  const no = makeButton("Keep it", "", () => dialog.close());
  const yes = makeButton("Remove", "cw-danger", async () => {
    const answer = await request(button.dataset.at, { method: "DELETE" });
    if (!answer?.ok) { told.textContent = answer ? (await answer.json()).message : SILENT; return; }
    dialog.close();
    button.closest("dialog")?.close();
    tell(button.dataset.done);
    document.dispatchEvent(new Event("cw-changed"));
  });
  const words = make("p", { id: "cw-confirm-words" }, button.dataset.ask);
  const row = make("div", { class: "cw-actions" }, no, yes);
  const dialog = openDialog({ class: "cw-dialog cw-confirm", "aria-labelledby": words.id }, words, told, row);
  no.focus();
}
