// A list of questions from a file: its text goes into the box, where it can be read and changed. Nothing is uploaded,
// so that it works where nothing may be. Part of the page's script.
const MOST_LIST_BYTES = 4_000_000;
async function takeList(file) {
  if (!/\.(csv|tsv|txt|jsonl)$/i.test(file.name)) { tell("A list of questions is a .csv, .tsv, .txt or .jsonl file. Rows of a spreadsheet can be pasted."); return; }
  if (file.size > MOST_LIST_BYTES) { tell("This file is too long for a list of questions."); return; }
  const bytes = new Uint8Array(await file.arrayBuffer());
  const [first, second] = bytes;
  const kind = first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  const box = document.querySelector("#cw-list textarea");
  try {
    box.value = new TextDecoder(kind, { fatal: true }).decode(bytes);
  } catch {
    box.value = new TextDecoder("windows-1252").decode(bytes);
  }
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
}
// A cell of the table takes clicks for itself, and draws itself anew under the pointer.
const tableLink = (event) => (isPlain(event) ? event.target.closest?.("#cw-table .cw-open") : null);
document.addEventListener("mousedown", (event) => { if (tableLink(event)) event.stopPropagation(); }, true);
document.addEventListener("click", (event) => {
  const link = tableLink(event);
  if (!link) return;
  event.preventDefault();
  event.stopPropagation();
  openArticleLink(link);
}, true);
const listPlace = (event) => event.target.closest?.("#cw-list, .cw-file");
document.addEventListener("change", ({ target }) => {
  if (!target.matches(".cw-file input") || !target.files.length) return;
  takeList(target.files[0]);
  target.value = "";
});
document.addEventListener("dragover", (event) => { if (listPlace(event)) event.preventDefault(); });
document.addEventListener("drop", (event) => {
  const [file] = event.dataTransfer?.files ?? [];
  if (!file || !listPlace(event)) return;
  event.preventDefault();
  takeList(file);
});
