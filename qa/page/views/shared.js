// What all parts of the page's script use: elements, requests, messages, dialogs.
function make(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
function makeButton(words, kind, press) {
  const made = make("button", { type: "button", class: `cw-button ${kind}` }, words);
  made.addEventListener("click", press);
  return made;
}
const overPage = (made) => (document.querySelector(".gradio-container") ?? document.body).append(made);
const request = (path, options) => fetch(new URL(path, document.baseURI), options).catch(() => null);
const SILENT = "The page's server does not answer. Is it still running?";
const isPlain = (event) => !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);

function tell(words) {
  document.querySelector(".cw-toast")?.remove();
  const toast = make("p", { class: "cw-toast", role: "status" }, words);
  overPage(toast);
  setTimeout(() => toast.remove(), 6000);
}

function openDialog(attributes, ...children) {
  const dialog = make("dialog", attributes, ...children);
  dialog.addEventListener("close", () => dialog.remove());
  overPage(dialog);
  dialog.showModal();
  return dialog;
}

// Removing asks first; the server checks whether it is allowed.
function confirmRemoval(button) {
  const told = make("p", { role: "alert" });
  const no = makeButton("Keep it", "", () => dialog.close());
  const yes = makeButton("Remove", "cw-danger", async () => {
    const answer = await request(button.dataset.at, { method: "DELETE" });
    if (!answer?.ok) { told.textContent = answer ? (await answer.json()).message : SILENT; return; }
    dialog.close();
    button.closest("dialog")?.close();
    tell(`${button.dataset.done} ${(await answer.json()).notice ?? ""}`.trim());
    document.dispatchEvent(new Event("cw-changed"));
  });
  const words = make("p", { id: "cw-confirm-words" }, button.dataset.ask);
  const row = make("div", { class: "cw-actions" }, no, yes);
  const dialog = openDialog({ class: "cw-dialog cw-confirm", "aria-labelledby": words.id }, words, told, row);
  no.focus();
}
