// Saved questions: a star beside a question saves it with the library, and their list. The server gives the list; a
// question is known by the address that asks it. Part of the page's script.
const savedList = document.createElement("template");
let isListed = false;
const savedItem = (link) => [...savedList.content.querySelectorAll(".cw-past-open")]
  .find((open) => open.getAttribute("href") === link)?.closest("li");

async function showSaved() {
  isListed = true;
  const answer = await request("saved");
  const problem = "<p>Saved questions cannot be shown: is the page's server still running?</p>";
  savedList.innerHTML = answer?.ok ? await answer.text() : problem;
  const place = document.querySelector(".cw-saved");
  // What is shown already stays, so that a click at this moment is not lost.
  if (place && place.innerHTML !== savedList.innerHTML) {
    const hadFocus = place.contains(document.activeElement);
    place.replaceChildren(savedList.content.cloneNode(true));
    if (hadFocus) place.focus();
  }
  markStars();
}

function markStars() {
  const stars = document.querySelectorAll(".cw-star");
  if (stars.length && !isListed) showSaved();
  for (const star of stars) star.setAttribute("aria-pressed", String(Boolean(savedItem(star.dataset.saved))));
}

// What was answered to a question goes with it: whoever takes a star away is asked first.
async function star(button) {
  const item = savedItem(button.dataset.saved);
  const away = item?.querySelector(".cw-remove");
  if (item?.hasAttribute("data-asked")) { confirmRemoval(away); return; }
  const [path, method] = away ? [away.dataset.at, "DELETE"] : [`saved${button.dataset.saved}`, "POST"];
  const answer = await request(path, { method });
  tell(answer ? (await answer.json()).message : SILENT);
  showSaved();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.(".cw-star");
  if (button) star(button);
  else if (event.target.closest?.(".cw-saved .cw-past-open")) tabs()[0].click();
});
document.addEventListener("cw-saved", showSaved);
document.addEventListener("cw-changed", () => { if (isListed) showSaved(); });
