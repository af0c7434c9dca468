// Niceties only: every page works without this file.
"use strict";

(() => {
  const rows = () => [...document.querySelectorAll("[data-row]")].filter((r) => !r.hidden);
  let at = -1;
  let waiting = false;

  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    all[at]?.classList.remove("selected");
    at = Math.min(Math.max(at + step, 0), all.length - 1);
    all[at].classList.add("selected");
    all[at].scrollIntoView({ block: "nearest" });
    all[at].querySelector("a, summary")?.focus({ preventScroll: true });
  };

  const help = document.getElementById("help");
  const helpButton = document.querySelector("[data-help]");
  if (helpButton && help) {
    helpButton.hidden = false;
    helpButton.addEventListener("click", () => help.showModal());
  }

  const go = (key) => {
    const places = { w: "work", t: "work", o: "duties", f: "findings", n: "nonconformities", c: "calendar" };
    const target = document.body.dataset[places[key]];
    if (target) location.assign(target);
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form[method=post]");
      if (form) { event.preventDefault(); form.requestSubmit(form.querySelector("button.primary")); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog[open], [contenteditable]")) return;
    if (waiting) {
      waiting = false;
      go(event.key);
      return;
    }
    switch (event.key) {
      case "g":
        waiting = true;
        setTimeout(() => { waiting = false; }, 1200);
        break;
      case "j": move(1); break;
      case "k": move(-1); break;
      case "?": if (help && !help.open) help.showModal(); break;
      case "/": {
        // The page's own filters first, else the search of the top bar.
        const of = (where) => document.querySelector(`${where} [role=search] input:not([type=hidden]):not([type=checkbox]), ${where} [role=search] select`);
        const field = of("main") || of(".top");
        if (field) { event.preventDefault(); field.focus(); }
        break;
      }
      default:
    }
  });

  // Search within the rows of a page.
  for (const field of document.querySelectorAll("[data-find]")) {
    const narrow = () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of document.querySelectorAll(`#${field.dataset.find} tbody tr`)) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      }
    };
    field.addEventListener("input", narrow);
    narrow();
  }

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  // A job that goes on: how far it is, asked for now and then; in another state the page is loaded anew.
  for (const place of document.querySelectorAll("[data-job]")) {
    const bar = place.querySelector("progress");
    const text = place.querySelector("[role=status]");
    const ask = async () => {
      try {
        const answer = await fetch(place.dataset.job, { headers: { Accept: "application/json" } });
        if (!answer.ok) return;
        const far = await answer.json();
        bar.max = far.of;
        bar.value = far.behind;
        if (text.textContent !== far.said) text.textContent = far.said;
        if (far.state !== place.dataset.state) { location.reload(); return; }
      } catch { /* the next one will do */ }
      setTimeout(ask, 2000);
    };
    setTimeout(ask, 1000);
  }

  // Upload with progress: first the bytes, then what the import reports.
  const form = document.getElementById("upload");
  if (form) {
    const drop = form.querySelector(".drop");
    const file = form.querySelector("input[type=file]");
    const busy = form.querySelector(".busy");
    const text = busy.querySelector("p");
    const bar = busy.querySelector("progress");
    for (const kind of ["dragover", "dragleave", "drop"]) {
      drop.addEventListener(kind, (event) => {
        event.preventDefault();
        drop.classList.toggle("over", kind === "dragover");
        if (kind === "drop" && event.dataTransfer.files.length) file.files = event.dataTransfer.files;
      });
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const name = [...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(16).padStart(2, "0")).join("");
      form.elements.upload.value = name;
      const request = new XMLHttpRequest();
      let timer = 0;
      busy.hidden = false;
      form.querySelector("button").disabled = true;
      text.textContent = form.dataset.sending;
      const fail = () => {
        clearInterval(timer);
        text.textContent = form.dataset.failed;
        form.querySelector("button").disabled = false;
      };
      const poll = async () => {
        try {
          const answer = await fetch(form.dataset.progress.replace("UPLOAD", name));
          const step = await answer.json();
          if (step.of) {
            bar.max = step.of;
            bar.value = step.done;
            text.textContent = `${form.dataset.checking} ${step.what || ""}`;
          }
        } catch { /* the next poll tries again */ }
      };
      request.upload.addEventListener("progress", (e) => {
        if (e.lengthComputable) { bar.max = e.total; bar.value = e.loaded; }
      });
      request.upload.addEventListener("load", () => {
        text.textContent = form.dataset.checking;
        bar.removeAttribute("value");
        timer = setInterval(poll, 500);
      });
      request.addEventListener("load", () => {
        clearInterval(timer);
        if (request.status === 200 && new URL(request.responseURL).pathname !== new URL(form.action).pathname) {
          location.assign(request.responseURL);
          return;
        }
        const page = new DOMParser().parseFromString(request.responseText, "text/html");
        const words = page.querySelector(".flash.bad, .error-page p");
        const problems = page.querySelector("[data-problems]");
        document.querySelector("[data-problems]")?.remove();
        if (problems) form.after(document.adoptNode(problems));
        fail();
        if (words) text.textContent = words.textContent.trim();
      });
      request.addEventListener("error", fail);
      request.open("POST", form.action);
      request.send(new FormData(form));
    });
  }
})();
