// The board of the projector: asks the host every second for what it has drawn, and sends the teacher's commands. Everything else is done by
// the host, in Rust.

const KEPT = "resnette-board";
const view = document.getElementById("view");
const told = document.getElementById("told");
let drawn = "";

// The token comes behind the link's # and leaves the address bar at once, which a class can read on the projector.
let token = location.hash.slice(1);
try {
  if (token) sessionStorage.setItem(KEPT, token);
  else token = sessionStorage.getItem(KEPT) ?? "";
} catch {
  // Without site data the board works until it is reloaded.
}
history.replaceState(null, "", location.pathname);

async function ask(path, options = {}) {
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await fetch(path, { ...options, headers, signal: AbortSignal.timeout(10_000) });
  if (answer.status === 401) throw new Error("This is not the teacher’s link. Open the one that the terminal shows.");
  const text = await answer.text();
  if (!answer.ok) throw new Error(text || "The host refused the command.");
  return text;
}

async function show() {
  try {
    const text = await ask("/board/view");
    if (text !== drawn) view.innerHTML = drawn = text;
    if (told.dataset.broken) tell("");
  } catch (error) {
    tell(error instanceof TypeError || error.name === "TimeoutError" ? "The host does not answer. Is it still running?" : error.message, "broken");
  }
  setTimeout(show, 1_000);
}

function tell(text, broken = "") {
  told.textContent = text;
  told.dataset.broken = broken;
}

async function command(what, done) {
  try {
    await ask("/board/command", { method: "POST", body: JSON.stringify(what) });
    tell(done);
    return true;
  } catch (error) {
    tell(error.message);
    return false;
  }
}

const DONE = {
  start: "Started for all who are ready.",
  stop: "Stopped.",
  delete: "Deleted.",
};

document.getElementById("teacher").addEventListener("click", (event) => {
  const what = event.target.dataset?.command;
  if (!what) return;
  if (what === "delete" && !confirm("Delete all runs and the experiment from the board?")) return;
  command(what, DONE[what]);
});

document.getElementById("propose").addEventListener("submit", (event) => {
  event.preventDefault();
  command({ propose: event.target.link.value }, "Sent to all.");
});

document.getElementById("nickname").addEventListener("submit", (event) => {
  event.preventDefault();
  const seat = Number(event.target.seat.value);
  const what = event.submitter?.value === "show" ? { show: seat } : { hide: seat };
  command(what, what.hide ? "Hidden." : "Shown.");
});

document.getElementById("paste").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  // What could not be added stays, to be mended.
  if (await command({ paste: form.code.value.replace(/\s/g, "") }, "Added.")) form.reset();
});

document.getElementById("export").addEventListener("click", async () => {
  try {
    const url = URL.createObjectURL(new Blob([await ask("/board/runs.csv")], { type: "text/csv" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: "class-runs.csv" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 1_000);
  } catch (error) {
    tell(error.message);
  }
});

show();
