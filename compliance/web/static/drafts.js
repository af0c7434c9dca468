// What is typed into a form survives a reload: kept in this browser, by person and form, until the form has gone through.
// A nicety only: every page works without this file. Passwords and files are never kept.
"use strict";

(() => {
  const AGE = 14 * 24 * 3600 * 1000;
  const SENT = "draft-sent";
  const store = {
    read(key) { try { return JSON.parse(localStorage.getItem(key)) || {}; } catch { return {}; } },
    write(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); return true; } catch { return false; } },
    drop(key) { try { localStorage.removeItem(key); } catch { /* no storage: nothing was kept */ } },
    keys() { try { return Object.keys(localStorage).filter((k) => k.startsWith("draft:")); } catch { return []; } },
  };
  const sent = {
    get() { try { return sessionStorage.getItem(SENT); } catch { return null; } },
    set(key) { try { sessionStorage.setItem(SENT, key); } catch { /* then the next visit offers it again */ } },
    clear() { try { sessionStorage.removeItem(SENT); } catch { /* as above */ } },
  };

  const forms = [...document.querySelectorAll("form[data-draft]")];
  const keyOf = (form) => `draft:${form.dataset.draft}:${form.dataset.version}`;
  const current = new Set(forms.map(keyOf));
  const subjects = new Set([...forms, ...document.querySelectorAll("[data-draft-of]")].map((f) => f.dataset.draft || f.dataset.draftOf));

  // A form that was sent and is not shown again has gone through.
  const last = sent.get();
  if (last && !current.has(last)) store.drop(last);
  sent.clear();
  // A form's version names the state it was made for; what was kept for another one is of no use.
  for (const key of store.keys()) {
    const stale = Date.now() - (store.read(key).at || 0) > AGE;
    const moved = !current.has(key) && [...subjects].some((s) => key.startsWith(`draft:${s}:`));
    if (stale || moved) store.drop(key);
  }

  let open = false;
  const dirty = new Set();
  addEventListener("beforeunload", (event) => {
    if (dirty.size && !open) event.preventDefault();
  });

  for (const form of forms) {
    const key = keyOf(form);
    const note = form.querySelector("[data-saved]");
    const restored = form.querySelector("[data-restored]");
    const fields = [...form.elements].filter(
      (e) => e.name && e.tagName !== "BUTTON" && !["hidden", "password", "file", "submit", "checkbox", "radio"].includes(e.type));
    const refused = form.querySelector("[role=alert]");
    const values = store.read(key).values || {};
    let back = false;
    for (const field of fields) {
      if (typeof values[field.name] === "string" && values[field.name] !== field.value && !refused) {
        field.value = values[field.name];
        back = true;
      }
    }
    if (back) {
      const around = form.closest("details");
      if (around) around.open = true;
      if (restored) restored.hidden = false;
      dirty.add(form);
    }
    form.querySelector("[data-discard]")?.addEventListener("click", () => {
      store.drop(key);
      form.reset();
      dirty.delete(form);
      restored.hidden = true;
      if (note) note.hidden = true;
      fields[0]?.focus();
    });
    form.addEventListener("input", () => {
      dirty.add(form);
      const done = store.write(key, { at: Date.now(), values: Object.fromEntries(fields.map((f) => [f.name, f.value])) });
      if (note && done) { note.hidden = false; note.textContent = note.dataset.saved; }
    });
    const button = form.querySelector("button.primary");
    form.addEventListener("submit", () => {
      open = true;
      sent.set(key);
      setTimeout(() => { button.disabled = true; }, 0);
    });
    addEventListener("pageshow", () => { button.disabled = false; open = false; });
  }
})();
