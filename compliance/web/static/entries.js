// A nicety: a block of cells copied from a spreadsheet fills the fields from the focused one on.
"use strict";

(() => {
  for (const table of document.querySelectorAll("[data-paste]")) {
    const rows = [...table.tBodies[0].rows];
    const field = (row, column) => rows[row]?.cells[column]?.querySelector("input");
    const place = (input) => {
      const cell = input.closest("td");
      return [rows.indexOf(cell.parentElement), cell.cellIndex];
    };
    table.addEventListener("paste", (event) => {
      const input = event.target.closest("input");
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (!input || !/[\t\n]/.test(text.trim())) return;
      event.preventDefault();
      const [top, left] = place(input);
      const lines = text.replace(/\r/g, "").replace(/\n+$/, "").split("\n");
      lines.forEach((line, down) => line.split("\t").forEach((value, right) => {
        const target = field(top + down, left + right);
        if (target) target.value = value.trim();
      }));
    });
    table.addEventListener("keydown", (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1, Enter: 1 }[event.key];
      const input = event.target.closest("input");
      if (!step || !input) return;
      const [row, column] = place(input);
      for (let at = row + step; at >= 0 && at < rows.length; at += step) {
        const next = field(at, column);
        if (next) { next.focus(); next.select(); break; }
      }
      event.preventDefault();
    });
  }
})();
