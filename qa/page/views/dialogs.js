// What opens over the page: an article, and the question whether one shall be removed. Part of the script in page.js.
async function openArticle(link) {
  const address = new URL(link.getAttribute("href"), document.baseURI);
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
  (document.querySelector(".gradio-container") ?? document.body).append(dialog);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => { dialog.remove(); link.focus(); });
  dialog.showModal();
  const mark = body.querySelector("mark");
  if (mark) mark.scrollIntoView({ block: "center" });
  body.focus({ preventScroll: true });
}

// Removing asks first; the server checks whether it is allowed.
function remove(button) {
  const dialog = document.createElement("dialog");
  dialog.className = "cw-dialog cw-confirm";
  dialog.setAttribute("aria-labelledby", "cw-confirm-words");
  const words = Object.assign(document.createElement("p"), { id: "cw-confirm-words" });
  words.textContent = `Remove “${button.dataset.title}” with all its versions? This cannot be undone.`;
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
      const answer = await fetch(new URL(`article/${button.dataset.article}`, document.baseURI), { method: "DELETE" });
      if (!answer.ok) { told.textContent = (await answer.json()).message; return; }
    } catch {
      told.textContent = "The page's server does not answer. Is it still running?";
      return;
    }
    dialog.close();
    button.closest("dialog")?.close();
    status.textContent = "Article removed.";
    document.dispatchEvent(new Event("cw-changed"));
  });
  dialog.showModal();
  no.focus();
}
