// Sections of a document are kept as soon as a field is left. A nicety only: every section has a button that keeps it.
"use strict";

(() => {
  for (const form of document.querySelectorAll("form[data-autosave]")) {
    const state = form.querySelector("[data-state]");
    let running = Promise.resolve();
    const save = async () => {
      state.textContent = form.dataset.saving;
      try {
        const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Autosave": "1" } });
        state.textContent = answer.ok ? form.dataset.saved : (await answer.text()).slice(0, 300) || form.dataset.failed;
        state.classList.toggle("bad", !answer.ok);
      } catch {
        state.textContent = form.dataset.failed;
        state.classList.add("bad");
      }
    };
    form.addEventListener("change", () => { running = running.then(save); });
  }
})();
