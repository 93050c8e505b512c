// An article over the page. While it is open it is an entry of the history: Back closes it. Part of the page's script.
function openArticleLink(link) {
  const href = link.getAttribute("href");
  history.pushState({ ...history.state, article: href }, "");
  openArticle(href, link);
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
  addCitationSteps(dialog, body, link);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => {
    link?.focus();
    if (history.state?.article === href) history.back();
  });
  const mark = body.querySelector("#quote") ?? body.querySelector("mark");
  if (mark) mark.scrollIntoView({ block: "center" });
  body.focus({ preventScroll: true });
}

// In an article that was opened from a card: the ways to the citations before and after it.
function addCitationSteps(dialog, body, link) {
  const links = [...(link?.closest(".cw-turn")?.querySelectorAll(".cw-card .cw-links .cw-open") ?? [])];
  let at = links.indexOf(link);
  if (at < 0 || links.length < 2) return;
  const told = make("span", {});
  const [back, on] = [["Previous", -1], ["Next", 1]].map(([words, step]) => makeButton(words, "", () => goTo(at + step)));
  const tellPlace = () => {
    told.textContent = `${at + 1} of ${links.length}`;
    back.disabled = at === 0;
    on.disabled = at === links.length - 1;
  };
  const goTo = async (place) => {
    const [html, problem] = await articleHtml(links[place].getAttribute("href"));
    if (problem) { tell(problem); return; }
    body.innerHTML = html;
    at = place;
    tellPlace();
    body.querySelector("mark")?.scrollIntoView({ block: "center" });
  };
  dialog.prepend(make("nav", { class: "cw-steps", "aria-label": "Citations" }, back, told, on));
  tellPlace();
}

// The next questions go to one article alone, wherever it was opened.
function askAbout(button) {
  const { article: id, title } = button.dataset;
  const setFilter = () => {
    tabs()[0].click();
    document.dispatchEvent(new CustomEvent("cw-about", { detail: { id, title } }));
    status.textContent = `Your next questions go to “${title}” alone.`;
    setTimeout(() => askingBox().focus());
  };
  const dialog = button.closest("dialog");
  if (!dialog) { setFilter(); return; }
  // Closing it steps back in the history, to the tab that it was opened in.
  addEventListener("popstate", setFilter, { once: true });
  dialog.close();
}
