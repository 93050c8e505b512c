// The box of the question: its count of characters, what is typed and not asked, its keys. Part of the page's script.
// The box counts where a question gets long, and says why it does not ask.
const counter = () => document.querySelector(".cw-count");
function showCount(words) {
  const counted = counter();
  counted.textContent = words;
  counted.classList.add("cw-over");
}
const askingBox = () => document.querySelector("#cw-question textarea");
document.addEventListener("input", ({ target }) => {
  if (target !== askingBox()) return;
  sessionStorage.setItem("citewire-draft", target.value);
  const counted = counter();
  const most = Number(counted.dataset.most);
  const length = [...target.value].length;
  counted.textContent = length > 0.75 * most ? `${length.toLocaleString("en")} of ${most.toLocaleString("en")} characters` : "";
  counted.classList.toggle("cw-over", length > most);
});

// The browser's tab keeps what is typed and not asked: a restart of the server reloads the page. Who has been quick
// to type keeps that.
function restoreDraft() {
  const [box, draft] = [askingBox(), sessionStorage.getItem("citewire-draft")];
  if (!draft || box.value) return;
  box.value = draft;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

// The box is ready to type in before anything is asked, except under a finger, which would have to put the keyboard away.
function focusBox() {
  const isOpen = document.activeElement === document.body && !document.body.classList.contains("cw-asked");
  if (isOpen && matchMedia("(hover: hover)").matches) askingBox()?.focus({ preventScroll: true });
}

// "/" goes to the box; there, with nothing typed, the arrow up brings the last question back.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const box = askingBox();
  if (event.key === "/" && box?.checkVisibility() && !event.target.closest("input, textarea, select, dialog")) {
    event.preventDefault();
    box.focus();
  }
  const last = turns.querySelector(".cw-turn:last-child h2");
  if (event.key === "ArrowUp" && event.target === box && !box.value && last) {
    event.preventDefault();
    box.value = last.textContent;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
